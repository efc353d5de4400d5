#!/bin/bash
# test/lab/lab.sh -- two nodes, their IMMs, three LANs and an observer, in network namespaces of one run.
#
# Source it for the functions, or run it:
#
#	lab.sh leftovers [--remove]	what runs whose shell is gone have left behind (exit 1 if anything)
#	lab.sh shell			a pair that runs, and a shell to look at it
#
# Every run has a prefix of its own (hfl<pid>) for namespaces and cgroups, and a folder of its own for the rest; both
# are gone after lab_down, which the traps call also on failure and on Ctrl-C.
#
#	LAN	switch port	node A, node B			others
#	svc	svc-X		enp11s0f0  192.168.1.198, .199	gateway, client .1	VIP .210
#	stor	stor-X		enp11s0f1  10.10.10.11, .12	NFS server .13 (tomcat.sh)
#	mgmt	mgmt-X		enp11s0f2  10.20.20.21, .22	IMMs .31, .32, a third machine's .33

LAB=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
TOP=$(cd "$LAB/../.." && pwd)
HA_BUILD=$(realpath -m "${HA_BUILD:-$TOP/build}")
TOOLS=$HA_BUILD/test
VIP=192.168.1.210
GATEWAY=192.168.1.1
declare -A SERVICE=([A]=192.168.1.198 [B]=192.168.1.199) STORAGE=([A]=10.10.10.11 [B]=10.10.10.12)
declare -A IMM=([A]=10.20.20.31 [B]=10.20.20.32 [C]=10.20.20.33)
declare -A GUID=([A]=a0000000-1111-2222-3333-44444444000a [B]=b0000000-1111-2222-3333-44444444000b
	[C]=c0000000-1111-2222-3333-44444444000c)
PATIENCE=${PATIENCE:-3} # limits of a wait are meant for a machine with nothing else to do, and are that many times as long
FETCH_MS=${FETCH_MS:-50} # how often the client asks for a page; it pings every 10 ms
declare -A OPTION=() # what a case changes in the configuration

fail() { # the reason; ends the run
	printf '%s\n' "$*" >&2
	exit 1
}

CGROUPS=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)

in_ns() { nsenter --net="/run/netns/$PREFIX-$1" "${@:2}"; } # ip netns exec would hide the cgroups
in_node() { # NODE COMMAND...: with the node's mounts, too, if it runs
	local pid
	if read -r pid 2>/dev/null <"$CGROUPS/$PREFIX-$1/cgroup.procs"; then
		nsenter -t "$pid" --net --mount "${@:2}"
	else
		in_ns "$@"
	fi
}
switch() { ip -n "$PREFIX-sw" "$@"; }
mac_of() { # NODE LAN
	local -A lan=([svc]=1 [stor]=2 [mgmt]=3)
	echo "02:68:66:00:0${lan[$2]}:0${1,,}"
}

# --- up and down --------------------------------------------------------------------------------------------------

lab_needs() { # [TOOL...]; exits 77: cannot run here
	[ "$(id -u)" = 0 ] || { echo "needs root, for network namespaces" >&2; exit 77; }
	local tool
	for tool in ip nft nsenter ipmi_sim busybox jq tcpdump flock "$@"; do
		command -v "$tool" >/dev/null || { echo "needs $tool" >&2; exit 77; }
	done
	[ -w "$CGROUPS/cgroup.procs" ] || { echo "needs a writable cgroup2 hierarchy" >&2; exit 77; }
	for tool in observer service inject cable flood imm.so; do
		[ -x "$TOOLS/$tool" ] || { echo "needs $TOOLS/$tool: make lab-tools" >&2; exit 77; }
	done
}

lab_up() { # the network and everything else that has no power button
	PREFIX=hfl$BASHPID
	RUN=$(mktemp -d "$(lab_disk)/ha-lab.XXXXXX")
	[ "${KEEP:-0}" = 0 ] || echo "RUN=$RUN"
	trap 'lab_down' EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
	mkdir "$CGROUPS/$PREFIX-lab"
	printf '%s\n' "PREFIX=$PREFIX" "CGROUPS=$CGROUPS" "TOOLS=$TOOLS" "LAB=$LAB" "ROOT=$HA_BUILD/systemd-root" \
		>"$RUN/env"
	lab_network
	local node
	for node in A B; do lab_node "$node"; done
}

