# FAULTS 24: others have all sessions of A's IMM; said, UNKNOWN meanwhile, retried, and A keeps; then it is A's turn to die
lab_pair
hoard() { in_ns immC "$TOOLS/inject" sessions "${IMM[A]}" "$1" >"$RUN/refused"; }
hoard 80
[ "$(cat "$RUN/refused")" -gt 0 ] || fail "the fault is not real: the IMM has sessions left"
power_on_both
expect holder A within 20
expect alarm fence-sessions on B within 10
also hoard 80
expect no alarm fence-authentication on B
status_is B '.fence.power == "unknown"' || fail "B knows what it cannot know: $(status_of B | jq -c .fence)"
poll_until 5 status_is A '.peer.can_fence_me == false' || fail "A believes that B can fence it: $(describe)"
when freeze A
expect alarm claim-stuck on B within 10
sleep 3
status_is B '.holding == false' || fail "B holds without a proof: $(describe)"
expect power A on
also imm_stop A
also imm_return A
expect holder B within 30
expect power A off
expect fences A 1
expect fences B 0
