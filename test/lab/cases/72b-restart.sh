# FAULTS 72: the master's service is restarted; B takes over by consent
given a running pair
when service_stop A ha-fenced
also service_start A ha-fenced
expect holder B within 10
expect state A BACKUP within 10
expect holder B for 4
expect fences A 0
expect fences B 0
expect power A on
