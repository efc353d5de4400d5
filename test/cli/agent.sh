# shellcheck shell=bash disable=SC2154,SC2034 # run.sh has them
# test/cli/agent.sh -- the fence agent, as Pacemaker and people call it.
# Sourced by run.sh.

# The fence agent: what needs no IMM.
run_agent_options() {
	local agent=$build/fence_ipmi_ha pid hidden=no

	expect "agent: metadata" 0 '<action name="reboot" />' "$agent" -o metadata
	expect "agent: as ha-fence agent" 0 '<resource-agent name="fence_ipmi_ha"' "$fence" agent --action=metadata
	expect "agent: metadata, the old names" 0 '<parameter name="ipaddr" .*deprecated="1"' "$agent" -o metadata
	if command -v xmllint >/dev/null; then
		expect "agent: metadata is XML" 0 "^$" bash -c "'$agent' -o metadata | xmllint --noout -"
	else
		skipped=$((skipped + 1))
		echo "skipped: agent: metadata is XML: xmllint is missing (apt-get install libxml2-utils)"
	fi
	expect "agent: help" 0 "^usage: fence_ipmi_ha" "$agent" --help
	expect "agent: complete options" 0 "^$" "$agent" -o validate-all -a 127.0.0.1 -l u -p "$password"
	expect "agent: quotes in a password" 0 "^$" "$agent" -o validate-all -a ::1 -l u -p '"\\;{}=#'
	expect "agent: no address" 1 "ip is missing" "$agent" -o validate-all -l u -p x
	expect "agent: no password" 1 "password is missing" "$agent" -o validate-all -a 127.0.0.1 -l u
	expect "agent: another cipher suite" 1 "cipher: 3 is the only" "$agent" -o validate-all -a 127.0.0.1 -l u -p x -C 17
	expect "agent: a chassis cycle" 1 "does not prove" "$agent" -o validate-all -a 127.0.0.1 -l u -p x -m cycle
	expect "agent: unknown action" 1 'no action "of"' "$agent" -o of
	expect "agent: unknown option" 1 "see fence_ipmi_ha --help" "$agent" --ipadress=1
	expect "agent: long password" 1 "longer than 20" "$agent" -o validate-all -a 127.0.0.1 -l u -p 123456789012345678901
	expect "agent: no such host" 1 'ip: "no.such.host.invalid" is no address' "$agent" -o validate-all -a no.such.host.invalid -l u -p x
	"$agent" -o off -a 127.0.0.1 -l u -p "$password" --delay=60 >/dev/null 2>&1 &
	pid=$!
	pids+=("$pid")
	for _ in $(seq 100); do
		tr '\0' ' ' <"/proc/$pid/cmdline" | grep -q -- "--delay" && ! grep -q "$password" "/proc/$pid/cmdline" && hidden=yes && break
		sleep 0.1
	done
	expect "agent: a password of the command line is overwritten" 0 "^yes$" echo "$hidden"
	kill "$pid" 2>/dev/null
}

# stdin_to LINES COMMAND...: as Pacemaker calls it.
stdin_to() {
	# shellcheck disable=SC2059
	printf "$1" | "${@:2}"
}

# ... and against an IMM.
run_agent() {
	local agent=(on_a "$build/fence_ipmi_ha") at at_b="ip=10.77.1.99\nusername=hafence\npassword=$password\n"
	at=("${agent[@]}" --ip=10.77.1.99 --username=hafence "--password-script=cat $work/B.imm")

	expect "agent: status" 0 "^Status: ON$" stdin_to "action=status\n$at_b" "${agent[@]}"
	expect "agent: monitor" 0 "^Status: ON$" stdin_to "action=monitor\n$at_b" "${agent[@]}"
	expect "agent: off" 0 "^Success: Powered OFF$" stdin_to "# comment\naction=off\nnodename=NodeB\nport=3\nlanplus=1\n$at_b" "${agent[@]}"
	expect "agent: it is off" 0 "^0$" cat "$work/power.B"
	expect "agent: status of one that is off" 2 "^Status: OFF$" "${at[@]}" -o status
	expect "agent: monitor of one that is off" 0 "^Status: OFF$" "${at[@]}" -o monitor
	expect "agent: off again" 0 "^Success: Powered OFF$" "${at[@]}" -o off
	expect "agent: on" 0 "^Success: Powered ON$" "${at[@]}" -o on
	expect "agent: reboot is off, seen, then on" 0 "is off: [0-9]+ readings" "${at[@]}" -v
	expect "agent: reboot" 0 "^Success: Rebooted$" stdin_to \
		"option=reboot\nipaddr=10.77.1.99\nlogin=hafence\npasswd=$password\npower_timeout=10\n" "${agent[@]}"
	expect "agent: it is on" 0 "^1$" cat "$work/power.B"
	expect "agent: quiet" 0 "^$" "${at[@]}" -o status -q
	expect "agent: wrong password" 1 "refuses user hafence or its password" "${at[@]}" -o status --password=wrong
	expect "agent: no IMM there" 1 "10.77.1.50 does not answer" "${at[@]}" -o off -a 10.77.1.50
	expect "agent: its GUID" 0 "^Status: ON$" "${at[@]}" -o status --guid=b0000000-0000-0000-0000-00000000000b
	expect "agent: another GUID" 1 "a third machine's" "${at[@]}" -o off --guid=c0000000-0000-0000-0000-00000000000c
	touch "$work/stuck.B"
	expect "agent: accepted, but on" 1 "still on" "${at[@]}" -o off --power-timeout=3
	rm "$work/stuck.B"
	expect "agent: it was never off" 0 "^1$" cat "$work/power.B"
}
