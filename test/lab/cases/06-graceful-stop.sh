# FAULTS 6: A is stopped gracefully; B takes over by consent
given a running pair
when service_stop A ha-fenced
expect holder B within 5
expect page B within 5
expect power A on
expect fences A 0
expect holder B for 4
expect fences A 0
measure "VIP absent for $(seconds "$(figure '.moves[-1].absent_ms')")"
expect fences B 0
expect no alarm fenced on B
