# FAULTS 13: split on all LANs, both reach the gateway and each other's IMM; the master never fences
given a running pair
when split
expect holder B within 20
expect drops loss_A_B_svc
expect drops loss_B_A_stor
expect power A off
expect fences A 1
expect fences B 0
expect alarm fenced on B
