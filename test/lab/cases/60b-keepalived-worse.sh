# FAULTS 60: a keepalived with worse priority starts on B beside our A
given a running pair
service_stop B ha-fenced
keepalived_service B 50
when service_start B keepalived
expect holder A for 6
expect alarm 'vip-conflict|no-standby' on A
expect fences B 0
expect power B on
expect fences A 0
