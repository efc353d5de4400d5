# systemd: two units in order, one that ignores SIGTERM: FAULTS 71 (undone) and 52 (fenced); credentials, scripts, polkit
# rows: 52 71
. "$LAB/systemd.sh"
option more 'release: { units = ( "data.service", "web.service" ); release_timeout = 5.0; };
	health: { checks = ( { name = "web"; type = "http"; url = "http://127.0.0.1/"; when = "master"; interval = 0.5;
		timeout = 3.0; rise = 1; fall = 2; start_delay = 15.0; },
		{ name = "data"; type = "nfs"; path = "/srv/data"; fstype = "tmpfs"; write = true; interval = 1.0; },
		{ name = "who"; type = "script"; script = "/srv/who check"; interval = 1.0; } ); };
	notify: { notify = "/srv/who"; };'
systemd_pair
for node in A B; do
	# It stands for the NFS mount: the service may write there and nowhere else.
	printf '%s\n' '[Mount]' What=tmpfs Where=/srv/data Type=tmpfs Options=mode=1777 | systemd_unit $node srv-data.mount
	mkdir "$RUN/$node/disk-up/etc/systemd/system/local-fs.target.wants"
	ln -s ../srv-data.mount "$RUN/$node/disk-up/etc/systemd/system/local-fs.target.wants/"
	# What only root can read comes as credentials: the passwords and this machine's GUID.
	sed -i 's/^ *guid = .*//; s/password_file = .*"; }/}/' "$RUN/$node/etc/ha-fenced.conf"
	mkdir -p "$RUN/$node/disk-up/etc/systemd/system/ha-fenced.service.d" "$RUN/$node/disk-up/etc/secret"
	# Where root may not raise its limits, those of the unit cannot work: capabilities stand in for them.
	limited=$( (ulimit -l unlimited) 2>/dev/null || echo limited)
	[ -z "$limited" ] || printf '%s\n' '[Service]' {AmbientCapabilities,CapabilityBoundingSet}='CAP_SYS_NICE CAP_IPC_LOCK' \
		>"$RUN/$node/disk-up/etc/systemd/system/ha-fenced.service.d/limits.conf"
	mv "$RUN/$node"/etc/Node?.imm "$RUN/$node/disk-up/etc/secret/"
	echo "${GUID[$node]}" >"$RUN/$node/disk-up/etc/secret/uuid"
	chmod -R go= "$RUN/$node/disk-up/etc/secret"
	printf '%s\n' '[Service]' "LoadCredential=Node"{A,B}".imm:/etc/secret/Node"{A,B}".imm" \
		'LoadCredential=product_uuid:/etc/secret/uuid' >"$RUN/$node/disk-up/etc/systemd/system/ha-fenced.service.d/lab.conf"
	cat >"$RUN/$node/disk-up/srv/who" <<-'X'
		#!/bin/sh
		who="$(id -u):$(id -G) $(grep CapEff /proc/self/status | tr -d "[:space:]")"
		[ "$1" != check ] || exec test "$who" = "65534:65534 CapEff:0000000000000000"
		echo "script by $who" >&2
	X
	chmod 755 "$RUN/$node/disk-up/srv/who"
	# Its main process ends when it is told to, as long as /srv/stubborn is not there; a writer that was left behind never.
	systemd_unit $node data.service <<-X
		[Service]
		ExecStart=/bin/sh -c 'trap "test -e /srv/stubborn || exit 0" TERM; while :; do sleep 0.1; done'
		KillMode=mixed
		TimeoutStopSec=1h
	X
done
said_by_nobody() { log_of A | grep -q "script by 65534:65534 CapEff:0000000000000000"; }
given a running pair
expect page A within 10
unit_is A data.service active || fail "the first unit was not started"
started_in_order() {
	log_of A | awk '/unit data.service started/ { data = NR } /unit web.service started/ { web = NR } END { exit !(data && data < web) }'
}
poll_until 5 started_in_order || fail "the units were not started in their order"

status_is B '.fence.reachable and .fence.can_fence' || fail "B does not use the password: $(hf B status)"
# Scripts are run neither by root, nor by ha-fenced, nor with any capability.
poll_until 5 said_by_nobody || fail "a notify script: $(log_of A | grep 'script')"
poll_until 5 status_is A '.health[] | select(.name == "who") | .ok' || fail "a check's script is run by somebody else"
poll_until 5 status_is A '.health[] | select(.name == "data") | .ok' || fail "the storage check cannot write: $(hf A status)"
! on_node A setpriv --reuid=ha-fenced --regid=ha-fenced --clear-groups systemctl stop dbus.service 2>/dev/null ||
	fail "ha-fenced may stop a unit that is none of its own"
! log_of A | grep -E "GUID is not known|no real-time|not locked$([ -n "$limited" ] || echo "|not spared")" || fail "A lacks something"

# In order on B, in reverse on A.
when hf A switchover
expect holder B within 10
expect page B within 10
stopped_in_reverse() {
	log_of A | awk '/unit data.service stopped/ { data = NR } /unit web.service stopped/ { web = NR } END { exit !(web && web < data) }'
}
poll_until 5 stopped_in_reverse || fail "the units were not stopped in reverse"
unit_is A data.service inactive || fail "A still runs data.service"
poll_until 10 pair_protected || fail "the pair is not protected: $(describe)"

# 71: what cannot be stopped stays, and so does the VIP.
when on_node B touch /srv/stubborn
! hf B switchover >"$RUN/switchover" 2>&1 || fail "the switchover succeeds though data.service runs on"
expect state B MASTER within 5
expect alarm dirty-release on B
expect page B within 10
expect holder B for 2
[ "$(figure .losses_since_mark)" = 0 ] || fail "the VIP was gone for $(figure .longest_absent_ms) ms"
expect fences B 0

# 52: the service dies, the release cannot be proven; A powers B down before it serves.
when on_node B systemctl kill -s KILL web.service
expect holder A within 20
expect page A within 10
expect power B off
expect fences B 1
expect fences A 0
expect alarm fenced on A
