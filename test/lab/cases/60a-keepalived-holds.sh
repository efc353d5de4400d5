# FAULTS 60: a keepalived with better priority holds our VIP on B; A never adds it
given a pair without power
daemon_disabled B
keepalived_service B 200
power_on B
expect holder B within 15
when power_on A
expect alarm 'vip-conflict|waiting-for-peer' on A within 15
expect holder B for 6
expect fences B 0
expect fences A 0
expect power B on
