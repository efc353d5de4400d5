# systemd: the Debian package: installed, started, upgraded in place on the master: FAULTS 72
# slow
# rows: 72
. "$LAB/systemd.sh"
package=$(find "$HA_BUILD" -maxdepth 1 -name 'ha-fenced_*.deb' | head -n 1)
[ -n "$package" ] || { echo "needs the package: make deb" >&2; exit 77; }
option more 'release: { units = ( "web.service" ); };'
systemd_pair
for node in A B; do # nothing that `make install` put there
	rm -rf "${RUN:?}/$node/disk-up/usr" "$RUN/$node"/etc/*.example \
		"$RUN/$node/disk-up/etc/systemd/system/multi-user.target.wants/ha-fenced.service"
	cp "$package" "$RUN/$node/disk-up/ha-fenced.deb"
	power_on $node
done
for node in A B; do
	poll_until 20 node_booted $node || fail "$node does not boot"
	on_node $node dpkg -i /ha-fenced.deb >"$RUN/$node/dpkg.log" 2>&1 || fail "$node: $(tail -n 3 "$RUN/$node/dpkg.log")"
	unit_is $node ha-fenced.service inactive || fail "the package starts the service by itself"
	on_node $node systemctl -q enable --now ha-fenced || fail "$node: the service does not start"
done
poll_until 20 pair_protected || fail "the pair is not protected: $(describe)"
prefer_A
expect page A within 10

when on_node A dpkg -i /ha-fenced.deb >"$RUN/A/dpkg.log" 2>&1
grep -q 'in place' "$RUN/A/dpkg.log" || fail "not upgraded in place: $(tail -n 3 "$RUN/A/dpkg.log")"
poll_until 10 pair_protected || fail "the pair is not protected after the upgrade: $(describe)"
expect holder A for 2
[ "$(figure .losses_since_mark)" = 0 ] || fail "the VIP was gone for $(figure .longest_absent_ms) ms"
unit_is A web.service active || fail "the upgrade stops the managed unit"
expect fences A 0
