# shellcheck shell=bash disable=SC2154,SC2034 # run.sh has them
# test/cli/pair.sh -- a pair of running daemons: every command, outlets by hand, a stuck claim.
# Sourced by run.sh.

# The standby is there and B's IMM is not: A could not fence B. That is not protected, and who cannot says why; but
# there is a standby, which takes over when it is asked to.
run_blind_standby() {
	local at_a=(on_a "$fence" -c "$work/good.conf" --node NodeA --runtime-dir "$work/run.NodeA")
	local at_b=(nsenter --net="/run/netns/$prefix-b" "$fence" -c "$work/good.conf" --node NodeB --runtime-dir "$work/run.NodeB")

	until_status NodeB PROTECTED 30
	kill -9 "${imm_pid[B]}"
	wait "${imm_pid[B]}" 2>/dev/null
	until_status NodeA UNPROTECTED 30
	expect "blind standby: its alarm" 1 "^WARNING fence-unreachable" "${at_a[@]}" status
	until_status NodeB UNPROTECTED 10
	expect "blind standby: is no protection" 1 "can NOT fence NodeB: unreachable" "${at_b[@]}" status
	expect "blind standby: is a standby" 0 "^true$" bash -c "$(printf '%q ' "${at_b[@]}") --json status |
		jq '.summary == \"UNPROTECTED\" and all(.alarms[].name; . != \"no-standby\") and any(.peer.alarms[]; . == \"fence-unreachable\")'"
	expect "blind standby: the test at the holder says why" 1 "FAIL +peer-fencing +NodeA can NOT fence NodeB, whose IMM does not answer .unreachable." "${at_b[@]}" test
	expect "blind standby: metrics" 0 'ha_fence_protected\{cluster="clitest"\} 0$' "${at_b[@]}" metrics
	expect "blind standby: takes over when asked" 0 "^done" "${at_b[@]}" switchover
	until_status NodeA PROTECTED 30
	expect "blind standby: and can be fenced as a holder" 0 "PROTECTED .*on NodeA" "${at_a[@]}" status
	expect "blind standby: and back" 0 "^done" "${at_a[@]}" switchover
	until_status NodeB UNPROTECTED 20
}

# B's daemon and its VIP are gone, too: nothing proves that B is off.
run_stuck() {
	local at_a=("$@")

	kill -9 "${daemon_pid[NodeB]}"
	wait "${daemon_pid[NodeB]}" 2>/dev/null
	ip -n "$prefix-b" addr del 10.77.1.210/24 dev svc
	until_status NodeA STUCK 30
	expect "stuck: status" 1 "clitest: STUCK" "${at_a[@]}" status
	expect "stuck: what to do" 1 "ha-fence confirm-off NodeB" "${at_a[@]}" status
	expect "stuck: the alarm comes first" 1 "^CRITICAL claim-stuck" "${at_a[@]}" status
	expect "stuck: a line stays one line" 1 "^  1[.] Repair .* Nothing else to do[.]$" "${at_a[@]}" status
	if command -v script >/dev/null; then
		expect "stuck: wrapped on a terminal" 0 "^wrapped$" on_a bash -c "script -qec 'stty cols 60; ${at_a[*]:1} status' /dev/null |
			tr -d '\\r' | awk '/^  / { lines++; long += length(\$0) > 60 } END { if (lines > 8 && !long) print \"wrapped\" }'"
	fi
	expect "stuck: fence by hand fails, too" 1 "NodeB's IMM 10.77.1.99 does not answer" "${at_a[@]}" fence off NodeB --yes
	expect "stuck: confirm-off asks" 1 "no terminal to ask on" "${at_a[@]}" confirm-off NodeB
	expect "stuck: confirm-off of the wrong node" 1 "." "${at_a[@]}" confirm-off NodeA --yes
	expect "stuck: confirm-off" 0 "^done" "${at_a[@]}" confirm-off NodeB --yes
	until_status NodeA UNPROTECTED 20
	expect "stuck no more" 1 "clitest: UNPROTECTED .*on NodeA" "${at_a[@]}" status
	expect "stuck: its episode" 0 "proof OPERATOR" "${at_a[@]}" history
}

