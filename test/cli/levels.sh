# shellcheck shell=bash disable=SC2154,SC2034 # run.sh has them
# test/cli/levels.sh -- outlets behind the IMM, of a power unit that is a file.
# Sourced by run.sh.

# The second level by hand.
run_level_2() {
	local all="^off 1 off 2 on 1 on 2 $"
	# What was switched since the last time, step by step. The two agents of a step run at the same time: which of them comes
	# first is chance, so each step is sorted.
	moves() {
		grep -v status "$work/unit.calls" | awk '{ steps += $1 != last; last = $1; print steps, $0 }' |
			sort -k1,1n -k3,3 | cut -d' ' -f2- | tr '\n' ' '
		echo
		: >"$work/unit.calls"
	}

	expect "level 2: status" 0 "^on +NodeB's outlets of level 2: feed1 on, feed2 on" "$@" fence status NodeB --level 2
	expect "level 2: asks" 1 "no terminal to ask on" "$@" fence off NodeB --level 2
	moves >/dev/null
	expect "level 2: off" 0 "NodeB is off: every outlet of level 2 was seen off" "$@" fence off NodeB --level 2 --yes
	expect "level 2: status off" 0 "^off +NodeB's outlets of level 2: feed1 off, feed2 off" "$@" fence status NodeB --level 2
	expect "level 2: off again" 0 "^off" "$@" fence off NodeB --level 2 --yes
	expect "level 2: on" 0 "outlet feed2 of NodeB is on again" "$@" fence on NodeB --level 2
	expect "level 2: it is on" 0 "^1 on 2 on $" bash -c "tr '\n' ' ' <'$work/unit'; echo"
	moves >/dev/null
	expect "level 2: reboot, json" 0 '"ok": ?true.*"level": ?2.*"name": ?"feed1", ?"power": ?"on"' "$@" --json fence reboot NodeB --level 2 --yes
	expect "level 2: each once off, then on" 0 "$all" moves
	expect "level 2: reboot-peer" 0 "warn +reboot-peer +NodeB: the outlets of level 2 were switched off, seen off, and are on again" \
		"$@" test --reboot-peer NodeB --level 2 --yes
	expect "level 2: reboot-peer, without a daemon" 0 "$all" moves
	touch "$work/unit.wrong"
	expect "level 2: another machine's outlets" 1 "NodeB is on, says its IMM: it does not live by them alone" \
		"$@" test --reboot-peer NodeB --level 2 --yes
	expect "level 2: they are on again all the same" 0 "$all" moves
	mv "$work/unit.wrong" "$work/unit.stuck"
	expect "level 2: an outlet stays on" 1 "outlet feed2 of NodeB took the power-down and is still on" "$@" fence reboot NodeB --level 2 --yes
	expect "level 2: the other one is on again" 0 "^1 on 2 on $" bash -c "tr '\n' ' ' <'$work/unit'; echo"
	rm "$work/unit.stuck"
	expect "level 2: no such level" 2 "NodeB has no level 3" "$@" fence status NodeB --level 3
	expect "level 2: the levels that there are" 2 "its levels: 1 \(the IMM\), 2 \(feed1, feed2\)" "$@" test --reboot-peer NodeB --level 3 --yes
	expect "level 2: no outlets at all" 2 "it has its IMM only" "$@" fence off NodeA --level 2 --yes
	expect "level 2: of oneself" 2 "that is this node" "$@" test --reboot-peer NodeA --level 2 --yes
	expect "level 1 is the IMM" 0 "^on +NodeB's IMM" "$@" fence status NodeB --level 1
}

# Outlets behind the IMM, of a power unit that is a file with a line for each.
run_levels() {
	local as=(on_a "$fence" --node NodeA --runtime-dir "$work" -c "$work/levels.conf" test)
	local hand=(on_a "$fence" --node NodeA --runtime-dir "$work" -c "$work/levels.conf")
	local device='{ name = "%s"; level = %s; agent = "%s"; authenticated = true; options = ( "plug=%s" ); password_file = "%s"; }'
	local one two

	cat >"$work/fence_unit" <<END
#!/bin/sh
see=$work/unit.see.\$\$
{
	grep -E '^(CapEff|CapPrm|NoNewPrivs|Umask)' /proc/self/status
	echo "\$(pwd) \$(ls /proc/self/fd | tr '\n' ' ')"
	cat /proc/\$PPID/environ >/dev/null && echo environ
	head -c 1 /proc/\$PPID/mem >/dev/null && echo memory
	readlink /proc/\$PPID/fd/1 >/dev/null && echo descriptors
	:
} >"\$see" 2>/dev/null
mv "\$see" "$work/unit.world"
plug= password= action=
while IFS='=' read -r key value; do
	case \$key in plug) plug=\$value ;; password) password=\$value ;; action) action=\$value ;; esac
