# shellcheck shell=bash disable=SC2154,SC2034 # run.sh has them
# test/cli/imm.sh -- `ha-fence test` and `ha-fence fence` against real IMMs, without a daemon.
# Sourced by run.sh.

start_keepalived() { # NAMESPACE SOURCE VRID
	cat >"$work/keepalived.$1" <<END
vrrp_instance VI_1 {
    state MASTER
    interface svc
    virtual_router_id $3
    priority 200
    advert_int 1
    mcast_src_ip $2
    virtual_ipaddress { 10.77.1.220/24 }
}
END
	nsenter --net="/run/netns/$prefix-$1" keepalived -n -f "$work/keepalived.$1" -p "$work/ka.$1.pid" -r "$work/ka.$1.vrrp" \
		>/dev/null 2>&1 </dev/null &
	pids+=($!)
	keepalived_pid=$!
}

# A stranger's adverts, and another manager on this machine.
run_keepalived() {
	start_keepalived b 10.77.1.97 51
	for _ in $(seq 100); do # it becomes MASTER after a while
		ip -n "$prefix-b" addr show dev svc | grep -q 10.77.1.220 && break
		sleep 0.1
	done
	expect "a stranger's adverts" 1 "FAIL +vrrp +adverts of VRID 51 from 10.77.1.97" "$@" -c "$work/good.conf" test
	kill "$keepalived_pid" && wait "$keepalived_pid"
	start_keepalived a 10.77.1.198 77
	for _ in $(seq 100); do
		[ -s "$work/ka.a.vrrp" ] && break
		sleep 0.1
	done
	expect "another manager" 1 "FAIL +managers +keepalived runs here" "$@" -c "$work/good.conf" test
	kill "$keepalived_pid" && wait "$keepalived_pid"
}

# A daemon that has its socket and says nothing: it may know that the node holds the VIP.
run_mute() {
	mkdir -p "$work/mute"
	perl -MIO::Socket::UNIX -e '$s = IO::Socket::UNIX->new(Local => shift, Listen => 50) or die; sleep 100' "$work/mute/control" &
	local mute=$!
	pids+=("$mute")
	for _ in $(seq 100); do [ -S "$work/mute/control" ] && break; sleep 0.1; done
	expect "mute daemon: fence off" 1 "does not answer .*: whether NodeB holds the VIP is not known" "$@" --runtime-dir "$work/mute" fence off NodeB --yes
	in_time "mute daemon: fence off"
	expect "mute daemon: nothing was done" 0 "^1$" cat "$work/power.B"
	expect "mute daemon: the way out" 1 "the same again with --force" "$@" --runtime-dir "$work/mute" fence reboot NodeB --yes
	expect "mute daemon: fence off --force" 0 "NodeB is off: [0-9]+ readings" "$@" --runtime-dir "$work/mute" fence off NodeB --yes --force
	kill "$mute"
	wait "$mute" 2>/dev/null
	expect "no daemon at all: fence on" 0 "power-up ordered" "$@" --runtime-dir "$work/mute" fence on NodeB
}

