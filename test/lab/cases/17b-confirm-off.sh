# FAULTS 17: A loses power with its IMM; the administrator confirms that it is off
given a running pair
when power_cut_with_imm A
expect alarm claim-stuck on B within 15
expect holder none for 1
when hf B confirm-off NodeA --yes
expect holder B within 5
expect holder B for 3
[ "$(grep -c 'confirm-off: done' "$RUN/B/service/ha-fenced/log")" = 1 ] || fail "the log does not say once that it was done"
expect power A off
expect fences A 0
expect fences B 0