# ... with daemons, which hear: outlets that are not NodeB's, and then its own.
run_pair_level_2() {
	local at_a=(on_a "$fence" -c "$work/pair-levels.conf" --node NodeA --runtime-dir "$work/run.NodeA" --state-dir "$work/state.NodeA")

	printf '1 on\n2 on\n' >"$work/unit"
	on_a "$fence" --runtime-dir "$work/run.NodeA" --json status | jq -e .holding >/dev/null ||
		expect "pair: A holds again" 0 "^done" "${at_a[@]}" switchover
	until_status NodeA PROTECTED 20
	expect "pair: level 2 of the holder is refused" 1 "holds the VIP" nsenter --net="/run/netns/$prefix-b" "$fence" \
		-c "$work/pair-levels.conf" --node NodeB --runtime-dir "$work/run.NodeB" fence off NodeA --level 1 --yes
	touch "$work/unit.wrong"
	expect "pair: level 2 does not feed it" 1 "NodeB is still heard: it does not live by them alone" \
		"${at_a[@]}" test --reboot-peer NodeB --level 2 --yes
	rm "$work/unit.wrong"
	echo "${daemon_pid[NodeB]}" >"$work/unit.kills"
	expect "pair: level 2 feeds it" 0 "pass +reboot-peer +NodeB: the outlets of level 2 were" "${at_a[@]}" test --reboot-peer NodeB --level 2 --yes
	rm "$work/unit.kills"
	wait "${daemon_pid[NodeB]}" 2>/dev/null
	start_daemon NodeB b
	until_status NodeA PROTECTED 30
	expect "pair: protected again" 0 "PROTECTED" "${at_a[@]}" status
	until_heard "$work/run.NodeA"
	expect "pair: B holds again" 0 "^done" "${at_a[@]}" switchover
	until_status NodeB PROTECTED 20
}

