# FAULTS 48: A's own IMM says that its power supply has failed; B takes over by consent. An IMM that is gone moves nothing
psu_check
given a running pair
poll_until 5 status_is A '[.health[].ok] == [true, true]' || fail "the checks do not answer: $(status_of A | jq -c .health)"
hf A --json test >"$RUN/test.json"
jq -e '[.[] | select(.check == "check-psu" and .result == "pass")] | length == 1' "$RUN/test.json" >/dev/null ||
	fail "ha-fence test does not show the check: $(jq -c '.[] | select(.check | test("check-"))' "$RUN/test.json")"
when psu A fails
expect holder B within 8
expect alarm check-failed on A
expect state A FAULT within 3
also psu A well
expect state A BACKUP within 5
poll_until 5 status_is B '.health[0].ok == true' || fail "B does not ask its IMM: $(status_of B | jq -c .health)"
also imm_stop B
poll_until 20 status_is B '.health[0].detail | test("own IMM")' || fail "nothing says why: $(status_of B | jq -c .health)"
expect holder B for 3
expect no alarm check-failed on B
expect fences A 0
expect fences B 0
