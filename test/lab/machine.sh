#!/bin/sh
# test/lab/machine.sh -- a node that has a systemd: its container, from power-on to power-off.
#
#	machine.sh RUN NODE
#
# Called by node.sh. The mounts and the container live and die in a mount namespace of their own: nothing is left on
# this machine when they are killed. An orderly power-off inside makes the node's power read "off", as a real machine's
# would; a reboot inside starts it again.
set -u
RUN=$1 NODE=$2
. "$RUN/env"
N=$RUN/$NODE
# shellcheck disable=SC2153 # from env
CGROUP=$CGROUPS/$PREFIX-$NODE

if [ "${3:-}" = inside ]; then
	set -e
	echo $$ >"$CGROUP/cgroup.procs"
	echo $$ >"$N/nspawn"
	mkdir -p /run/systemd/nspawn
	mount -t tmpfs -o mode=755,size=4m tmpfs /run/systemd/nspawn # else a reboot inside fails
	mount -t overlay -o "lowerdir=$ROOT,upperdir=$N/disk-up,workdir=$N/disk-work" overlay "$N/disk-root"
	export SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 SYSTEMD_NSPAWN_LOCK=0 SYSTEMD_NSPAWN_API_VFS_WRITABLE=network
	exec systemd-nspawn -q -D "$N/disk-root" -M "node-$NODE" --register=no --keep-unit --console=pipe \
		--network-namespace-path="/run/netns/$PREFIX-$NODE" --link-journal=no --resolv-conf=off --timezone=off \
		--capability=CAP_NET_ADMIN,CAP_NET_RAW,CAP_SYS_NICE,CAP_IPC_LOCK,CAP_SYS_RESOURCE \
		--rlimit=RLIMIT_MEMLOCK=infinity --rlimit=RLIMIT_RTPRIO=99 -b
fi

while :; do
	unshare -m --propagation private sh "$0" "$RUN" "$NODE" inside
	status=$?
	echo "container ended with $status"
	case $status in
	133) ip -n "$PREFIX-$NODE" addr flush dev enp11s0f0 && # a reboot; the namespace would keep the VIP
		sh "${0%/*}/node.sh" "$RUN" addresses "$NODE" ;;
	0) exec sh "${0%/*}/node.sh" "$RUN" off "$NODE" ;;
	*) exit 0 ;; # the cord was pulled
	esac
done
