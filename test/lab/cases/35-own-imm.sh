# FAULTS 35: the IMM addresses are swapped: each node's peer's IMM is its own
option imm_A B
option imm_B A
lab_pair
power_on_both
prefer_A
expect alarm fence-identity on B within 10
when freeze A
sleep 6
expect never two holders
expect fences A 0
expect fences B 0
expect power B on
expect power A on
