#!/bin/bash
# test/bench/bench.sh -- how long the VIP is gone, ha-fenced and keepalived side by side in the lab, in one run.
#
#	bench.sh [-n RUNS] [MEASUREMENT...]	power frozen tuned decision switch restart start checks idle (all)
#
# All figures are the observer's, who stands outside the nodes. They are of one small machine: only their ratios mean
# something elsewhere. A row per measurement: mean, smallest and largest of n, for both programs, their ratio, the aim.
set -u
LAB=$(cd "$(dirname "$0")/../lab" && pwd)
. "$LAB/verbs.sh"

runs=20

# A pair at rest: protected, and its sessions with the IMMs older than the doubt about an IMM that has just restarted (2 s).
protected() {
	poll_until 30 pair_protected_now || fail "the pair is not protected: $(describe)"
	sleep 3
}
pair_protected_now() { status_is A '.summary == "PROTECTED"' && status_is B '.summary == "PROTECTED"'; }
other() { [ "$1" = A ] && echo B || echo A; }
any_phase() { sleep "$(printf '0.%03d' $((RANDOM % 1000)))"; } # faults come at any moment of the advert interval
at_most() { [ "$1" -lt "$runs" ] && echo "$1" || echo "$runs"; }

# Every measurement prints milliseconds, one line a run, in a subshell with a lab of its own.

power_ha_fenced() {
	local i master=A
	given a running pair
	protected
	for ((i = 0; i < runs; i++)); do
		any_phase
		when power_cut "$master"
		observe_wait holder "$(other "$master")" 30000 || fail "no takeover: $(describe)"
		power_on "$master"
		master=$(other "$master")
		protected
	done
}

power_keepalived() {
	local i
	keepalived_pair
	for ((i = 0; i < $(at_most 10); i++)); do
		any_phase
		when power_cut A
		observe_wait holder B 30000
		power_on A
		observe_wait holder A 30000 >/dev/null
		sleep 1.5
	done
}

# How late adverts are, at worst, in some seconds: of a master with 500 checks a second, and of keepalived with none.
lateness() {
	local i
	for ((i = 0; i < few; i++)); do
		capture_start A
		sleep 12
		capture_stop A
		advert_lateness A
		echo
	done
}
lateness_ha_fenced() {
	local node
	lab_pair
	for node in A B; do lab_service $node checked "-r 100" "$TOOLS/web 8080"; done
	many_checks
	given a running pair
	poll_until 20 status_is A '[.health[] | select(.ok)] | length == 468' || fail "the checks do not run: $(describe)"
	lateness
}
lateness_keepalived() { keepalived_pair; lateness; }

# What a node's processes of one kind cost, in thousandths of a per cent of a core, from what the scheduler counts.
run_time() { # PATTERN: nanoseconds so far
	local pid sum=0 ns _
	for pid in $(pgrep -f "$1"); do
		read -r ns _ <"/proc/$pid/schedstat" && sum=$((sum + ns))
	done
	echo "$sum"
}
cost() { # PATTERN
	local i before began
	for ((i = 0; i < few; i++)); do
		before=$(run_time "$1") began=${EPOCHREALTIME/./}
		sleep 12
		echo $((($(run_time "$1") - before) * 100 / (${EPOCHREALTIME/./} - began)))
	done
}
checks_cost() {
	local node
	lab_pair
	for node in A B; do lab_service $node checked "-r 100" "$TOOLS/web 8080"; done
	many_checks
	given a running pair
	poll_until 20 status_is A '[.health[] | select(.ok)] | length == 468' || fail "the checks do not run: $(describe)"
	cost "^ha-fenced-health -c $RUN/A/"
}
idle_ha_fenced() { given a running pair; protected; cost "^($HA_BUILD/ha-fenced|ha-fenced-fence) -c $RUN/A/"; }
idle_keepalived() { keepalived_pair; sleep 3; cost "^keepalived .*$RUN/A/"; }

