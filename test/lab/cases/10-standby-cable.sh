# FAULTS 10: B's service cable is out; B must not fence
given a running pair
when cable_out B svc
expect holder A for 7
expect alarm link-down on B
expect fences A 0
expect fences B 0
expect power A on
expect power B on
