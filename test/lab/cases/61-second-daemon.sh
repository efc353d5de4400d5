# FAULTS 61: a second ha-fenced is started on A with another runtime directory; it refuses
given a running pair
mkdir "$RUN/A/second"
when true
# shellcheck disable=SC2046
in_ns A timeout 20 $(daemon_command A "$RUN/A/second") >"$RUN/second.log" 2>&1
status=$?
case $status in
0 | 124 | 13[0-9]) fail "the second daemon ended with $status: $(tail -n 2 "$RUN/second.log")" ;;
esac
[ "$(figure .losses_since_mark)" = 0 ] || fail "the VIP was lost"
expect holder A for 2
expect state A MASTER
expect fences A 0
expect fences B 0
expect power A on