run_imm() {
	local guid_b=b0000000-0000-0000-0000-00000000000b
	local as=(on_a "$fence" --node NodeA --runtime-dir "$work")

	expect "all is well" 0 "NodeA could fence NodeB" "${as[@]}" -c "$work/good.conf" test
	in_time "all is well"
	expect "machine form" 0 '"check": ?"imm-identity", ?"result": ?"pass"' "${as[@]}" -c "$work/good.conf" --json test
	expect "power restore policy: previous" 0 "pass +power-restore +previous: NodeB is what it was" "${as[@]}" -c "$work/good.conf" test
	echo 0 >"$work/imm.B/knobs/policy"
	expect "power restore policy: always-off" 0 "warn +power-restore +always-off: NodeB stays off when its power returns$" "${as[@]}" -c "$work/good.conf" test
	expect "power restore policy: the fix" 0 "fix: on NodeB:  ipmitool chassis policy previous$" "${as[@]}" -c "$work/good.conf" test
	echo 2 >"$work/imm.B/knobs/policy"
	expect "power restore policy: always-on" 0 "pass +power-restore +always-on" "${as[@]}" -c "$work/good.conf" test
	sed 's/^fence: {/fence: { action = "off";/' "$work/good.conf" >"$work/off.conf"
	chmod 600 "$work/off.conf"
	expect "power restore policy: always-on and action off" 0 "warn +power-restore +always-on: NodeB starts .* action = \"off\"" "${as[@]}" -c "$work/off.conf" test
	echo 3 >"$work/imm.B/knobs/policy"
	expect "power restore policy: unknown" 0 "skip +power-restore +the IMM does not say" "${as[@]}" -c "$work/good.conf" test
	echo 1 >"$work/imm.B/knobs/policy"
	write_config "$work/away.conf" 10.77.1.50 hafence "$guid_b"
	expect "unreachable" 1 "FAIL +imm-reach +NodeB's IMM 10.77.1.50 does not answer" "${as[@]}" -c "$work/away.conf" test
	in_time "unreachable"
	expect "unreachable: verdict" 1 "could NOT fence NodeB" "${as[@]}" -c "$work/away.conf" test
	write_config "$work/user.conf" 10.77.1.99 nobody "$guid_b"
	expect "unknown user" 1 "FAIL +imm-login +nobody: user or password refused" "${as[@]}" -c "$work/user.conf" test
	in_time "unknown user"
	(umask 077; echo wrongpassword >"$work/wrong.imm")
	sed "s,B.imm,wrong.imm," "$work/good.conf" >"$work/wrong.conf"
	chmod 600 "$work/wrong.conf"
	expect "wrong password" 1 "FAIL +imm-login +hafence: user or password refused" "${as[@]}" -c "$work/wrong.conf" test
	in_time "wrong password"
	sed '/hafence/s/password_file/privlvl = "user"; password_file/' "$work/good.conf" >"$work/weak.conf"
	chmod 600 "$work/weak.conf"
	expect "privilege" 1 "FAIL +imm-privilege" "${as[@]}" -c "$work/weak.conf" test
	in_time "privilege"
	write_config "$work/own.conf" 10.77.1.98 hafence "$guid_b"
	sed -i 's/address = "10.77.1.98"; username/address = "10.77.1.96"; username/;0,/10.77.1.96/b' "$work/own.conf"
	sed -i '0,/10\.77\.1\.96/!s/10\.77\.1\.96/10.77.1.98/' "$work/own.conf"
	expect "own IMM" 1 "FAIL +imm-identity +this is MY OWN IMM" "${as[@]}" -c "$work/own.conf" test
	in_time "own IMM"
	expect "own IMM is not commanded" 1 "other node's own" "${as[@]}" -c "$work/own.conf" fence off NodeB --yes
	write_config "$work/third.conf" 10.77.1.97 hafence "$guid_b"
	expect "a third machine's IMM" 1 "FAIL +imm-identity +a third machine's IMM" "${as[@]}" -c "$work/third.conf" test
	in_time "a third machine's IMM"
	expect "a third machine is not commanded" 1 "a third machine's" "${as[@]}" -c "$work/third.conf" fence off NodeB --yes
	expect "nothing was powered down" 0 "^111$" sh -c "cat '$work'/power.A '$work'/power.B '$work'/power.C | tr -d '\n'; echo"
	write_config "$work/unknown.conf" 10.77.1.99 hafence ""
	expect "GUID unknown" 0 "warn +imm-identity" "${as[@]}" -c "$work/unknown.conf" test
	expect "GUID unknown: no command" 1 "GUID is not known" "${as[@]}" -c "$work/unknown.conf" fence off NodeB --yes

	expect "fence status" 0 "^on +NodeB's IMM" "${as[@]}" -c "$work/good.conf" fence status NodeB
	expect "fence asks" 1 "no terminal to ask on" "${as[@]}" -c "$work/good.conf" fence off NodeB
	expect "fence off" 0 "NodeB is off: [0-9]+ readings" "${as[@]}" -c "$work/good.conf" fence off NodeB --yes
	expect "it is off" 0 "^0$" cat "$work/power.B"
	expect "status off" 0 "^off" "${as[@]}" -c "$work/good.conf" fence status NodeB
	expect "fence on" 0 "power-up ordered" "${as[@]}" -c "$work/good.conf" fence on NodeB
	expect "it is on" 0 "^1$" cat "$work/power.B"
	expect "fence reboot, json" 0 '"ok": ?true.*"power": ?"on"' "${as[@]}" -c "$work/good.conf" --json fence reboot NodeB --yes
	chmod 757 "$work/check.sh"
	expect "script that others can write, test" 0 "warn +programs +health.checks.script of own: others can write $work/check.sh" \
		"${as[@]}" -c "$work/script.conf" test
	chmod 755 "$work/check.sh"
	run_mute "${as[@]}" -c "$work/good.conf"
	expect "own IMM by its own name" 0 "^on +NodeA's IMM 10.77.1.98" "${as[@]}" -c "$work/good.conf" fence status NodeA
	expect "reboot-peer" 0 "pass +reboot-peer" "${as[@]}" -c "$work/good.conf" test --reboot-peer NodeB --yes
	expect "reboot-peer of oneself" 2 "that is this node" "${as[@]}" -c "$work/good.conf" test --reboot-peer NodeA --yes
	touch "$work/stuck.B"
	expect "accepted, but on" 1 "still on" "${as[@]}" -c "$work/good.conf" fence off NodeB --yes
	rm "$work/stuck.B"
	expect "unknown node" 2 "did you mean NodeB" "${as[@]}" -c "$work/good.conf" fence status NodeBB

	expect "down, nobody answers" 1 "nobody else answers" "${as[@]}" -c "$work/good.conf" status
	ip -n "$prefix-b" link add stranger type dummy 2>/dev/null
	ip -n "$prefix-b" addr add 10.77.1.210/24 dev svc
	expect "down, somebody answers" 1 "DOWN.*|answers for it" "${as[@]}" -c "$work/good.conf" status
	expect "the peer answers for the VIP" 0 "only NodeB answers for the VIP" "${as[@]}" -c "$work/good.conf" test
	ip -n "$prefix-b" addr del 10.77.1.210/24 dev svc
	ip -n "$prefix-a" addr add 10.77.1.210/32 dev svc
	expect "a VIP without a daemon" 1 "no daemon looks after it" "${as[@]}" -c "$work/good.conf" test
	ip -n "$prefix-a" addr del 10.77.1.210/32 dev svc
	sed 's,^fence:,release: { nfs_paths = ( "/nonexistent/share" ); };\n&,' "$work/good.conf" >"$work/nfs.conf"
	chmod 600 "$work/nfs.conf"
	expect "storage that is not there" 1 "FAIL +storage +/nonexistent/share cannot be read" "${as[@]}" -c "$work/nfs.conf" test
	command -v keepalived >/dev/null && run_keepalived "${as[@]}"
	ip -n "$prefix-b" link set sto down
	expect "no carrier" 1 "FAIL +link-storage +sto has no carrier" "${as[@]}" -c "$work/good.conf" test
}
