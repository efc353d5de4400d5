# shellcheck shell=bash
# test/lab/systemd.sh -- nodes of the lab that boot a systemd of their own: a Debian root in an overlay, in a
# systemd-nspawn container that has the node's network namespace. Sourced by the cases s*.sh; `systemd.sh root` builds
# the root, once for all cases and runs: it is kept in the build folder.
#
#	systemd_pair		as lab_pair, both nodes with a systemd and what `make install` installs; powered off
#	systemd_unit NODE NAME	a unit file of standard input
#	on_node NODE COMMAND...	as root on that node
#	unit_is NODE UNIT STATE	as `systemctl is-active` says
[ -n "${LAB:-}" ] || . "$(dirname "${BASH_SOURCE[0]}")/lab.sh"

ROOT=$HA_BUILD/systemd-root
ROOT_PACKAGES=(systemd systemd-sysv dbus polkitd busybox iproute2 procps keepalived libconfig9 libcurl4 libjansson4
	libnl-3-200 libnl-route-3-200 libopenipmi0 libssl3)
WANTED=$ROOT/etc/ha-lab-root # the packages it was made of

systemd_needs() { # exits 77: cannot run here
	lab_needs systemd-nspawn mmdebstrap unshare make
	mkdir -p "$HA_BUILD"
	(
		flock 9
		[ "$(cat "$WANTED" 2>/dev/null)" = "${ROOT_PACKAGES[*]}" ] || systemd_root
	) 9>"$ROOT.lock" || { echo "no Debian root for a container: see $ROOT.log" >&2; exit 77; }
}

systemd_probe() { # exits 77 where no container can be made as machine.sh makes it
	local group=$CGROUPS/hfl$BASHPID-probe folder why status
	folder=$(mktemp -d "${TMPDIR:-/tmp}/ha-lab.XXXXXX")
	mkdir "$group" "$folder/up" "$folder/work" "$folder/root"
	# shellcheck disable=SC2016
	timeout 20 unshare -m --propagation private sh -c '
		set -e
		echo $$ >"$1/cgroup.procs"
		mkdir -p /run/systemd/nspawn
		mount -t tmpfs tmpfs /run/systemd/nspawn
		mount -t overlay -o "lowerdir=$3,upperdir=$2/up,workdir=$2/work" overlay "$2/root"
		export SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 SYSTEMD_NSPAWN_LOCK=0
		exec systemd-nspawn -q -D "$2/root" --register=no --keep-unit --console=pipe --resolv-conf=off \
			--timezone=off /bin/true' sh "$group" "$folder" "$ROOT" >"$folder/log" 2>&1 </dev/null
	status=$?
	why=$(grep -v 'dmesg(1)' "$folder/log" | tail -n 1)
	find "$group" -depth -type d -exec rmdir {} +
	rm -rf "$folder"
	[ $status = 0 ] || { echo "no container can be run here: $why" >&2; exit 77; }
}

systemd_root() { # some 45 s, 180 MB
	local packages
	packages=$(printf ',%s' "${ROOT_PACKAGES[@]}")
	rm -rf "${ROOT:?}"
	mmdebstrap --mode=root --variant=minbase --include="${packages#,}" \
		--aptopt='Apt::Install-Recommends "false"' --dpkgopt='path-exclude=/usr/share/man/*' \
		--dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
		bookworm "$ROOT" >"$ROOT.log" 2>&1 || { rm -rf "${ROOT:?}"; return 1; }
	# What a container has no use for, or what would begin by itself.
	chroot "$ROOT" systemctl -q disable keepalived apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer \
		fstrim.timer getty@tty1.service remote-fs.target 2>/dev/null
	chroot "$ROOT" systemctl -q mask systemd-networkd-wait-online.service systemd-networkd.service \
		systemd-resolved.service dpkg-db-backup.timer console-getty.service
	: >"$ROOT/etc/machine-id"
	echo "${ROOT_PACKAGES[*]}" >"$WANTED"
}

systemd_pair() {
	systemd_needs
	systemd_probe
	lab_up
	local node
	for node in A B; do systemd_disk "$node"; done
	for node in A B; do imm_start "$node"; done
	observer_start
	lab_configure
}