done
[ "\$password" = "$password" ] || exit 10
[ -e "$work/unit.slow" ] && sleep 8
[ -e "$work/unit.dead" ] && exit 4
exec 9>"$work/unit.lock"
flock 9
echo "\$action \$plug" >>"$work/unit.calls"
case \$action in
off | on)
	[ -e "$work/unit.stuck" ] && [ "\$plug" = 2 ] && exit 0
	sed -i "s/^\$plug .*/\$plug \$action/" "$work/unit"
	[ -e "$work/unit.wrong" ] && exit 0 # another machine's outlets
	if grep -q on "$work/unit"; then
		echo 1 >"$work/power.B"
	else
		echo 0 >"$work/power.B"
		[ -e "$work/unit.kills" ] && kill -9 "\$(cat "$work/unit.kills")"
	fi
	exit 0
	;;
esac
grep -q "^\$plug on\$" "$work/unit" && { echo "Status: ON"; exit 0; }
echo "Status: OFF"
exit 2
END
	chmod 700 "$work/fence_unit"
	printf '1 on\n2 on\n' >"$work/unit"
	# shellcheck disable=SC2059
	one=$(printf "$device" feed1 2 "$work/fence_unit" 1 "$work/B.imm")
	# shellcheck disable=SC2059
	two=$(printf "$device" feed2 2 "$work/fence_unit" 2 "$work/B.imm")
	sed "/10.77.1.99/s|imm:|devices = ( $one, $two ); &|" "$work/good.conf" >"$work/levels.conf"
	chmod 600 "$work/levels.conf"
	(umask 077; echo wrongpassword >"$work/wrong.imm")
	expect "outlets: all is well" 0 "pass +outlet-feed2 +level 2: on" "${as[@]}"
	expect "outlets: both feeds" 0 "pass +power-feeds +level 2 of NodeB switches 2 outlets" "${as[@]}"
	expect "outlets: are asked for the state only" 0 "^status $" bash -c "cut -d' ' -f1 '$work/unit.calls' | sort -u | tr '\n' ' '; echo"
	expect "outlets: an agent has no privilege, and cannot look into the process that has the passwords" 0 "^$" bash -c "diff \\
		<(printf 'Umask:\t0077\nCapPrm:\t%016d\nCapEff:\t%016d\nNoNewPrivs:\t1\n/ 0 1 2 3 \n' 0 0) '$work/unit.world'"
	cp "$work/levels.conf" "$work/pair-levels.conf"
	run_level_2 "${hand[@]}"
	printf '1 on\n2 off\n' >"$work/unit"
	expect "outlets: reboot-peer is not tried with an outlet off" 1 "not tried: it could not work" \
		"${as[@]}" --reboot-peer NodeB --level 2 --yes
	expect "outlets: status of a level with one off" 0 "warning: outlet feed2 is off, another one of level 2 is on" \
		"${hand[@]}" fence status NodeB --level 2
	expect "outlets: one is off" 0 "warn +outlet-feed2 +level 2: off" "${as[@]}"
	touch "$work/unit.dead"
	expect "outlets: the unit does not answer" 1 "FAIL +outlet-feed1 +level 2: $work/fence_unit does not answer \(unreachable\)" "${as[@]}"
	in_time "outlets: the unit does not answer"
	mv "$work/unit.dead" "$work/unit.slow"
	expect "outlets: a slow agent" 0 "warn +outlet-feed1 +level 2: $work/fence_unit has not answered yet" "${as[@]}"
	in_time "outlets: a slow agent"
	rm "$work/unit.slow"
	sed -i "s|plug=2\" ); password_file = \"$work/B.imm|plug=2\" ); password_file = \"$work/wrong.imm|" "$work/levels.conf"
	expect "outlets: wrong password" 1 "FAIL +outlet-feed2 .*\(authentication\)" "${as[@]}"
	sed "/10.77.1.99/s|imm:|devices = ( $one ); &|" "$work/good.conf" >"$work/levels.conf"
	expect "outlets: one feed only" 0 "warn +power-feeds +level 2 of NodeB has one outlet" "${as[@]}"
	sed -i "s|$work/fence_unit|$work/fence_nonesuch|" "$work/levels.conf"
	expect "outlets: no such agent" 1 "FAIL +outlet-feed1 .*\\(config\\)" "${as[@]}"
}
