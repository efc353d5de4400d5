# FAULTS 40: B starts alone, A is on but its daemon is stopped; B waits
given a pair without power
daemon_disabled A
power_on A
when power_on B
expect alarm waiting-for-peer on B within 15
expect holder none for 6
expect fences A 0
expect power A on
expect fences B 0
grep -q "ha-fenced" <(hf B status) || fail "the alarm does not name the commands that help: $(hf B status)"