# In memory, if there is room: /run is so on every machine, and a daemon whose log cannot be written, because this machine's
# disk is busy with something else for a second, would be late for no fault of the lab's.
lab_disk() {
	local room
	room=$(df -k --output=avail /dev/shm 2>/dev/null | tail -n 1)
	if [ -z "${TMPDIR:-}" ] && [ "${room:-0}" -gt 4000000 ] && [ "$(stat -f -c %T /dev/shm)" = tmpfs ] &&
		! findmnt -n -o OPTIONS /dev/shm | grep -qw noexec; then
		echo /dev/shm
	else
		echo "${TMPDIR:-/tmp}"
	fi
}

lab_network() {
	local n node
	for n in sw A B gw immA immB immC; do echo "netns add $PREFIX-$n"; done | ip -b -
	# A switch does not ask the firewall about each frame (where the kernel has that at all).
	in_ns sw sysctl -qew net.bridge.bridge-nf-call-iptables=0 net.bridge.bridge-nf-call-arptables=0
	for n in svc stor mgmt; do
		echo "link add $n type bridge mcast_snooping 0 forward_delay 0 stp_state 0"
		echo "link set $n up"
	done | switch -b -
	{
		for node in A B; do
			lab_port svc "$node" "$node" enp11s0f0 "$(mac_of "$node" svc)"
			lab_port stor "$node" "$node" enp11s0f1 "$(mac_of "$node" stor)"
			lab_port mgmt "$node" "$node" enp11s0f2 "$(mac_of "$node" mgmt)"
		done
		lab_port svc gw gw eth0 02:68:66:00:01:01
		for node in A B C; do lab_port mgmt "imm$node" "imm$node" eth0 "02:68:66:00:03:f${node,,}"; done
	} | switch -b -
	for n in A B gw immA immB immC; do
		in_ns "$n" sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
	done
	ip -n "$PREFIX-gw" -b - <<-X
		addr add $GATEWAY/24 dev eth0
		link set eth0 up
		link set lo up
	X
	for node in A B C; do
		ip -n "$PREFIX-imm$node" -b - <<-X
			addr add ${IMM[$node]}/24 dev eth0
			link set eth0 up
			link set lo up
		X
	done
	for node in A B; do ip -n "$PREFIX-$node" link set lo up; done
}

lab_port() { # LAN PORT NS INTERFACE MAC, as lines for ip -b
	echo "link add $1-$2 type veth peer name $4 address $5 netns $PREFIX-$3"
	echo "link set $1-$2 master $1 up"
}

lab_node() { # what of a machine survives a loss of power: its disk, and its IMM's files
	local n=$RUN/$1
	mkdir -p "$n/etc" "$n/services" "$n/www" "$RUN/imm-$1/knobs" "$RUN/imm-$1/state"
	echo 0 >"$n/power"
	echo 0.2 >"$n/boot_delay"
	echo "<html><title>Node$1</title>served by Node$1</html>" >"$n/www/index.html"
	: >"$RUN/imm-$1/calls"
	lab_service "$1" web "-r 100" "busybox httpd -f -p 80 -h $n/www"
}