# A second power-down within a minute is refused (S9): a new pair for each run.
frozen_ha_fenced() {
	given a running pair
	protected
	any_phase
	when freeze A
	observe_wait holder B 30000 || fail "no takeover: $(describe)"
	never_two_holders
}

# From the order to power down to the first "off" reading, as the daemon's history has it: one frozen master.
decision_ha_fenced() {
	frozen_ha_fenced >/dev/null
	hf B --json history | jq '(if type == "array" then last else . end).steps as $steps
		| first($steps[] | select(.id == "fence-ordered")).ms as $ordered
		| first($steps[] | select(.ms >= $ordered and (.id == "fence-sample" or .id == "fence-power-off"))).ms - $ordered'
}

# What a fence agent takes for the same: off, seen off.
decision_fence_ipmilan() {
	local begun
	command -v fence_ipmilan >/dev/null || return 0
	lab_up
	imm_start A
	power_on A
	power_on B
	begun=${EPOCHREALTIME/./}
	in_ns B fence_ipmilan -a "${IMM[A]}" -P -C 3 -l hafence -p fence-secret -L operator -o off >/dev/null 2>&1 &&
		echo $(((${EPOCHREALTIME/./} - begun) / 1000))
}

frozen_keepalived() { # until there are two holders
	keepalived_pair
	any_phase
	when freeze A
	observe_wait holder two 30000
}

# How long the VIP was nowhere, and the longest gap that the client's pings saw.
switch_ha_fenced() { # JQ-EXPRESSION of the figures
	local i master=A
	given a running pair
	for ((i = 0; i < $(at_most 10); i++)); do
		any_phase
		when hf "$master" switchover >/dev/null
		master=$(other "$master")
		observe_wait holder "$master" 10000 >/dev/null || fail "no switchover: $(describe)"
		sleep 0.5
		figure "$1"
		protected
	done
}

switch_keepalived() {
	local i
	keepalived_pair
	for ((i = 0; i < $(at_most 5); i++)); do
		any_phase
		when service_stop A keepalived
		observe_wait holder B 10000 >/dev/null
		sleep 0.5
		figure "$1"
		service_start A keepalived
		observe_wait holder A 15000 >/dev/null
		sleep 1.5
	done
}

restart_ha_fenced() { # the daemon is killed and restarted: how long the VIP was away from A
	local i
	given a running pair
	for ((i = 2; i < $(at_most 5) + 2; i++)); do
		when kill_daemon A
		poll_until 10 daemon_back A "$i" || fail "the daemon does not come back"
		protected
		figure 'if .losses_since_mark == 0 then 0 else .longest_absent_ms end'
	done
}

restart_keepalived() {
	local i
	keepalived_pair
	for ((i = 0; i < $(at_most 5); i++)); do
		when service_stop A keepalived
		service_start A keepalived
		sleep 0.2
		observe_wait holder A 15000
		sleep 1.5
	done
}

start_ha_fenced() {
	given a pair without power
	echo 0 | tee "$RUN/A/boot_delay" >"$RUN/B/boot_delay"
	when power_on_both
	observe_wait holder A 30000 || fail "nobody serves: $(describe)"
}

start_keepalived() {
	lab_up
	observer_start
	keepalived_service A 100
	keepalived_service B 90
	echo 0 | tee "$RUN/A/boot_delay" >"$RUN/B/boot_delay"
	when power_on_both
	observe_wait holder A 30000
}

# --- the table ----------------------------------------------------------------------------------------------------

repeat() { # N FUNCTION...: each in a lab of its own
	local i n=$1
	shift
	for ((i = 0; i < n; i++)); do ("$@") || return 1; done
}

repeat_tuned() {
	option version 3
	option advert_int 0.1
	option after 1.0
	option settle 0.1
	repeat "$few" frozen_ha_fenced
}

