# package: the RPM, by rpm itself on Debian: installed, upgraded in place on the master, erased: FAULTS 6, 72
# slow
# rows: 6 72
. "$LAB/systemd.sh"
lab_needs rpm rpmbuild ldd

# Of the programs that were built for the tests; no debug package, and nothing of theirs is touched.
rpm_build() { # VERSION BUILT
	local top=$RUN/rpm-$1
	mkdir -p "$top"
	sed "s/^Version: .*/Version: $1/" "$TOP/packaging/ha-fenced.spec" >"$top/ha-fenced.spec"
	tar -C "$TOP" --exclude='./build*' --exclude=./.git --exclude=./test --exclude="./${HA_BUILD##*/}" \
		--transform "s|^\.|ha-fenced-$1|" -czf "$top/ha-fenced-$1.tar.gz" .
	rpmbuild -bb --nodeps --define "_topdir $top" --define "_sourcedir $top" --define "built $2" \
		--define 'debug_package %{nil}' --define '__os_install_post %{nil}' "$top/ha-fenced.spec" >"$top/log" 2>&1 ||
		fail "rpmbuild: $(tail -n 5 "$top/log")"
	find "$top/RPMS" -name "ha-fenced-$1-*.rpm"
}

# rpm and what of its libraries the root has not: as on a machine that has an rpm.
rpm_disk() { # NODE
	local disk=$RUN/$1/disk-up file
	rm -rf "${disk:?}/usr" "$disk"/etc/ha-fenced/*.example "$disk/etc/systemd/system/multi-user.target.wants/ha-fenced.service"
	mkdir -p "$disk/usr/bin" "$disk/usr/lib/x86_64-linux-gnu" "$disk/etc/systemd/system-preset" "$disk/root"
	cp "$(command -v rpm)" "$disk/usr/bin/"
	cp -r /usr/lib/rpm "$disk/usr/lib/"
	for file in $(ldd "$(command -v rpm)" | grep -o '/[^ ]*'); do
		[ -e "$ROOT$file" ] || [ -e "$ROOT/usr$file" ] || cp -L "$file" "$disk/usr/lib/x86_64-linux-gnu/"
	done
	echo 'disable *' >"$disk/etc/systemd/system-preset/99-default-disable.preset" # as there
	cp "$OLD" "$disk/root/old.rpm"
	cp "$NEW" "$disk/root/new.rpm"
}
rpm_on() { # NODE OPTIONS...
	on_node "$1" rpm --force-debian --nodeps "${@:2}" >"$RUN/$1/rpm.log" 2>&1 || fail "rpm ${*:2} on $1: $(tail -n 5 "$RUN/$1/rpm.log")"
	! grep -v 'RPM should not be used\|However assuming you' "$RUN/$1/rpm.log" | grep -E 'error|failed|warning|not found|No such' ||
		fail "rpm ${*:2} on $1: $(cat "$RUN/$1/rpm.log")"
}

systemd_pair
version=$(sed -n 's/^VERSION = //p' "$TOP/Makefile")
newer=9${version#?}
mkdir "$RUN/newer"
find "$HA_BUILD" -maxdepth 1 -type f -perm -100 -name 'ha-fence*' -exec cp {} "$RUN/newer" \;
sed -i "s/${version//./\\.}/$newer/g" "$RUN/newer"/*
OLD=$(rpm_build "$version" "$HA_BUILD") NEW=$(rpm_build "$newer" "$RUN/newer")
for node in A B; do
	rpm_disk $node
	power_on $node
done
for node in A B; do
	poll_until 30 node_booted $node || fail "$node does not boot"
	rpm_on $node -i /root/old.rpm
	unit_is $node ha-fenced.service inactive || fail "the package starts the service by itself"
	[ "$(on_node $node systemctl is-enabled ha-fenced.service ha-fenced-metrics.socket | paste -sd ' ')" = 'disabled disabled' ] ||
		fail "$node: the package enables a unit by itself"
	[ "$(on_node $node stat -c '%a %U:%G' /etc/ha-fenced /etc/ha-fenced/ha-fenced.conf.example /usr/sbin/ha-fenced \
		/usr/libexec/ha-fenced/ha-fenced-fence /usr/lib/systemd/system/ha-fenced.service | paste -sd ' ')" = \
		'2755 root:ha-fenced 600 root:root 755 root:root 755 root:root 644 root:root' ] || fail "$node: modes are not as meant"
	on_node $node rpm --force-debian -V --nodeps ha-fenced >"$RUN/$node/verify" 2>&1 || fail "rpm -V: $(cat "$RUN/$node/verify")"
	on_node $node systemctl -q enable --now ha-fenced || fail "$node: the service does not start"
done
poll_until 20 pair_protected || fail "the pair is not protected: $(describe)"
prefer_A
process_A=$(daemon_pid A) process_B=$(daemon_pid B)

# 72: upgraded, both daemons become the new ones in place.
when rpm_on B -U /root/new.rpm
when rpm_on A -U /root/new.rpm
grep -q "$version became $newer in place" "$RUN/A/rpm.log" || fail "not upgraded in place: $(cat "$RUN/A/rpm.log")"
poll_until 10 pair_protected || fail "the pair is not protected after the upgrade: $(describe)"
expect holder A for 2
[ "$(figure .losses_since_mark)" = 0 ] || fail "the VIP was gone for $(figure .longest_absent_ms) ms"
[ "$(daemon_pid A) $(daemon_pid B)" = "$process_A $process_B" ] || fail "another process"
for node in A B; do
	hf $node --json version | jq -e "all(.[\"ha-fence\", \"ha-fenced\"]; . == \"$newer\")" >/dev/null || fail "$node: $(hf $node version)"
	[ "$(on_node $node systemctl is-enabled ha-fenced.service)" = enabled ] || fail "$node: the upgrade disables the service"
done

# 6: erased from the master, it stops in order; what the administrator wrote stays.
when rpm_on A -e ha-fenced
expect holder B within 10
expect fences A 0
[ "$(daemon_pid A)" = 0 ] || [ -z "$(daemon_pid A)" ] || fail "A's daemon runs on"
on_node A sh -c '! ls /usr/sbin/ha-fence* /usr/lib/systemd/system/ha-fenced* && ls /etc/ha-fenced/authkey' >"$RUN/erased" 2>/dev/null ||
	fail "after it was erased: $(cat "$RUN/erased")"
