#!/bin/bash
# test/lab/self-test.sh -- can the lab see and do what its cases rely on? Needs no ha-fenced.
#
# Every fault is shown to be real, every reading to be true, and the observer to see two holders when there are two.
set -u
LAB=$(cd "$(dirname "$0")" && pwd)
. "$LAB/verbs.sh"

count=0 failed=0
check() { # WHAT COMMAND...
	count=$((count + 1))
	if "${@:2}" >/dev/null 2>&1; then
		echo "ok     $1"
	else
		failed=$((failed + 1))
		echo "not ok $1"
	fi
}
not() { ! "$@"; }
ipmi() { # NODE ARGUMENT...: to its IMM, from the other node
	local from=B
	[ "$1" = B ] && from=A
	in_ns $from ipmitool -I lanplus -C 3 -N 1 -R 2 -H "${IMM[$1]}" -U hafence -P fence-secret -L OPERATOR "${@:2}"
}
ipmi_says() { [[ $(ipmi "$1" "${@:3}" 2>&1) == *"$2"* ]]; } # NODE WORDS ARGUMENT...
reaches() { in_ns "$1" ping -c 2 -i 0.2 -W 1 "$2"; }
# shellcheck disable=SC2153 # lab.sh sets it
vip() { ip -n "$PREFIX-$1" addr "$2" "$VIP/24" dev enp11s0f0; }
page_is() { [[ $(in_ns gw curl -s -m 2 "http://$1/") == *"$2"* ]]; }
faked_hour() { # the clock of a new process in A's environment
	local year
	year=$(. "$RUN/A/services/ha-fenced"; date +%s)
	[ $((year - $(date +%s))) -gt 3500 ]
}

# Cases that fail where a daemon or two holders are made up: which of them does `run` repeat?
made_up_cases() {
	local begin='lab_up; observer_start; mkdir -p "$RUN"/A/service/ha-fenced
		stalls() { echo "this daemon was kept from running for 2.100 s: what it did not hear" >"$RUN/A/service/ha-fenced/log"; }'
	mkdir "$RUN/cases"
	echo "$begin; stalls; [ -f '$RUN/cases/seen' ] || { : >'$RUN/cases/seen'; fail late; }" >"$RUN/cases/once.sh"
	echo "$begin; stalls; fail late" >"$RUN/cases/always.sh"
	echo "$begin; fail late" >"$RUN/cases/well.sh"
	echo "$begin; stalls; disturbed A; fail late" >"$RUN/cases/ours.sh"
	echo "$begin; stalls"'; for n in A B; do ip -n "$PREFIX-$n" addr add "$VIP/24" dev lo; done; sleep 1; fail late' >"$RUN/cases/two.sh"
	printf '%s\n' "$begin; stalls"'; echo "1 power 0 was 1" >>"$RUN/imm-A/calls"; fail late' 'expect fences A 0' >"$RUN/cases/fenced.sh"
	printf '%s\n' "$begin; stalls"'; echo "1 power 0 was 1" >>"$RUN/imm-B/calls"; expect fences B 0' >"$RUN/cases/strict.sh"
	LAB_KEPT=$RUN/cases/kept "$LAB/run" -c "$RUN/cases" >"$RUN/repeated" 2>&1
}
repeats() { # CASE ITS-END [TIMES]
	local why="the machine kept node A's daemon from running for 2.100 s, and it failed: late"
	[ "$(grep -c "^again  $1: $why$" "$RUN/repeated")" = "${3:-0}" ] && [ "$(grep -c "^$2 *$1 " "$RUN/repeated")" = 1 ]
}

node_reads() { in_node "$1" grep -q 'NFS server' "$RUN/docs/ROOT/index.html"; }
waits() { [ "$(ps -o wchan:40= -p "$(cat "$1")")" = request_wait_answer ]; } # FILE with its number
hangs() { [ "$(ps -o stat= -p "$(cat "$1")" | cut -c1)" = D ]; }

