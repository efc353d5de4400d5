# FAULTS 10: all of B's cables but the IMM LAN's are out; B must not fence
given a running pair
when cable_out B svc
also cable_out B stor
expect holder A for 8
expect alarm link-down on B
expect fences A 0
expect fences B 0
expect power A on
expect power B on
