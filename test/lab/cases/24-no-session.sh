# FAULTS 24: others have all sessions of A's IMM; said, UNKNOWN meanwhile, retried, and A keeps; then it is A's turn to die
lab_pair
# A session that is not used ends after 30 s: they are taken again and again.
# shellcheck disable=SC2016
lab_run nsenter --net="/run/netns/$PREFIX-immC" sh -c 'while :; do "$0" sessions "$1" 80 >"$2.new" && mv "$2.new" "$2"; sleep 1; done' \
	"$TOOLS/inject" "${IMM[A]}" "$RUN/refused"
hoard=$!
refused() { [ "$(cat "$RUN/refused" 2>/dev/null || echo 0)" -gt 0 ]; }
poll_until 5 refused || fail "the fault is not real: the IMM has sessions left"
power_on_both
prefer_A
expect alarm fence-sessions on B within 10
expect no alarm fence-authentication on B
status_is B '.fence.power == "unknown"' || fail "B knows what it cannot know: $(status_of B | jq -c .fence)"
poll_until 5 status_is A '.peer.can_fence_me == false' || fail "A believes that B can fence it: $(describe)"
when freeze A
expect alarm claim-stuck on B within 10
sleep 3
status_is B '.holding == false' || fail "B holds without a proof: $(describe)"
expect power A on
also kill "$hoard"
also imm_stop A
also imm_return A
expect holder B within 30
expect power A off
expect fences A 1
expect fences B 0