run_pair() {
	local at_a=(on_a "$fence" -c "$work/good.conf" --node NodeA --runtime-dir "$work/run.NodeA" --state-dir "$work/state.NodeA")
	local at_b=(nsenter --net="/run/netns/$prefix-b" "$fence" -c "$work/good.conf" --node NodeB --runtime-dir "$work/run.NodeB" --state-dir "$work/state.NodeB")

	ip -n "$prefix-b" link set sto up
	start_daemon NodeA a
	start_daemon NodeB b
	until_status NodeA PROTECTED 20 || echo "test/cli/run.sh: the pair has not become PROTECTED" >&2
	until_heard "$work/run.NodeA"
	until_heard "$work/run.NodeB"
	expect "pair: status of A" 0 "^clitest: PROTECTED" "${at_a[@]}" status
	expect "pair: status of B" 0 "^clitest: PROTECTED" "${at_b[@]}" status
	expect "pair: status --json" 0 '"summary": ?"PROTECTED"' "${at_a[@]}" --json status
	expect "pair: test at A" 0 "NodeA could fence NodeB" "${at_a[@]}" test
	in_time "pair: test at A"
	expect "pair: no proxy ARP" 0 "pass +proxy-arp" "${at_a[@]}" test
	on_a sysctl -qw net.ipv4.conf.svc.proxy_arp=1
	expect "pair: proxy ARP of this node" 1 "FAIL +proxy-arp" "${at_a[@]}" test
	on_a sysctl -qw net.ipv4.conf.svc.proxy_arp=0
	expect "pair: test at B" 0 "NodeB could fence NodeA" "${at_b[@]}" test
	expect "pair: version" 0 "is running, process [0-9]+" "${at_a[@]}" version
	expect "pair: metrics" 0 'ha_fence_protected\{cluster="clitest"\} 1$' "${at_a[@]}" metrics
	expect "pair: metrics, the VIP" 0 'ha_fence_vip_held\{cluster="clitest",address="10.77.1.210",interface="svc"\} 0$' "${at_b[@]}" metrics
	expect "pair: metrics, the newest test at A" 0 'ha_fence_last_test_failures\{cluster="clitest"\} 1$' "${at_a[@]}" metrics
	expect "pair: metrics --json" 0 '"adverts_sent"' "${at_a[@]}" --json metrics
	expect "pair: metrics --http" 0 '^HTTP/1.1 200 OK' http_metrics 'GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n' "${at_a[@]}"
	expect "pair: metrics --http, the figures" 0 'ha_fence_protected' http_metrics 'GET / HTTP/1.0\r\n\r\n' "${at_a[@]}"
	if command -v promtool >/dev/null; then
		"${at_a[@]}" metrics >"$work/metrics"
		expect "pair: metrics, by promtool" 0 "^$" bash -c "promtool check metrics <'$work/metrics'"
	else
		skipped=$((skipped + 1))
		echo "skipped: metrics by promtool: it is missing (apt-get install prometheus)"
	fi
	expect "pair: history" 0 "ha-fence history N" "${at_a[@]}" history
	expect "pair: first episode" 0 "^#1 " "${at_a[@]}" history 1
	expect "pair: no such episode" 1 "no episode 999" "${at_a[@]}" history 999
	expect "pair: confirm-off is refused" 1 "." "${at_a[@]}" confirm-off NodeB --yes
	expect "pair: fencing the holder is refused" 1 "holds the VIP" "${at_b[@]}" fence off NodeA --yes
	expect "pair: rebooting the holder is refused" 1 "holds the VIP" "${at_b[@]}" test --reboot-peer NodeA --yes
	expect "pair: switchover" 0 "^done" "${at_a[@]}" switchover
	until_status NodeB PROTECTED 20
	expect "pair: B holds" 0 "NodeB" "${at_a[@]}" status
	expect "pair: pause" 0 "." "${at_a[@]}" pause --for 2h
	expect "pair: paused is shown" 1 "paused" "${at_a[@]}" status
	expect "pair: resume" 0 "." "${at_a[@]}" resume
	expect "pair: standby" 0 "." "${at_a[@]}" standby
	expect "pair: standby is shown" 1 "STANDBY" "${at_a[@]}" status
	expect "pair: unstandby" 0 "." "${at_a[@]}" unstandby
	expect "pair: reload" 0 "." "${at_a[@]}" reload
	expect "pair: check-config" 0 "as the running daemon has it" "${at_a[@]}" check-config
	sed -i 's/settle = 0.2/settle = bad/' "$work/good.conf"
	expect "pair: check-config of a bad file" 2 "The running daemon keeps its configuration [0-9a-f]{6}" "${at_a[@]}" check-config
	expect "pair: reload of a bad file" 2 "." "${at_a[@]}" reload
	sed -i 's/settle = bad/settle = 0.2/' "$work/good.conf"
	expect "pair: reload of the good file" 0 "." "${at_a[@]}" reload
	expect "pair: watch" 124 "PROTECTED" on_a timeout 2 "$fence" --runtime-dir "$work/run.NodeA" status --watch
	expect "pair: follow" 124 "^#[0-9]+ [0-9:.]+ " on_a timeout 2 "$fence" --runtime-dir "$work/run.NodeA" history --follow
	run_pair_level_2
	kill -STOP "${daemon_pid[NodeB]}"
	expect "hung daemon: status" 1 "has not answered in time" "${at_b[@]}" status
	expect "hung daemon: test" 1 "none that answers" "${at_b[@]}" test
	in_time "hung daemon: test"
	kill -CONT "${daemon_pid[NodeB]}"
	run_blind_standby
	run_stuck "${at_a[@]}"
	expect "pair: secrets are in no log" 1 "^$" grep -l "$password" "$work/log.NodeA" "$work/log.NodeB"
}
