# FAULTS 59: A's daemon has no file descriptor left and is asked for its status; A keeps the VIP, says so, and does not spin
option after 8.0 # a new daemon may take its time on a busy machine
given a running pair
pid=$(cat "$RUN/A/service/ha-fenced/pid")
most=$(find "/proc/$pid/fd" -mindepth 1 -printf '%f\n' | sort -n | tail -n 1)
disturbed A
when prlimit --pid "$pid" --nofile=$((most + 1)):$((most + 1))
before=$(awk '{ print $14 + $15 }' "/proc/$pid/stat")
for _ in 1 2; do timeout 1 "$HA_BUILD/ha-fence" -c "$RUN/A/etc/ha-fenced.conf" --node NodeA --runtime-dir "$RUN/A/run" status >/dev/null 2>&1; done
expect holder A for 3
used=$(($(awk '{ print $14 + $15 }' "/proc/$pid/stat") - before))
[ "$used" -lt 100 ] || fail "the daemon spins: $used ticks of CPU in some 5 s"
grep -q 'control socket: Too many open files' "$RUN/A/service/ha-fenced/log" || fail "the log does not say so"
expect fences A 0
also kill_daemon A
poll_until 10 daemon_back A 2 || fail "A's daemon does not come back: $(describe)"
expect state A MASTER within 5
expect holder A for 2
expect fences A 0
expect fences B 0
expect power A on
