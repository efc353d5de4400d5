# History: episodes survive a restart of the daemon, its crash in the midst of one, a loss of power; they are read without it, too
episodes() { hf "$1" --json history 2>/dev/null | jq -r "$2"; }
tells() { [ "$(episodes "$1" "$2")" = "$3" ]; }
in_file() { grep -q "$2" "$RUN/$1/state/history" 2>/dev/null; } # NODE TEXT
given a running pair
when power_cut A
expect holder B within 20
poll_until 10 in_file B '"proof":"OFF"' || fail "the episode is not on disk"
number=$(episodes B '[.[] | select(.proof == "OFF")][-1].number')
also power_on A
poll_until 20 pair_protected || fail "not protected: $(describe)"
before=$(episodes B ".[] | select(.number == $number) | .steps | map(.text) | @text")
also service_stop B ha-fenced
tells B "[.[] | select(.number == $number)] | length" 1 || fail "without a daemon the file tells nothing"
hf B history "$number" 2>&1 | grep -q 'proof OFF' || fail "without a daemon there is no episode $number"
also service_start B ha-fenced
poll_until 20 pair_protected || fail "not protected: $(describe)"
[[ $(episodes B ".[] | select(.number == $number) | .steps | map(.text) | @text") == "${before%]}"* ]] ||
	fail "episode $number has lost steps: $before"
also kill_daemon B
poll_until 10 pair_protected || fail "not protected: $(describe)"
also hf A switchover >/dev/null
expect holder B within 10
poll_until 10 tells B "[.[] | select(.number > $number)] | length > 0" true || fail "nothing new after $number"
tells B '[.[].number] | . == (sort | unique)' true || fail "numbers twice: $(episodes B '[.[].number] | @text')"
when power_cut B
also power_on B
poll_until 20 pair_protected || fail "not protected: $(describe)"
tells B "[.[] | select(.number == $number and .proof == \"OFF\")] | length" 1 || fail "the loss of power took episode $number"
