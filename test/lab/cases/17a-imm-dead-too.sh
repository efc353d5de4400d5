# FAULTS 17: A loses power with its IMM; nobody claims until the IMM is back
given a running pair
when power_cut_with_imm A
expect alarm claim-stuck on B within 15
expect holder none for 4
when imm_return A
expect holder B within 10
expect power A off
expect downs A 0
expect fences B 0
expect alarm fenced on B
