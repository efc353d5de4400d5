# shellcheck shell=bash
# test/lab/tomcat.sh -- the real service: Tomcat 10 on both nodes, its documents on an NFS server in the storage LAN.
#
# The server is nfs-ganesha on a machine of its own (namespace "nfs", 10.10.10.13), with a disk that outlives its power.
# Each node mounts the export through nfsmount, in its own mount namespace and at the same path; a node that does not get
# through to the server hangs in the kernel as with mount.nfs's "hard". Tomcat runs on both nodes; who gives up the VIP
# stops it, which proves that no request of its time is still writing, and starts it again afterwards.
[ -n "${LAB:-}" ] || . "$(dirname "${BASH_SOURCE[0]}")/lab.sh"

NFS=10.10.10.13
TOMCAT=/usr/share/tomcat10

nfs_needs() { # exits 77: cannot run here
	lab_needs rpcbind ganesha.nfsd
	[ -x "$TOOLS/nfsmount" ] || { echo "needs $TOOLS/nfsmount: make lab-tools" >&2; exit 77; }
	{ : <>/dev/fuse; } 2>/dev/null || { echo "needs /dev/fuse, for a mount of NFS in user space" >&2; exit 77; }
}

tomcat_needs() {
	nfs_needs
	lab_needs java
	[ -d $TOMCAT/bin ] || { echo "needs Tomcat 10 in $TOMCAT" >&2; exit 77; }
}

