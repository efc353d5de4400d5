# FAULTS 2: A thaws just when B is about to power it down; whoever wins, it is one
given a running pair
for pause in 2.9 3.0 3.1; do
	[ "$(figure .holder)" = A ] || break
	when freeze A
	sleep "$pause"
	also thaw A
	sleep 4
done
settled() { [ "$(figure .holder)" = B ] || { [ "$(figure .holder)" = A ] && status_is B '.state == "BACKUP"'; }; }
poll_until 20 settled || fail "nobody serves: $(describe)"
expect never two holders
holder=$(figure .holder)
[ "$holder" = A ] && expect fences A 0
[ "$holder" = B ] && expect power A off
expect fences B 0
