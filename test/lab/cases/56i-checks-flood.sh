# FAULTS 56: A runs 500 checks a second, of which some hang, flood, refuse or fork; no advert is late, and they cost little
lab_pair
for node in A B; do lab_service $node checked "-r 100" "$TOOLS/web 8080"; done
given a running pair
# Without checks first, on this machine, now: what the machine itself is late by is not the checks' doing.
when capture_start A
sleep 8
capture_stop A
control=$(advert_lateness A)
many_checks
also hf A reload
also hf B reload
poll_until 20 status_is A '[.health[] | select(.ok != null)] | length == 500' ||
	fail "not all checks answer: $(status_of A | jq -c '[.health[] | select(.ok == null)] | length')"
poll_until 20 status_is A '[.health[] | select(.ok | not)] | length == 32' ||
	fail "not those checks fail that should: $(status_of A | jq -c '[.health[] | select(.ok | not) | .name]')"
pid=$(health_process A)
before=$(cpu_ticks "$pid") began=${EPOCHREALTIME/./}
also capture_start A
sleep 12
also capture_stop A
took=$((${EPOCHREALTIME/./} - began))
cost=$(awk -v t=$(($(cpu_ticks "$pid") - before)) -v us=$took -v hz="$(getconf CLK_TCK)" \
	'BEGIN { printf "%.1f", 100 * t / hz / (us / 1e6) }')
late=$(advert_lateness A)
measure "500 checks: $cost % of a core, adverts at most $late ms late, without checks $control ms"
awk -v late="$late" -v control="$control" 'BEGIN { limit = 2 * control > 100 ? 2 * control : 100; exit !(late < limit) }' ||
	fail "with 500 checks an advert is $late ms late, without $control ms"
awk -v cost="$cost" 'BEGIN { exit !(cost < 15) }' || fail "500 checks cost $cost % of a core"
poll_until 5 status_is A '[.health[] | select(.ok)] | length == 468' || fail "good checks fail: $(status_of A | jq -c '[.health[] | select(.ok | not) | .name]')"
expect no alarm stalled on A
expect holder A for 1
expect fences A 0
expect fences B 0
