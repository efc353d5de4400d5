# FAULTS 34: the IMM at A's address is another machine's; no power command is sent to it
option imm_guid_A "${GUID[C]}"
lab_pair
power_on_both
prefer_A
expect alarm fence-identity on B within 10
when freeze A
sleep 6
expect never two holders
expect fences A 0
expect power A on
[ ! -s "$RUN/imm-A/calls" ] || fail "orders were sent: $(cat "$RUN/imm-A/calls")"
expect fences B 0
