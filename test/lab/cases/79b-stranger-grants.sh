# FAULTS 79: the stranger in B's place grants A's claim, which proves nothing; both files and the IMM name it: all is well
given a running pair
power_cut B
sed -i "s/${GUID[B]}/${GUID[C]}/" "$RUN/B/etc/ha-fenced.conf"
power_on B
expect alarm fence-identity on A within 15
when service_stop A ha-fenced
also service_start A ha-fenced
poll_until 10 grep -q "granted NodeA's claim" "$RUN/B/service/ha-fenced/log" || fail "B was not asked: $(describe)"
expect holder none for 4
expect alarm fence-identity on A
expect fences A 0
expect fences B 0
also imm_stop B
option imm_guid_B "${GUID[C]}"
also imm_return B
also sed -i "s/${GUID[B]}/${GUID[C]}/" "$RUN/A/etc/ha-fenced.conf"
hf A reload >/dev/null || fail "A does not reload: $(describe)"
poll_until 15 pair_protected || fail "not protected with the new machine's GUID: $(describe)"
expect fences A 0
expect fences B 0
expect power A on