# Before `given`: the pair serves a page of Tomcat, checks it, and checks its storage.
tomcat_pair() { # [FALL]
	tomcat_needs
	[ -n "${PREFIX:-}" ] || lab_pair
	nfs_machine
	nfs_start
	mkdir "$RUN/docs"
	local node
	for node in A B; do
		nfs_node "$node"
		tomcat_node "$node"
	done
	tomcat_script
	option more "health: { checks = (
		{ name = \"tomcat\"; type = \"http\"; url = \"http://127.0.0.1/\"; interval = 0.5; timeout = 1.0;
		  rise = 2; fall = ${1:-2}; start_delay = 20.0; },
		{ name = \"data\"; type = \"nfs\"; path = \"$RUN/docs\"; fstype = \"fuse.nfs\"; mount_source = \"$NFS:/docs\";
		  write = true; interval = 0.5; timeout = 1.0; rise = 2; fall = ${1:-2}; } ); };
		release: { script = \"$RUN/tomcat\"; release_timeout = 6.0; };
		notify: { notify = \"$RUN/tomcat\"; script_user = \"root\"; };"
	lab_configure
}

# --- the NFS server -----------------------------------------------------------------------------------------------

nfs_machine() { # its cables, and its disk: a tmpfs that lives as long as the process which holds it
	local n=$RUN/nfs
	mkdir -p "$n/docs"
	ip netns add "$PREFIX-nfs"
	lab_port stor nfs nfs eth0 02:68:66:00:02:0d | switch -b -
	in_ns nfs sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
	ip -n "$PREFIX-nfs" -b - <<-X
		addr add $NFS/24 dev eth0
		link set eth0 up
		link set lo up
	X
	cat >"$n/ganesha.conf" <<-X
		NFS_CORE_PARAM { Protocols = 3; NFS_Port = 2049; MNT_Port = 20048; Enable_NLM = false; Enable_RQUOTA = false;
		                 Bind_addr = $NFS; mount_path_pseudo = true; }
		EXPORT { Export_Id = 1; Path = $n/docs; Pseudo = /docs; Access_Type = RW; Squash = No_Root_Squash;
		         SecType = sys; Protocols = 3; Transports = TCP; FSAL { Name = VFS; } }
		LOG { Default_Log_Level = EVENT; }
	X
	cat >"$n/disk" <<-X
		mount -t tmpfs lab $n/docs && mount -t tmpfs lab /run && mkdir /run/ganesha /run/rpcbind || exit 1
		mkdir -m 1777 $n/docs/ROOT
		echo '<html><title>NFS</title>Tomcat serves this page from the NFS server.</html>' >$n/docs/ROOT/index.html
		echo \$\$ >$n/disk.pid
		exec sleep infinity
	X
	cat >"$n/start" <<-X
		echo \$\$ >$CGROUPS/$PREFIX-nfs/cgroup.procs
		rm -f /run/rpcbind* /run/ganesha/*
		rpcbind -w -f &
		while [ ! -S /run/rpcbind.sock ]; do sleep 0.02; done
		exec ganesha.nfsd -F -L $n/log -f $n/ganesha.conf -p $n/pid
	X
	mkdir "$CGROUPS/$PREFIX-nfs"
	lab_run nsenter --net="/run/netns/$PREFIX-nfs" unshare -m sh "$n/disk" 2>"$n/disk.err"
	poll_until 10 test -s "$n/disk.pid" || fail "no disk for the NFS server: $(cat "$n/disk.err")"
}

nfs_start() { # it boots
	local pid
	pid=$(cat "$RUN/nfs/disk.pid")
	lab_run nsenter -t "$pid" --net --mount sh "$RUN/nfs/start" >>"$RUN/nfs/boot.log" 2>&1
	poll_until 30 nfs_listens || fail "the NFS server does not start: $(tail -n 5 "$RUN/nfs/log" "$RUN/nfs/boot.log")"
	cable_in nfs stor
}
nfs_listens() { [ -n "$(in_ns nfs ss -Hltn sport = :20048)" ]; }

nfs_stop() { # its power is gone
	cable_out nfs stor
	echo 1 >"$CGROUPS/$PREFIX-nfs/cgroup.kill"
	poll_until 10 grep -q 'populated 0' "$CGROUPS/$PREFIX-nfs/cgroup.events"
}

nfs_node() { # NODE: it mounts the export when it boots
	lab_service "$1" nfs "-r 200" "$TOOLS/nfsmount $NFS:/docs $RUN/docs"
}
nfs_cut() { rule "nfs_$1" "stor-$1" in "ip daddr $NFS"; } # NODE: its way to the server is cut, nothing else

# --- Tomcat -------------------------------------------------------------------------------------------------------

# As small as Tomcat gets: one connector, one context, the servlet for files, nothing remembered. The documents are the
# same on both nodes, the header "Server" names the node.
tomcat_node() { # NODE
	local base=$RUN/$1/tomcat
	mkdir -p "$base/conf" "$base/logs" "$base/temp" "$base/work"
	cat >"$base/conf/server.xml" <<-X
		<Server port="-1">
		  <Service name="Catalina">
		    <Connector port="80" protocol="HTTP/1.1" server="Tomcat on Node$1" maxThreads="40" />
		    <Engine name="Catalina" defaultHost="localhost">
		      <Host name="localhost" autoDeploy="false" deployOnStartup="false">
		        <Context path="" docBase="$RUN/docs/ROOT"><Resources cachingAllowed="false" />
		          <JarScanner scanClassPath="false" scanManifest="false" /></Context>
		      </Host>
		    </Engine>
		  </Service>
		</Server>
	X
	cat >"$base/conf/web.xml" <<-X
		<web-app xmlns="https://jakarta.ee/xml/ns/jakartaee" version="6.0" metadata-complete="true">
		  <servlet><servlet-name>default</servlet-name>
		    <servlet-class>org.apache.catalina.servlets.DefaultServlet</servlet-class></servlet>
		  <servlet-mapping><servlet-name>default</servlet-name><url-pattern>/</url-pattern></servlet-mapping>
		  <welcome-file-list><welcome-file>index.html</welcome-file></welcome-file-list>
		</web-app>
	X
	cat >"$base/start" <<-X
		until mountpoint -q $RUN/docs; do sleep 0.05; done
		cd $base
		exec java -Xmx64m -Xss512k -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xshare:auto -Djava.awt.headless=true \\
			-Djava.security.egd=file:/dev/urandom -Dcatalina.home=$TOMCAT -Dcatalina.base=$base \\
			-Djava.io.tmpdir=$base/temp -classpath $TOMCAT/bin/bootstrap.jar:$TOMCAT/bin/tomcat-juli.jar \\
			org.apache.catalina.startup.Bootstrap start
	X
	lab_service "$1" web "-r 0" "sh $base/start"
	: >"$RUN/$1/services/web.disabled" # the notify script starts it
}

# The release script and the notify script in one, on the node itself: any state but STOP starts Tomcat, a release ends
# it, which proves that nothing of it is writing any more.
tomcat_script() {
	cat >"$RUN/tomcat" <<-X
		#!/bin/sh
		node=B
		ip -o addr show dev enp11s0f2 | grep -q ' 10.20.20.21/' && node=A
		case "\$1 \${3:-}" in
		'release '*) exec sh $LAB/node.sh $RUN stop \$node web ;;
		*STOP) ;;
		*) exec sh $LAB/node.sh $RUN start \$node web ;;
		esac
	X
	chmod 755 "$RUN/tomcat"
}

tomcat_serves() { in_ns "$1" curl -s -m 2 "http://127.0.0.1/" | grep -q 'from the NFS server'; } # NODE
tomcat_of_both() { # a Java machine takes seconds of CPU to start
	poll_until 60 tomcat_serves A && poll_until 60 tomcat_serves B ||
		fail "Tomcat does not start: $(tail -qn 5 "$RUN"/?/service/web/log "$RUN"/?/service/nfs/log)"
}

# Killed, and what starts it is broken, too, until it is repaired.
tomcat_dies() { mv "$RUN/$1/services/web" "$RUN/$1/web.broken"; service_signal "$1" web KILL; } # NODE
tomcat_returns() { mv "$RUN/$1/web.broken" "$RUN/$1/services/web"; service_start "$1" web; }
