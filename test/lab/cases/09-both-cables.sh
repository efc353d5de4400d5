# FAULTS 9: A's service and storage cables are out, its IMM is reachable
given a running pair
# One command after the other: the service cable is the last, else B, still heard on the other LAN, takes over by consent.
when cables_out A stor svc
expect holder B within 20
expect power A off
expect fences A 1
expect fences B 0
expect alarm fenced on B