lab_service() { # NODE NAME OPTIONS COMMAND [ASSIGNMENT...]: started at every boot
	local node=$1 name=$2 options=$3 command=$4
	shift 4
	{
		printf 'options=%q\ncommand=%q\n' "$options" "$command"
		[ $# = 0 ] || printf 'export %s\n' "$@"
	} >"$RUN/$node/services/$name"
}

lab_run() { # a process of the lab's own, in the background, ended by lab_down
	# shellcheck disable=SC2016
	setsid sh -c 'echo $$ >"$0"; exec "$@"' "$CGROUPS/$PREFIX-lab/cgroup.procs" "$@" </dev/null &
	disown
}

lab_exit() { :; } # what a script has to clean up beside its lab
lab_failed() { :; } # what it has to look at before that, if it has failed

lab_down() {
	local status=$?
	trap - EXIT INT TERM HUP
	[ "$status" = 0 ] || [ "$status" = 77 ] || [ -z "${PREFIX:-}" ] || lab_failed
	lab_exit
	[ -n "${PREFIX:-}" ] || return "$status"
	lab_remove "$PREFIX"
	[ "${KEEP:-0}" = 1 ] || rm -rf "$RUN"
	PREFIX=
	return "$status"
}

lab_remove() { # PREFIX: its processes, cgroups and namespaces
	local group n
	# A process that hangs in the kernel (a frozen NFS server's client) takes its time to die.
	for group in "$CGROUPS/$1"-*; do
		for ((n = 0; n < 3000; n++)); do
			[ -d "$group" ] || break
			echo 1 >"$group/cgroup.kill"
			find "$group" -depth -type d -exec rmdir {} + 2>/dev/null && break
			sleep 0.01
		done
	done
	# Where the old hierarchy is mounted, systemd-nspawn repeats a container's group there.
	while read -r group; do
		find "$group" -maxdepth 1 -name "$1-*" -exec find {} -depth -type d -exec rmdir {} + \; 2>/dev/null || :
	done < <(awk '$3 == "cgroup" && /name=systemd/ { print $2 }' /proc/mounts)
	for n in /run/netns/"$1"-*; do
		[ -e "$n" ] && ip netns del "${n##*/}"
	done
	return 0
}

lab_left() { # PATH: a line on what was left behind, and why it may have been
	printf 'left behind: %s\n' "$1"
	[ ! -d "$1" ] || find "$1" -name cgroup.procs -exec cat {} + | while read -r pid; do
		printf '    process %s: %s\n' "$pid" "$(sed -n 's/^Name:[[:space:]]*//p; s/^State:[[:space:]]*/ /p' "/proc/$pid/status" 2>&1 | tr -d '\n')"
	done
}

lab_leftovers() { # [--remove]; 1 if there were any
	local found=() path prefix
	for path in /run/netns/hfl*-* "$CGROUPS"/hfl*-*; do
		[ -e "$path" ] || continue
		prefix=${path##*/}
		prefix=${prefix%%-*}
		[ -d "/proc/${prefix#hfl}" ] || found+=("$path")
	done
	[ ${#found[@]} = 0 ] && return 0
	for path in "${found[@]}"; do lab_left "$path"; done
	[ "${1:-}" = --remove ] || return 1
	for path in "${found[@]}"; do
		prefix=${path##*/}
		lab_remove "${prefix%%-*}"
	done
	return 1
}

# --- configuration and services -----------------------------------------------------------------------------------

setting() { echo "${OPTION[$1]:-$2}"; } # NAME DEFAULT

etc_of() { echo "$RUN/$1/etc"; } # NODE: its configuration's folder, as the node itself calls it

lab_configure() { # the same file on both nodes, and its secrets
	local node imm n
	for n in A B; do
		(
			umask 077
			cat >"$RUN/$n/etc/ha-fenced.conf" <<-X
				cluster: { name = "lab"; authkey_file = "$(etc_of "$n")/authkey";
				           hello_interval = $(setting hello_interval 0.2); };
				nodes = (
			X
			for node in A B; do
				imm=$(setting "imm_$node" "$node")
				cat >>"$RUN/$n/etc/ha-fenced.conf" <<-X
					  { name = "Node$node"; priority = $(setting "priority_$node" "$([ $node = A ] && echo 100 || echo 90)");
					    guid = "${GUID[$node]}";
					    links = ( { address = "${SERVICE[$node]}"; }, { address = "${STORAGE[$node]}"; } );
					    imm: { address = "${IMM[$imm]}"; username = "hafence"; privlvl = "$(setting privlvl operator)";
					           password_file = "$(etc_of "$n")/Node$node.imm"; };
					    $(setting "devices_$node" '') }$([ $node = A ] && echo ,)
				X
				setting "password_$node" fence-secret >"$RUN/$n/etc/Node$node.imm"
			done
			cat >>"$RUN/$n/etc/ha-fenced.conf" <<-X
				);
				vrrp = ( { name = "VI_1"; interface = "enp11s0f0"; virtual_router_id = 51;
				           version = $(setting version 2); advert_int = $(setting advert_int 1.0);
				           $([ "$(setting version 2)" = 2 ] && echo 'auth_pass = "1111";')
				           virtual_ipaddress = ( "$VIP/24" ); preempt = $(setting preempt false); } );
				fence: { action = "$(setting action off)"; after = $(setting after 3.0); settle = $(setting settle 1.0);
				         startup = "$(setting startup wait)"; startup_fence_delay = $(setting startup_fence_delay 600.0);
				         monitor_interval = $(setting monitor_interval 5.0); login_timeout = $(setting login_timeout 3.0);
				         priority_fencing_delay = $(setting priority_fencing_delay 10.0); };
				$(setting more '')
			X
			printf '%s\n' 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f >"$RUN/$n/etc/authkey"
		)
	done
}

daemon_command() { # NODE [RUNTIME-DIR]
	echo "$HA_BUILD/ha-fenced -c $RUN/$1/etc/ha-fenced.conf --node Node$1" \
		"--runtime-dir ${2:-$RUN/$1/run} --state-dir $RUN/$1/state"
}

daemon_service() { # NODE [OPTIONS [ASSIGNMENT...]]
	lab_service "$1" ha-fenced "${2:--r 100}" "$(daemon_command "$1")" "${@:3}"
}

hf() { # NODE ARGUMENT...: ha-fence on that node
	in_node "$1" "$HA_BUILD/ha-fence" -c "$RUN/$1/etc/ha-fenced.conf" --node "Node$1" \
		--runtime-dir "$RUN/$1/run" --state-dir "$RUN/$1/state" "${@:2}"
}

service_signal() { # NODE SERVICE SIGNAL: to the main process, as kill(1) does
	local pid
	pid=$(cat "$RUN/$1/service/$2/pid") || fail "$2 does not run on $1"
	kill "-$3" "$pid"
}

supervisor_signal() { # NODE SERVICE SIGNAL: to the service manager's part
	local pid
	# The oldest: a child that it has just forked has the same command line until its exec.
	pid=$(pgrep -o -f "^$TOOLS/service .*-d $RUN/$1/service/$2 ") || return 0
	kill "-$3" "$pid"
}

service_no_restart() { supervisor_signal "$1" "$2" USR1; sleep 0.05; }

service_stop() { # NODE SERVICE [later]: systemctl stop
	supervisor_signal "$1" "$2" TERM
	[ "${3:-}" = later ] || poll_until 20 service_gone "$1" "$2" || fail "$2 on $1 does not stop"
}

service_gone() { ! pgrep -f "^$TOOLS/service .*-d $RUN/$1/service/$2 " >/dev/null; }

service_start() { # NODE SERVICE: systemctl start
	in_node "$1" sh "$LAB/node.sh" "$RUN" start "$1" "$2"
}

poll_until() { # SECONDS COMMAND...: for what sends no event
	local end=$((${EPOCHREALTIME/./} + $1 * PATIENCE * 1000000))
	shift
	until "$@"; do
		((${EPOCHREALTIME/./} < end)) || return 1
		sleep 0.03
	done
}

# --- machines and IMMs --------------------------------------------------------------------------------------------

power_on() { sh "$LAB/node.sh" "$RUN" on "$1"; }
power_cut() { sh "$LAB/node.sh" "$RUN" off "$1"; } # the host's feed; its IMM lives on standby power
power_of() { [ "$(cat "$RUN/$1/power")" = 1 ] && echo on || echo off; }

power_cut_with_imm() { # one cord for both: in reality the IMM is as dead as the host
	imm_stop "$1"
	power_cut "$1"
}

disturbed() { : >"$RUN/$1/disturbed"; } # NODE: from here on the lab itself may keep its daemon from running

freeze() {
	disturbed "$1"
	echo 1 >"$CGROUPS/$PREFIX-$1/cgroup.freeze"
	poll_until 5 grep -q 'frozen 1' "$CGROUPS/$PREFIX-$1/cgroup.events" || fail "$1 does not freeze"
}
thaw() { echo 0 >"$CGROUPS/$PREFIX-$1/cgroup.freeze"; }

imm_start() { # NODE
	local node=$1 dir=$RUN/imm-$1
	[ "$node" = C ] && mkdir -p "$RUN/C" "$dir/knobs" "$dir/state" && echo 0 >"$RUN/C/power"
	echo "exec sh $LAB/chassis.sh $RUN $node \"\$@\"" >"$dir/chassis"
	cat >"$dir/lan.conf" <<-X
		name "imm$node"
		loadlib "$TOOLS/imm.so" "$dir"
		set_working_mc 0x20
		  startlan 1
		    addr ${IMM[$node]} 623
		    priv_limit admin
		    allowed_auths_callback none md2 md5 straight
		    allowed_auths_user none md2 md5 straight
		    allowed_auths_operator none md2 md5 straight
		    allowed_auths_admin none md2 md5 straight
		    guid $(setting "imm_guid_$node" "${GUID[$node]}" | tr -d -)
		  endlan
		  $([ -z "$(setting sensors '')" ] || echo console 127.0.0.1 9000)
		  chassis_control "sh $dir/chassis"
		  user 1 true "" "" user 10 none md2 md5 straight
		  user 2 true "hafence" "fence-secret" admin 10 none md2 md5 straight
	X
	printf '%s\n' 'mc_setbmc 0x20' 'mc_add 0x20 0 no-device-sdrs 0x23 9 8 0x9f 0x1291 0xf02 persist_sdr' \
		'sel_enable 0x20 1000 0x0a' "$(setting sensors '')" 'mc_enable 0x20' >"$dir/emu"
	lab_run nsenter --net="/run/netns/$PREFIX-imm$node" ipmi_sim -n -c "$dir/lan.conf" -f "$dir/emu" -s "$dir/state" \
		>>"$dir/log" 2>&1
	poll_until 10 imm_listens "$node" || fail "the IMM of $node does not start: $(cat "$dir/log")"
}

imm_tell() { # NODE COMMAND of ipmi_sim_cmd(5), when it has sensors
	# shellcheck disable=SC2016
	in_ns "imm$1" bash -c 'exec 3<>/dev/tcp/127.0.0.1/9000 && read -rn 1 -t 5 -u 3 _ && echo "$0" >&3 && sleep 0.1' "$2"
}

imm_listens() { [ -n "$(in_ns "imm$1" ss -Hlun sport = :623)" ]; }

end_all_of() { # COMMAND-LINE [SIGNAL]; a child that has just been forked has the same until its exec
	local pid
	for pid in $(pgrep -f "$1"); do kill "-${2:-TERM}" "$pid" 2>/dev/null; done
	return 0
}

imm_stop() { # the IMM is dead: no power, no process
	switch link set "mgmt-imm$1" down
	end_all_of "^ipmi_sim .*-s $RUN/imm-$1/state" KILL
	poll_until 5 imm_gone "$1"
}
imm_gone() { ! pgrep -f "^ipmi_sim .*-s $RUN/imm-$1/state" >/dev/null; }

imm_return() { # it boots again
	imm_start "$1"
	switch link set "mgmt-imm$1" up
}

imm_knob() { echo "${3:-1}" >"$RUN/imm-$1/knobs/$2"; } # NODE delay|refuse|stuck|lie|lag|completion [VALUE]
imm_well() { rm -f "$RUN/imm-$1/knobs/$2"; }
power_downs_of_running() { grep -c ' power 0.* was 1' "$RUN/imm-$1/calls" || true; } # an order to a host that is off harms nobody
power_downs() { grep -c ' power 0' "$RUN/imm-$1/calls" || true; }

# --- cables and the switch ----------------------------------------------------------------------------------------

cable_out() { switch link set "$2-$1" down; } # NODE LAN
cables_out() { # NODE LAN...: at the same moment, so that no consent slips through the last one
	local node=$1 lan
	shift
	for lan; do echo "link set $lan-$node down"; done | ip -n "$PREFIX-sw" -batch -
}
cable_in() { switch link set "$2-$1" up; }
cables_in() { local lan; for lan in "${@:2}"; do cable_in "$1" "$lan"; done; }

# rule NAME PORT in|out MATCH [ACTION]: on the switch's port; "in" is what its host sends. The action (drop) is counted.
rule() {
	local hook=ingress
	[ "$3" = out ] && hook=egress
	in_ns sw nft -f - <<-X
		table netdev $1 {
			chain c {
				type filter hook $hook device "$2" priority 0;
				$4 counter ${5:-drop}
			}
		}
	X
}
unrule() { in_ns sw nft delete table netdev "$1"; }
rule_count() { in_ns sw nft list table netdev "$1" | sed -n 's/.*counter packets \([0-9]*\).*/\1/p'; }

one_way_loss() { # FROM TO: nothing of FROM reaches TO, on no LAN of theirs
	local lan
	for lan in svc stor; do
		rule "loss_$1_$2_$lan" "$lan-$2" out "ether saddr $(mac_of "$1" $lan)"
	done
}
split() { one_way_loss A B; one_way_loss B A; }
heal() {
	local table
	in_ns sw nft list tables | while read -r _ _ table; do unrule "$table"; done
}

loss() { rule "loss_${1/-/_}" "$1" "$2" "${4:-} numgen random mod 100 < $3"; } # PORT in|out PERCENT [MATCH]
duplicate() { rule "dup_${1/-/_}" "$1" in "${3:-}" "dup to $2"; } # PORT PORT [MATCH]: what the first sends, twice to the second

bad_cable() { # PORT OPTION...: a cable that loses, doubles, delays (cable.c) between the port and its LAN
	local port=$1 lan=${1%%-*}
	switch -b - <<-X
		link set $port nomaster
		link set $port promisc on
		link add c$port type veth peer name b$port
		link set c$port promisc on
		link set c$port up
		link set b$port master $lan
		link set b$port up
	X
	lab_run nsenter --net="/run/netns/$PREFIX-sw" "$TOOLS/cable" "${@:2}" -s "$RUN/cable-$port" "$port" "c$port"
	poll_until 5 test -s "$RUN/cable-$port" || fail "the cable of $port does not start"
}
good_cable() { # PORT
	end_all_of "^$TOOLS/cable .*-s $RUN/cable-$1 "
	switch link del "c$1"
	switch link set "$1" promisc off
	switch link set "$1" master "${1%%-*}"
}
cable_does() { grep -q "\<$2 [1-9]" "$RUN/cable-$1"; } # PORT passed|lost|twice|overtaken|refused; it tells with a delay

stranger_up() { # a third machine on the service LAN, in namespace x
	ip netns add "$PREFIX-x"
	lab_port svc x x eth0 02:68:66:00:01:0f | switch -b -
	in_ns x sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
	ip -n "$PREFIX-x" -b - <<-X
		addr add 192.168.1.50/24 dev eth0
		link set eth0 up
		link set lo up
	X
}

# --- the observer -------------------------------------------------------------------------------------------------

observer_start() {
	lab_run "$TOOLS/observer" run -s "$RUN/observer.sock" -l "$RUN/observer.log" -v "$VIP" \
		-n "A=/run/netns/$PREFIX-A,$(mac_of A svc)" -n "B=/run/netns/$PREFIX-B,$(mac_of B svc)" \
		-c "/run/netns/$PREFIX-gw" -f "$FETCH_MS" 2>>"$RUN/observer.err"
	poll_until 5 test -S "$RUN/observer.sock" || fail "the observer does not start: $(cat "$RUN/observer.err")"
}

observe() { "$TOOLS/observer" ask "$RUN/observer.sock" "$@"; }
figure() { observe figures | jq -r "$1"; } # a jq expression over the figures

# The word of a wait: prints milliseconds since the mark.
observe_wait() {
	local word
	word=$(observe "$@") || return 1
	echo "${word#ok }"
}

lab_pair() { # [SERVICE-OPTIONS]: network, IMMs, observer, configuration; powered off
	lab_up
	local node
	for node in A B; do imm_start "$node"; done
	observer_start
	lab_configure
	for node in A B; do daemon_service "$node" "$@"; done
}

if [ "${BASH_SOURCE[0]}" = "$0" ]; then
	set -eu
	case ${1:-} in
	leftovers) lab_leftovers "${2:-}" ;;
	shell)
		lab_needs
		lab_pair
		power_on A
		power_on B
		echo "A pair under $RUN, prefix $PREFIX. Functions: in_ns, hf, power_cut, freeze, thaw, cable_out, observe."
		bash --rcfile <(echo "$(declare -p PREFIX RUN CGROUPS); . $LAB/lab.sh; PS1='lab $PREFIX> '") -i || true
		;;
	*) sed -n '2,13s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
	esac
fi