statistics() { # stdin: ms, a line each -> "mean (min - max, n)" in seconds
	awk '!/^[0-9.]+$/ { print "no figure: " $0 >"/dev/stderr"; next }
		{ s += $1; if (n++ == 0 || $1 < min) min = $1; if ($1 > max) max = $1 }
		END { if (n) printf "%.3f %.3f %.3f %d", s / n / 1000, min / 1000, max / 1000, n }'
}

row() { # NAME OURS THEIRS AIM: shell commands that print ms
	local ours theirs
	ours=$($2 | statistics) theirs=$($3 | statistics)
	# shellcheck disable=SC2086
	set -- "$1" "$4" ${ours:-- - - 0} ${theirs:-- - - 0}
	[ "$6" -gt 0 ] || failed=1
	printf '| %-36s | %6s (%s - %s, %2d) | %6s (%s - %s, %2d) | %5s | %s |\n' "$1" "$3" "$4" "$5" "$6" "$7" "$8" "$9" \
		"${10}" "$(awk -v a="$3" -v b="$7" 'BEGIN { if (a > 0 && b > 0) printf "%.2f", a / b; else printf "-" }')" "$2"
}

while getopts n: letter; do
	case $letter in
	n) runs=$OPTARG ;;
	*) exit 2 ;;
	esac
done
shift $((OPTIND - 1))
lab_needs keepalived
for program in ha-fenced ha-fence; do
	[ -x "$HA_BUILD/$program" ] || { echo "needs $HA_BUILD/$program: make" >&2; exit 77; }
done
wanted=" ${*:-power frozen tuned decision switch restart start checks idle} "
failed=0
few=$(at_most 5)

echo "Seconds: mean (smallest - largest, n)"
echo
printf '| %-36s | %-27s | %-27s | %5s | %s |\n' "" "ha-fenced, fenced" "keepalived, unfenced" ratio aim
echo "|---|---|---|---|---|"
case $wanted in *" power "*)
	row "power cut on the master, VIP on peer" "repeat 1 power_ha_fenced" "repeat 1 power_keepalived" "mean < 0.8" ;;
esac
case $wanted in *" frozen "*)
	row "master frozen, VIP on peer" "repeat $few frozen_ha_fenced" "repeat $(at_most 3) frozen_keepalived" \
		"mean < 5.5 (keepalived: two holders)" ;;
esac
case $wanted in *" tuned "*)
	row "the same, tuned" repeat_tuned true "mean < 1.6" ;;
esac
case $wanted in *" decision "*)
	row "order to first off (fence_ipmilan)" "repeat $few decision_ha_fenced" "repeat $few decision_fence_ipmilan" "< 0.1" ;;
esac
case $wanted in *" switch "*)
	row "planned switch, VIP nowhere" "repeat 1 switch_ha_fenced .moves[-1].absent_ms" \
		"repeat 1 switch_keepalived .moves[-1].absent_ms" "< 0.05"
	row "planned switch, client's gap" "repeat 1 switch_ha_fenced .reply.longest_gap_ms" \
		"repeat 1 switch_keepalived .reply.longest_gap_ms" "" ;;
esac
case $wanted in *" restart "*)
	row "daemon restarted, VIP away" "repeat 1 restart_ha_fenced" "repeat 1 restart_keepalived" "0" ;;
esac
case $wanted in *" start "*)
	row "start of both, VIP served" "repeat $few start_ha_fenced" "repeat $(at_most 3) start_keepalived" "< 2" ;;
esac
case $wanted in *" checks "*)
	row "500 checks a second (none), latest advert" "repeat 1 lateness_ha_fenced" "repeat 1 lateness_keepalived" "< 0.1"
	row "their health process, per cent of a core" "repeat 1 checks_cost" true "< 10" ;;
esac
case $wanted in *" idle "*)
	row "master idle, per cent of a core" "repeat 1 idle_ha_fenced" "repeat 1 idle_keepalived" "ratio <= 1" ;;
esac
exit $failed
