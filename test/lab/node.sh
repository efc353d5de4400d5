#!/bin/sh
# test/lab/node.sh -- the machine itself: its power, its boot.
#
#	node.sh RUN on|off NODE
#	node.sh RUN start|stop NODE SERVICE	on the node itself: what systemctl does
#
# "off" is what a pulled cord is: every process dies in one write, the addresses are gone (a namespace would keep them,
# the VIP included), the links are down, /run is empty. Only then does the power file, which the IMM reads, say 0.
# "on" sets the node's own addresses and starts what RUN/NODE/services names, in a cgroup and a mount namespace of the
# node's own. "stop" ends when nothing of the service is left.
# A node with a file "systemd" boots a container instead (machine.sh).
# Called by the IMM and by the lab, perhaps at once: a lock keeps them apart.
set -u
RUN=$1 VERB=$2 NODE=$3
. "$RUN/env"
N=$RUN/$NODE
# shellcheck disable=SC2153 # from env
CGROUP=$CGROUPS/$PREFIX-$NODE
NS=$PREFIX-$NODE

case $NODE in
A) service=192.168.1.198 storage=10.10.10.11 management=10.20.20.21 ;;
B) service=192.168.1.199 storage=10.10.10.12 management=10.20.20.22 ;;
*) exit 2 ;;
esac

ports() { # up|down
	for lan in svc stor mgmt; do echo "link set $lan-$NODE $1"; done | ip -n "$PREFIX-sw" -b -
}

kill_all() {
	[ -d "$CGROUP" ] || return 0
	echo 1 >"$CGROUP/cgroup.kill"
	[ ! -d "$N/disk" ] || fsfreeze -u "$N/disk" 2>/dev/null # who hangs in the kernel dies with the machine, too
	while grep -q 'populated 1' "$CGROUP/cgroup.events"; do sleep 0.002; done
	echo 0 >"$CGROUP/cgroup.freeze"
}

off() {
	[ "$(cat "$N/power")" = 0 ] && return 0
	kill_all
	ip -n "$NS" addr flush scope global
	ports down
	rm -rf "$N/run" "$N/nspawn"
	echo 0 >"$N/power"
}

start() { # SERVICE: in its own session and in the node's cgroup, whoever asks
	pgrep -f "^$TOOLS/service .*-d $N/service/$1 " >/dev/null && return 0
	[ -f "$N/services/$1" ] || return 1
	# shellcheck disable=SC2016 # the inner shell expands it: each service with its own environment
	setsid sh -c 'echo $$ >"$1"; . "$2"; shift 2; exec "$0" $options "$@" $command' "$TOOLS/service" \
		"$CGROUP/cgroup.procs" "$N/services/$1" -d "$N/service/$1" -g "$CGROUP/$1" -- \
		</dev/null >>"$N/boot.log" 2>&1 &
}

stop() { # SERVICE
	pid=$(pgrep -o -f "^$TOOLS/service .*-d $N/service/$1 ") && kill -TERM "$pid"
	while grep -q 'populated 1' "$CGROUP/$1/cgroup.events" 2>/dev/null ||
		pgrep -f "^$TOOLS/service .*-d $N/service/$1 " >/dev/null; do sleep 0.02; done
}

boot() { # in the node's cgroup and namespaces from here on
	sleep "$(cat "$N/boot_delay")"
	for file in "$N"/services/*; do
		[ ! -f "$file" ] || [ -f "$file.disabled" ] || [ "${file%.disabled}" != "$file" ] || start "${file##*/}"
	done
}

on() {
	[ "$(cat "$N/power")" = 1 ] && return 0
	echo 1 >"$N/power"
	mkdir -p "$CGROUP" "$N/run" "$N/state" "$N/service"
	ports up
	addresses
	(
		exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- # the IMM's sockets
		if [ -f "$N/systemd" ]; then
			setsid sh "${0%/*}/machine.sh" "$RUN" "$NODE" </dev/null >>"$N/console" 2>&1 &
		else
			sh -c 'echo $$ >"$1/cgroup.procs"; exec nsenter --net="/run/netns/$2" \
					unshare --mount --propagation slave setsid sh "$3" "$4" boot "$5"' \
				sh "$CGROUP" "$NS" "$0" "$RUN" "$NODE" </dev/null >>"$N/boot.log" 2>&1 &
		fi
	)
}

addresses() {
	ip -n "$NS" -b - <<-X
		addr replace $service/24 dev enp11s0f0
		addr replace $storage/24 dev enp11s0f1
		addr replace $management/24 dev enp11s0f2
		link set enp11s0f0 up
		link set enp11s0f1 up
		link set enp11s0f2 up
		route replace default via 192.168.1.1
	X
}

case $VERB in
boot | addresses) "$VERB"; exit ;;
start | stop) "$VERB" "$4"; exit ;;
esac
exec 8>"$N/power.lock"
flock 8
"$VERB"
