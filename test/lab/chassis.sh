#!/bin/sh
# test/lab/chassis.sh -- what ipmi_sim calls to read and switch its host's power (chassis_control in lan.conf).
#
#	chassis.sh RUN NODE MC get power|... | set power 0|1 | set reset 1 | ...
#
# RUN/imm-NODE/calls gets a line per order with its time and the power before. The files in RUN/imm-NODE/knobs make it a bad IMM:
#	delay	sleep that many seconds first (it is single-threaded: everybody waits)
#	refuse	orders fail
#	stuck	a power-down is accepted, the host stays on
#	lie	readings say what is in the file
#	lag	readings say "on" for that many seconds after a power-down
#	completion	(imm.c) orders are answered with this code, as d5, and not executed
RUN=$1 NODE=$2
. "$RUN/env"
IMM=$RUN/imm-$NODE
KNOBS=$IMM/knobs
shift 2
while [ $# -gt 0 ] && [ "$1" != get ] && [ "$1" != set ]; do shift; done
verb=${1:-}
[ $# -gt 0 ] && shift

[ -f "$KNOBS/delay" ] && sleep "$(cat "$KNOBS/delay")"

if [ "$verb" = get ]; then
	for what in "$@"; do
		value=0
		[ "$what" = power ] && value=$(cat "$RUN/$NODE/power")
		[ "$what" = power ] && [ -f "$KNOBS/lie" ] && value=$(cat "$KNOBS/lie")
		[ "$what" = power ] && [ -f "$KNOBS/lagging" ] && value=1
		[ "$what" = boot ] && value=none
		echo "$what:$value"
	done
	exit 0
fi

echo "$(date +%s.%N) $* was $(cat "$RUN/$NODE/power")" >>"$IMM/calls"
[ -f "$KNOBS/refuse" ] && exit 1
while [ $# -gt 1 ]; do
	case "$1 $2" in
	'power 0')
		if [ -f "$KNOBS/lag" ]; then
			: >"$KNOBS/lagging"
			(exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-; sleep "$(cat "$KNOBS/lag")"; rm -f "$KNOBS/lagging") \
				</dev/null >/dev/null 2>&1 &
		fi
		[ -f "$KNOBS/stuck" ] || sh "$LAB/node.sh" "$RUN" off "$NODE"
		;;
	'power 1') sh "$LAB/node.sh" "$RUN" on "$NODE" ;;
	reset*)
		sh "$LAB/node.sh" "$RUN" off "$NODE"
		sh "$LAB/node.sh" "$RUN" on "$NODE"
		;;
	esac
	shift 2
done
exit 0
