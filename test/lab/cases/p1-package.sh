# package: from bare machines to a pair by the how-to; upgrade, removal, shutdown, purge: FAULTS 6, 72, 75
# rows: 6 72 75
. "$LAB/package.sh"
still_A() { # nothing has moved or been fenced, and for A nothing has started anew
	expect holder A for 1
	[ "$(figure .losses_since_mark)" = 0 ] || fail "the VIP was gone for $(figure .longest_absent_ms) ms"
}
installed_on() { # NODE PACKAGE
	on_node "$1" sh -c "cd /root && apt install ./${2##*/}" >>"$RUN/$1/book" 2>&1 || fail "apt install on $1: $(tail -n 20 "$RUN/$1/book")"
}
both_booted() { node_booted A && node_booted B; }

package_pair
lintian --fail-on error,warning --tag-display-limit 0 "$PACKAGE" >"$RUN/lintian" 2>&1 &
lintian=$!
power_on_both
poll_until 60 both_booted || fail "the machines do not boot: $(tail -n 5 "$RUN"/?/console)"
for node in A B; do
	on_node $node sh -c '! command -v ha-fence && ! ls /usr/lib/*/libOpenIPMI* /usr/lib/*/libconfig*' >/dev/null 2>&1 ||
		fail "$node is not bare"
done

# Word for word, but for the addresses of the IMMs. It ends with the pair's PROTECTED, a switchover to B, and a reboot of A.
begun=$EPOCHSECONDS
by_the_book "$TOP/docs/howto.md" '## 2. Install' '## 5.' -e "s/192.168.1.98\b/${IMM[A]}/; s/192.168.1.99\b/${IMM[B]}/"
measure "$book_ran commands, $((EPOCHSECONDS - begun)) s from apt install"
observe_wait holder B 10000 >/dev/null || fail "after the how-to: $(describe)"
expect fences A 1
poll_until 60 pair_protected || fail "not protected: $(describe)"
for node in A B; do
	[ "$(on_node $node sh -c 'find /etc/ha-fenced -type f ! -name "*.example" -printf "%m %u:%g\n" | sort -u')" = '640 root:ha-fenced' ] ||
		fail "secrets on $node: $(on_node $node ls -l /etc/ha-fenced)"
	[ "$(on_node $node stat -c %U /run/ha-fenced/control)" = ha-fenced ] || fail "the daemon of $node is not ha-fenced"
	[ "$(on_node $node systemctl is-enabled ha-fenced.service ha-fenced-metrics.socket | paste -sd ' ')" = 'enabled disabled' ] ||
		fail "$node: enabled are $(on_node $node systemctl list-unit-files 'ha-fenced*')"
	[ "$(on_node $node journalctl --list-catalog | grep -c ' ha-fenced: ')" = "$(cat "$TOP/docs/runbook.md" "$TOP/etc/catalog.notes" | grep -c '^## ')" ] ||
		fail "$node: not every alarm and note is in the journal's catalog"
done
when hf B switchover
expect holder A within 10
poll_until 15 pair_protected || fail "not protected: $(describe)"

# The standby is upgraded while it may not be replaced: the old one goes on, and status says so.
process_B=$(daemon_pid B) process_A=$(daemon_pid A)
package_newer
when hf B pause --for 10m
installed_on B "$NEWER"
grep -q "the old version goes on" "$RUN/B/book" || fail "the package does not say that the old one goes on"
hf B status | grep -q "running $version, installed $newer: ha-fence reexec" || fail "status does not say the versions: $(hf B status)"
still_A
also hf B resume
also hf B reexec
poll_until 10 pair_protected || fail "not protected: $(describe)"

# The master becomes the new one in place.
when installed_on A "$NEWER"
still_A
poll_until 10 pair_protected || fail "not protected: $(describe)"
[ "$(daemon_pid A) $(daemon_pid B)" = "$process_A $process_B" ] || fail "another process"
for node in A B; do
	hf $node --json version | jq -e "all(.[\"ha-fence\", \"ha-fenced\"]; . == \"$newer\")" >/dev/null || fail "$node: $(hf $node version)"
	! hf $node status | grep Version || fail "$node: status shows a difference"
done

! log_of A | grep -E 'Permission denied' | grep -v OOM || fail "the daemon may not read what is its own"

# Removed from the standby: it goes in order, nothing happens to the master; the configuration stays for another time.
when on_node B apt remove ha-fenced
still_A
expect alarm no-standby on A
expect no alarm fenced on A
expect fences B 0
[ -z "$(daemon_pid B)" ] || [ "$(daemon_pid B)" = 0 ] || fail "B's daemon runs on"
also installed_on B "$NEWER"
also on_node B systemctl start ha-fenced
poll_until 20 pair_protected || fail "not protected: $(describe)"

# Removed from the master: it hands over.
when on_node A apt remove ha-fenced
expect holder B within 10
measure "removed from the master: VIP absent for $(seconds "$(figure '.moves[-1].absent_ms')")"
also installed_on A "$NEWER"
also on_node A systemctl start ha-fenced
poll_until 20 pair_protected || fail "not protected: $(describe)"

# Shut down: the same.
when on_node B systemctl poweroff
expect holder A within 20
expect page A within 10
expect power B off within 30
expect fences B 0
expect fences A 1

# Purged: what the daemon wrote is gone, what the administrator wrote is not.
also on_node A apt purge ha-fenced
expect holder none within 10
on_node A sh -c '! ls -d /run/ha-fenced /var/lib/ha-fenced /usr/sbin/ha-fence* && ls /etc/ha-fenced/authkey /etc/ha-fenced/NodeB.imm' \
	>"$RUN/purged" 2>/dev/null || fail "after the purge: $(cat "$RUN/purged")"
wait "$lintian" || fail "lintian: $(cat "$RUN/lintian")"
