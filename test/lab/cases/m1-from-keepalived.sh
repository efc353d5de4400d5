# Migration: from keepalived on both nodes to ha-fenced on both, as docs/howto.md says; nobody is fenced
lab_pair
for node in A B; do
	daemon_service "$node"
	mv "$RUN/$node/services/ha-fenced" "$RUN/$node/ha-fenced.later"
done
keepalived_start

# The files that they run are read; what keepalived does not know is given.
"$HA_BUILD/ha-fence" import "$RUN/A/etc/keepalived.conf" "$RUN/B/etc/keepalived.conf" -o "$RUN/imported.conf" \
	--set address-a="${SERVICE[A]}" --set address-b="${SERVICE[B]}" --set imm-a="${IMM[A]}" --set imm-b="${IMM[B]}" \
	2>"$RUN/said" || fail "import: $(cat "$RUN/said")"
"$HA_BUILD/ha-fence" -c "$RUN/imported.conf" --node NodeB show-config | grep -q "\"$VIP/24\"" || fail "the VIP was not imported"

instead_of_keepalived() { # NODE
	service_no_restart "$1" keepalived
	service_signal "$1" keepalived TERM
	mv "$RUN/$1/ha-fenced.later" "$RUN/$1/services/ha-fenced"
	service_start "$1" ha-fenced
}
when instead_of_keepalived B
poll_until 10 status_is B '.state != "INIT"' || fail "B's daemon does not start: $(describe)"
expect holder A for 3
when instead_of_keepalived A
poll_until 15 pair_protected || fail "not protected: $(describe)"
measure "VIP nowhere for $(figure '.longest_absent_ms / 1000') s"
expect fences A 0
expect fences B 0