lab_needs keepalived curl ipmitool
lab_up
imm_start A
imm_start B
observer_start
lab_configure
power_on A
power_on B
poll_until 5 page_is "${SERVICE[A]}" NodeA
poll_until 5 page_is "${SERVICE[B]}" NodeB

observe mark addresses >/dev/null
vip A add
check "the observer sees a holder" observe holder A 10000
check "a page comes through the VIP" observe page A 10000
vip A del
vip B add
check "the observer sees a move" observe holder B 10000
check "one holder so far" never_two_holders
vip A add
check "the observer sees two holders" observe holder two 10000
vip A del
check "two holders are not forgotten" not eval '(never_two_holders)'
vip B del
check "the observer sees none" observe holder none 10000

check "the IMM says on" ipmi_says A "is on" chassis power status
vip A add
check "the IMM switches off" ipmi A chassis power off
check "power-off takes the addresses, VIP included" observe holder none 0
check "power-off ends every process" grep -q 'populated 0' "$CGROUPS/$PREFIX-A/cgroup.events"
check "power-off empties /run" not test -e "$RUN/A/run"
check "power-off takes the link" not reaches gw "${SERVICE[A]}"
check "the IMM says off" ipmi_says A "is off" chassis power status
check "the IMM counts orders" test "$(power_downs A)" = 1
check "the IMM boots the host" ipmi A chassis power on
check "the host boots" poll_until 5 page_is "${SERVICE[A]}" NodeA
check "the GUID is A's" ipmi_says A "${GUID[A]:9}" mc guid

imm_knob A refuse
check "knob refuse" ipmi_says A "rsp=0xff" raw 0 2 0
imm_well A refuse
imm_knob A completion d5
check "knob completion" ipmi_says A "rsp=0xd5" raw 0 2 0
imm_well A completion
imm_knob A stuck
check "knob stuck: accepted" ipmi A raw 0 2 0
check "knob stuck: stays on" power_is A on
imm_well A stuck
imm_knob A lie 0
check "knob lie" ipmi_says A "is off" chassis power status
imm_well A lie
imm_knob A lag 4
check "knob lag: off is ordered" ipmi A raw 0 2 0
check "knob lag: it is off" power_is A off
check "knob lag: says on" ipmi_says A "is on" chassis power status
check "knob lag: says off later" poll_until 10 ipmi_says A "is off" chassis power status
imm_well A lag
imm_stop A
check "a dead IMM does not answer" not ipmi A chassis power status
imm_return A
check "an IMM returns" poll_until 5 ipmi A chassis power status
power_on A
poll_until 5 page_is "${SERVICE[A]}" NodeA

freeze A
check "a frozen node serves nothing" not page_is "${SERVICE[A]}" NodeA
thaw A
check "a thawed node serves" poll_until 5 page_is "${SERVICE[A]}" NodeA
freeze A
power_cut A
check "a frozen node can be switched off" grep -q 'populated 0' "$CGROUPS/$PREFIX-A/cgroup.events"
power_on A
check "and boots thawed" poll_until 5 page_is "${SERVICE[A]}" NodeA

cable_out A svc
check "a pulled cable takes the carrier" grep -q NO-CARRIER <(ip -n "$PREFIX-A" link show enp11s0f0)
check "and leaves the other LAN" reaches A "${STORAGE[B]}"
cable_in A svc
check "a plugged cable works" poll_until 5 reaches A "$GATEWAY"
one_way_loss A B
check "one way: A does not reach B" not reaches A "${SERVICE[B]}"
check "one way: the rule has hit" expect drops loss_A_B_svc
check "one way: the gateway does" reaches gw "${SERVICE[B]}"
heal
split
check "split on storage" not reaches A "${STORAGE[B]}"
check "split leaves the IMMs" reaches A "${IMM[B]}"
heal
check "healed" reaches A "${SERVICE[B]}"
loss svc-A in 50 'ip protocol icmp'
in_ns A ping -q -c 40 -i 0.005 -W 0.2 "$GATEWAY" >/dev/null
check "half is lost" test "$(rule_count loss_svc_A)" -gt 5 -a "$(rule_count loss_svc_A)" -lt 35
heal
duplicate svc-A svc-gw 'ip protocol icmp'
check "duplicates arrive" grep -q DUP <(in_ns A ping -c 3 -i 0.1 -W 0.3 "$GATEWAY")
heal

