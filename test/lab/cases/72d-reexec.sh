# FAULTS 72: daemons are upgraded in place, the standby's and then the master's; the VIP never moves
lab_pair
for node in A B; do
	mkdir "$RUN/$node/bin"
	cp "$HA_BUILD"/ha-fenced* "$HA_BUILD/ha-fence" "$RUN/$node/bin"
	lab_service "$node" ha-fenced "-r 100" "$(daemon_command "$node" | sed "s|^$HA_BUILD/|$RUN/$node/bin/|")"
done
version=$("$HA_BUILD/ha-fenced" --version | cut -d ' ' -f 2)
# As long, so that it can be written over the old one in a copy of the program; with its end, which the linker may use for a default.
newer=9${version#?}

upgrade() { # NODE: as a package does: a new file takes the name of the old one
	sed "s/$version/$newer/g" "$HA_BUILD/ha-fenced" >"$RUN/$1/bin/new"
	chmod 755 "$RUN/$1/bin/new"
	mv "$RUN/$1/bin/new" "$RUN/$1/bin/ha-fenced"
}
process_of() { cat "$RUN/$1/service/ha-fenced/pid"; }
children_of() { ps -o stat= --ppid "$(process_of "$1")"; }
upgraded() { # NODE
	local before
	before=$(process_of "$1")
	when upgrade "$1"
	hf "$1" --json version | jq -e ".[\"ha-fenced\"] == \"$version\"" >/dev/null || fail "$1 runs another version already"
	hf "$1" reexec >"$RUN/said" || fail "reexec: $(cat "$RUN/said")"
	grep -q "^ha-fenced $version became $newer in place, process $before$" "$RUN/said" || fail "reexec says $(cat "$RUN/said")"
	hf "$1" status | grep -q "running $newer, installed $version: ha-fence reexec" || fail "status does not say the versions"
	grep -q "ha-fenced $version became $newer\\|$version became $newer in place" "$RUN/$1/service/ha-fenced/log" || fail "no line in the log"
	expect holder A for 2
	[ "$(figure .losses_since_mark)" = 0 ] || fail "the VIP was gone for $(figure .longest_absent_ms) ms"
	[ "$(process_of "$1")" = "$before" ] || fail "another process"
	poll_until 10 pair_protected || fail "not protected: $(describe)"
	poll_until 5 no_zombies "$1" || fail "children left: $(children_of "$1" | tr '\n' ' ')"
}
no_zombies() { ! children_of "$1" | grep -q Z; }

given a running pair
upgraded B
upgraded A

# A file with other addresses is for a reload, which asks the peer: the new program would find a record without its VIP.
before=$(process_of A)
when cp "$RUN/A/etc/ha-fenced.conf" "$RUN/A/kept"
sed -i "s|virtual_ipaddress = ( *\"[^/\"]*/|virtual_ipaddress = ( \"${VIP%.*}.77/|" "$RUN/A/etc/ha-fenced.conf"
! cmp -s "$RUN/A/kept" "$RUN/A/etc/ha-fenced.conf" || fail "the address was not changed"
! hf A reexec 2>"$RUN/said" || fail "a file with another address is taken"
grep -q 'not those in force' "$RUN/said" || fail "it says $(cat "$RUN/said")"
expect holder A for 2
cp "$RUN/A/kept" "$RUN/A/etc/ha-fenced.conf"

# A program that does not run, or a file that it does not accept: refused, and nothing has changed.
before=$(process_of A)
when cp /bin/false "$RUN/A/bin/new"
mv "$RUN/A/bin/new" "$RUN/A/bin/ha-fenced"
! hf A reexec 2>"$RUN/said" || fail "a program that does not run is taken"
grep -q 'does not run' "$RUN/said" || fail "it says $(cat "$RUN/said")"
upgrade A
echo 'nonsense' >>"$RUN/A/etc/ha-fenced.conf"
! hf A reexec 2>"$RUN/said" || fail "a broken file is taken"
grep -q 'does not accept the configuration' "$RUN/said" || fail "it says $(cat "$RUN/said")"
expect holder A for 2
[ "$(process_of A)" = "$before" ] || fail "another process"
[ "$(daemon_starts A)" = 1 ] || fail "A was started again"
expect fences A 0
expect fences B 0
