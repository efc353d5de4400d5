#!/bin/sh
# test/lab/outlet.sh -- a power distribution unit with two outlets for each node, and the fence agent that speaks to it.
#
#	outlet.sh serve RUN	the unit: takes "NODE OUTLET 0|1" from RUN/pdu, and cuts a node's power when both are off
#	outlet.sh		the agent: its options on stdin, as the fence-agent API has it: action, run, node, plug
#
# The agent has no privilege, as in the field: all that it does is to talk to the unit.
if [ "${1:-}" = serve ]; then
	RUN=$2
	. "$RUN/env"
	while read -r node outlet value; do
		echo "$value" >"$RUN/outlet-$node-$outlet.new"
		before=$(cat "$RUN/outlet-$node-1")$(cat "$RUN/outlet-$node-2")
		mv "$RUN/outlet-$node-$outlet.new" "$RUN/outlet-$node-$outlet"
		now=$(cat "$RUN/outlet-$node-1")$(cat "$RUN/outlet-$node-2")
		echo "$node $outlet $value" >>"$RUN/pdu-calls"
		[ "$now" != 00 ] || [ "$before" = 00 ] || sh "$LAB/node.sh" "$RUN" off "$node"
		[ "$now" = 00 ] || [ "$before" != 00 ] || sh "$LAB/node.sh" "$RUN" on "$node"
		: >"$RUN/outlet-$node-$outlet.done"
	done <>"$RUN/pdu"
	exit
fi
action='' run='' node='' plug='' password=''
while IFS='=' read -r key value; do
	case $key in
	action) action=$value ;;
	run) run=$value ;;
	node) node=$value ;;
	plug) plug=$value ;;
	password) password=$value ;;
	esac
done
[ "$password" = pdu-secret ] || { echo "wrong password" >&2; exit 3; }
[ ! -f "$run/pdu-dead" ] || { echo "no answer" >&2; exit 4; }
case $action in
status)
	if [ "$(cat "$run/outlet-$node-$plug")" = 1 ]; then
		echo 'Status: ON'
		exit 0
	fi
	echo 'Status: OFF'
	exit 2
	;;
on | off)
	value=0
	[ "$action" = on ] && value=1
	rm -f "$run/outlet-$node-$plug.done"
	echo "$node $plug $value" >"$run/pdu"
	while [ ! -f "$run/outlet-$node-$plug.done" ]; do sleep 0.05; done
	;;
*) exit 2 ;;
esac