# The disk of a node: what is written goes to its own layer over the root, and is there after a power cut.
systemd_disk() { # NODE
	local n=$RUN/$1 disk=$RUN/$1/disk-up
	rm -rf "${n:?}/services" "${n:?}/etc" "${n:?}/service"
	mkdir -p "$disk/var/log/journal" "$disk/etc/systemd/system" "$disk/etc/ha-fenced" "$n/disk-work" "$n/disk-root"
	printf 'Node%s\n' "$1" >"$disk/etc/hostname"
	: >"$n/systemd" # node.sh looks here
	# Where the lab and its words look for it.
	ln -s disk-up/etc/ha-fenced "$n/etc"
	make -s -C "$TOP" -o all B="$HA_BUILD" PREFIX=/usr DESTDIR="$disk" install >"$n/install.log" 2>&1 ||
		fail "make install: $(cat "$n/install.log")"
	systemd_unit "$1" web.service <<-X
		[Service]
		ExecStart=/bin/busybox httpd -f -p 80 -h /srv/www
	X
	mkdir -p "$disk/srv/www"
	echo "<html><title>Node$1</title>served by Node$1</html>" >"$disk/srv/www/index.html"
	mkdir -p "$disk/etc/systemd/system/multi-user.target.wants"
	ln -s /usr/lib/systemd/system/ha-fenced.service "$disk/etc/systemd/system/multi-user.target.wants/"
}

systemd_unit() { cat >"$RUN/$1/disk-up/etc/systemd/system/$2"; } # NODE NAME

node_leader() { # NODE: the container's first process, once its systemd listens: who enters before that can stop its boot
	local nspawn leader
	nspawn=$(cat "$RUN/$1/nspawn" 2>/dev/null) && leader=$(pgrep -P "$nspawn" -x systemd) &&
		[ -S "/proc/$leader/root/run/systemd/private" ] && echo "$leader"
}

# busybox: the other nsenter stops itself when its child is stopped, and a shutdown stops every process for a moment.
on_node() {
	local leader
	leader=$(node_leader "$1") || return 1
	busybox nsenter -t "$leader" -m -u -i -n -p -r -w "${@:2}"
}

node_booted() {
	local state
	state=$(on_node "$1" systemctl is-system-running 2>/dev/null)
	[ "$state" = running ] || [ "$state" = degraded ]
}

# Who looks inside while it goes down holds the shutdown up: this looks from outside.
rebooted() { grep -q 'ended with 133' "$RUN/$1/console"; } # NODE
unit_is() { [ "$(on_node "$1" systemctl is-active "$2" 2>/dev/null)" = "$3" ]; }
unit_shows() { on_node "$1" systemctl show -P "$3" "$2"; } # NODE UNIT PROPERTY
journal_of() { on_node "$1" journalctl --no-pager -o short-monotonic "${@:2}"; }

# --- words of the lab that mean something else here -----------------------------------------------------------------

etc_of() { echo /etc/ha-fenced; }
lab_pair() { systemd_pair; }
hf() { on_node "$1" ha-fence "${@:2}"; }
log_of() { journal_of "$1" -u ha-fenced "${@:2}"; } # NODE
alarm_was() { # NAME[|NAME] NODE
	status_is "$2" "[.alarms[].name] | any(test(\"^($1)$\"))" || log_of "$2" | grep -qE "ALARM ($1)\\b"
}
daemon_pid() { unit_shows "$1" ha-fenced MainPID; } # NODE: as its systemd numbers it
kill_daemon() { on_node "$1" systemctl kill -s KILL --kill-who=main ha-fenced; }
stall() { disturbed "$1"; on_node "$1" systemctl kill -s STOP --kill-who=main ha-fenced; }
daemon_starts() { unit_shows "$1" ha-fenced NRestarts; }

if [ "${BASH_SOURCE[0]}" = "$0" ]; then
	case ${1:-} in
	root) systemd_needs ;;
	*) sed -n '2,10s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
	esac
fi
