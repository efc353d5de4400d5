# FAULTS 60: a keepalived with another password starts on B: it takes the VIP, we say so and power down nobody
allow two holders # keepalived's doing: it takes what it cannot authenticate for silence
given a running pair
service_stop B ha-fenced
keepalived_service B 50 2222
when service_start B keepalived
expect alarm 'advert-mismatch|vip-conflict' on A within 10
expect fences B 0
expect power B on