lab_service A sleeper "-r 100" "sleep 1000"
service_start A sleeper
check "a service starts" poll_until 5 test -f "$RUN/A/service/sleeper/pid"
service_signal A sleeper KILL
check "a killed service is restarted" poll_until 5 eval '[ "$(wc -l <"$RUN/A/service/sleeper/starts")" = 2 ]'
service_stop A sleeper
check "a stopped service is not" test "$(wc -l <"$RUN/A/service/sleeper/starts")" = 2
printf '%s\n' 'import os, socket, time' 's = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)' \
	's.sendto(b"READY=1", os.environ["NOTIFY_SOCKET"])' 'time.sleep(1000)' >"$RUN/mute.py"
lab_service A mute "-r 100 -w 300" "python3 $RUN/mute.py"
service_start A mute
check "a service that owes its watchdog is killed" poll_until 5 grep -qx -- -9 "$RUN/A/service/mute/ended"
service_stop A mute
clock_fakeable A
jump_clock A +3600
check "a process's clock jumps" faked_hour

skipped=0
if reason=$(nfs_needs 2>&1); then
	nfs_machine
	nfs_start
	mkdir "$RUN/docs"
	nfs_node A
	service_start A nfs
	check "a node mounts from the NFS server" poll_until 10 node_reads A
	check "and writes to it" in_node A sh -c "echo new >$RUN/docs/new && sync -f $RUN/docs && [ \$(cat $RUN/docs/new) = new ]"
	check "the mount is the server's" eval "in_node A grep -q '^$NFS:/docs $RUN/docs fuse.nfs ' /proc/mounts"
	nfs_cut A
	in_node A sh -c 'echo $$ >"$0"; exec ls "$1"' "$RUN/hanging" "$RUN/docs" >/dev/null 2>&1 &
	check "without its server a reader waits in the kernel" poll_until 5 waits "$RUN/hanging"
	kill -KILL "$(cat "$RUN/hanging")"
	check "where no signal ends it" not poll_until 1 not hangs "$RUN/hanging"
	check "the way to the server: the rule has hit" expect drops nfs_A
	unrule nfs_A
	check "until the server answers" poll_until 20 not hangs "$RUN/hanging"
	nfs_stop
	check "a server without power is silent" not reaches A "$NFS"
	nfs_start
	check "a server that is back serves what it had" poll_until 20 eval '[ "$(in_node A timeout 5 cat "$RUN/docs/new")" = new ]'
	power_cut A
	check "who hangs dies with the machine" grep -q 'populated 0' "$CGROUPS/$PREFIX-A/cgroup.events"
else
	skipped=1
	echo "skip   NFS in user space: $reason"
fi

made_up_cases
check "a case that the machine has spoiled is repeated" repeats once ok 1
check "once" repeats always 'not ok' 1
check "one that just fails is not" repeats well 'not ok'
check "nor one whose own fault it was" repeats ours 'not ok'
check "nor one with two holders" repeats two 'not ok'
check "nor one with a power-down that must not be" repeats fenced 'not ok'
check "nor one that counts one too many" repeats strict 'not ok'
check "repetitions are counted" grep -qE '^1 passed, [0-9]+ failed, 0 skipped, 2 repeated' "$RUN/repeated"

prefix=$PREFIX
lab_down
check "nothing is left behind" not eval "ls -d /run/netns/$prefix-* '$CGROUPS'/$prefix-*"
echo "$((count - failed)) passed, $failed failed, $skipped skipped"
[ $failed = 0 ]
