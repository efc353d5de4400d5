# FAULTS 14: nothing of A reaches B, on no LAN; B cannot tell that from a dead A and powers it down, once
given a running pair
when one_way_loss A B
expect holder B within 20
expect drops loss_A_B_svc
expect drops loss_A_B_stor
expect power A off
expect alarm path-asymmetric on A
expect alarm fenced on B
expect holder B for 3
expect fences A 1
expect fences B 0
