#!/bin/bash
# test/lab/leaks.sh -- a failover and an orderly stop with every process of ours under valgrind: no leak, no descriptor left.
#
# A loses its power while it holds; B, whose three processes run under memcheck, proves that, takes over, and gives the VIP back by
# switchover when A runs again; it reloads its file, answers questions and is stopped in order. Each of its processes has left a
# report when it ended: in none of them is an error, a block that is lost, or an open descriptor that it was not started
# with. Everything is many times slower so; the settings leave room for that.
set -u
LAB=$(cd "$(dirname "$0")" && pwd)
. "$LAB/verbs.sh"

lab_needs valgrind
# The service manager would kill what is left when the main process has ended: here that waits for the helpers' reports.
under_valgrind() { # NODE
	cat >"$RUN/$1/etc/start" <<-X
		#!/bin/sh
		# Where the kernel groups processes by session, nice alone says nothing to other work of this machine.
		{ echo -15 >/proc/self/autogroup; } 2>/dev/null
		nice -n -15 valgrind --trace-children=yes --child-silent-after-fork=yes --track-fds=yes --leak-check=full \
			--show-leak-kinds=definite,indirect --errors-for-leak-kinds=definite,indirect --num-callers=20 \
			--suppressions=$TOP/test/valgrind.supp --log-file=$RUN/reports/$1.%p $(daemon_command "$1") &
		daemon=\$!
		trap 'kill -TERM \$daemon' TERM
		wait \$daemon
		wait \$daemon
		n=0
		while [ \$n -lt 120 ] && [ "\$(wc -l <$CGROUPS/$PREFIX-$1/ha-fenced/cgroup.procs)" -gt 2 ]; do
			sleep 0.1
			n=\$((n + 1))
		done
	X
	lab_service "$1" ha-fenced "-r 100" "sh $RUN/$1/etc/start"
}

option hello_interval 1.0
option after 8.0
option login_timeout 10.0
lab_up
chmod 711 "$RUN"
mkdir -m 1777 "$RUN/reports"
for node in A B; do imm_start $node; done
observer_start
option more "health: { checks = ( { name = \"web\"; type = \"http\"; url = \"http://127.0.0.1/\"; interval = 1.0; timeout = 5.0; },
	{ name = \"gateway\"; type = \"ping\"; address = \"$GATEWAY\"; timeout = 5.0; } ); };"
lab_configure
daemon_service A
under_valgrind B
power_on A
power_on B
observe_wait holder A 90000 >/dev/null || observe_wait holder B 1 >/dev/null || fail "nobody becomes master: $(describe)"
poll_until 60 pair_protected || fail "not protected: $(describe)"
[ "$(figure .holder)" = A ] || hf B switchover || fail "A does not get the VIP: $(describe)"
observe_wait holder A 10000 >/dev/null || fail "A does not get the VIP: $(describe)"

observe mark failover >/dev/null
power_cut A
observe_wait holder B 60000 >/dev/null || fail "B does not take over: $(describe)"
power_on A # it was found off: that is for people to end
poll_until 60 pair_protected || fail "not protected with A back: $(describe)"
poll_until 30 eval "hf B switchover >'$RUN/answer' 2>&1" || fail "switchover: $(cat "$RUN/answer")"
observe_wait holder A 30000 >/dev/null || fail "A does not get the VIP back: $(describe)"
hf B status >/dev/null
hf B history >/dev/null
hf B reload >/dev/null
poll_until 30 pair_protected || fail "not protected after the reload: $(describe)"
# The daemon does not wait for its health process, which may hang; asked by itself it ends in order.
health=$(grep -l 'Command: [^ ]*/ha-fenced-health ' "$RUN"/reports/B.* | tail -n 1)
kill -TERM "${health##*.}" || fail "no health process under valgrind"
poll_until 60 grep -q 'ERROR SUMMARY' "$health" || fail "the health process does not end: $(tail -n 3 "$health")"
service_stop B ha-fenced
never_two_holders

passed=0 failed=0 seen=' '
for report in "$RUN"/reports/*; do
	# Power cuts leave reports without an end; scripts and tools that were started under valgrind are not ours.
	grep -q 'ERROR SUMMARY' "$report" || continue
	program=$(sed -n 's/^==[0-9]*== Command: \([^ ]*\).*/\1/p' "$report")
	case ${program##*/} in ha-fenced*) ;; *) continue ;; esac
	left=$(awk '/Open file descriptor|Open AF_|Open unix|Open inet/ { line = $0; getline; if ($0 !~ /inherited from parent/) print line }' "$report")
	if grep -q 'ERROR SUMMARY: 0 errors' "$report" && ! grep -qE '(definitely|indirectly) lost: [1-9]' "$report" && [ -z "$left" ]; then
		passed=$((passed + 1)) seen+="${program##*/} "
		echo "ok     ${report##*/} ${program##*/}: $(sed -n 's/.*FILE DESCRIPTORS: /descriptors /p' "$report" | tail -n 1)"
	else
		failed=$((failed + 1))
		echo "not ok ${report##*/} ${program##*/}"
		grep -vE '^==[0-9]+== (Copyright|Using|Command)' "$report" | head -n 80 | sed 's/^/    /'
	fi
done
for program in ha-fenced ha-fenced-fence ha-fenced-health; do
	[[ $seen == *" $program "* ]] || { echo "not ok $program: none ended in order without a finding"; failed=$((failed + 1)); }
done
echo "$passed passed, $failed failed"
[ $failed = 0 ]
