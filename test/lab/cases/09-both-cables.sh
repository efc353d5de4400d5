# FAULTS 9: A's service and storage cables are out, its IMM is reachable
given a running pair
when cables_out A svc stor
expect holder B within 20
expect power A off
expect fences A 1
expect fences B 0
expect alarm fenced on B
