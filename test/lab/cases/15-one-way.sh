# FAULTS 15: nothing of B reaches A
given a running pair
when one_way_loss B A
expect holder A for 10
expect drops loss_B_A_svc
expect drops loss_B_A_stor
expect alarm 'path-asymmetric|path-down|no-standby' on A
expect fences A 0
expect fences B 0
expect power A on
