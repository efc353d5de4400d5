# FAULTS 8: A's service cable is out, its storage LAN alive; B takes over by consent
given a running pair
when cable_out A svc
expect holder B within 5
expect page B within 5
expect power A on
expect alarm link-down on A
also cable_in A svc
expect holder B for 4
expect fences A 0
expect fences B 0
