#!/bin/bash
# test/cli/run.sh BUILD -- the real ha-fence: usage errors and configuration errors; then, with root, ipmi_sim and namespaces, against
# real IMMs: every class of trouble has its own message, exit status 1, within 5 s; fence by hand; nothing shows a secret.
# Prints "N passed, N failed"; exit status 1 if one failed.
set -u
build=$(realpath "${1:-build}")
fence=$build/ha-fence
here=$(cd "$(dirname "$0")" && pwd)
[ -x "$fence" ] || { echo "test/cli/run.sh: $fence is not built" >&2; exit 77; }
work=$(mktemp -d) || exit 77
prefix=hfcli$$
passed=0 failed=0 skipped=0
password=Xq7secretPw
pids=()
declare -A daemon_pid imm_pid

cleanup() {
	for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null; done
	for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null; done
	ip netns del "$prefix-a" 2>/dev/null
	ip netns del "$prefix-b" 2>/dev/null
	rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

# expect NAME STATUS PATTERN COMMAND... : exit status, and an extended regular expression in the output (both streams).
expect() {
	local name=$1 status=$2 pattern=$3 got output began took
	shift 3
	began=$(date +%s%N)
	output=$("$@" 2>&1 </dev/null)
	got=$?
	took=$((($(date +%s%N) - began) / 1000000))
	if [ "$got" = "$status" ] && grep -Eq -- "$pattern" <<<"$output" && ! grep -q "$password" <<<"$output"; then
		passed=$((passed + 1))
		[ -n "${VERBOSE:-}" ] && printf -- '--- %s (%s ms)\n%s\n' "$name" "$took" "$output"
	else
		failed=$((failed + 1))
		printf 'FAILED: %s: exit status %s (want %s), pattern "%s", %s ms\n%s\n' "$name" "$got" "$status" "$pattern" "$took" "$output"
	fi
	last_took=$took
}

in_time() {
	if [ "$last_took" -le 5000 ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAILED: $1 took $last_took ms, more than 5 s"
	fi
}

# write_config FILE IMM_OF_B USER GUID_OF_B : the pair of the namespaces below.
write_config() {
	cat >"$1" <<END
cluster: { name = "clitest"; authkey_file = "$work/authkey"; };
nodes = (
  { name = "NodeA"; priority = 100; guid = "a0000000-0000-0000-0000-00000000000a";
    links = ( { address = "10.77.1.198"; }, { address = "10.77.2.11"; } );
    imm: { address = "10.77.1.98"; username = "hafence"; password_file = "$work/A.imm"; }; },
  { name = "NodeB"; priority = 90; ${4:+guid = \"$4\";}
    links = ( { address = "10.77.1.199"; }, { address = "10.77.2.12"; } );
    imm: { address = "$2"; username = "$3"; password_file = "$work/B.imm"; }; } );
vrrp = ( { name = "VI_1"; interface = "svc"; virtual_router_id = 51; version = 2; advert_int = 1.0; auth_pass = "1111";
           virtual_ipaddress = ( "10.77.1.210/24" ); } );
fence: { settle = 0.2; power_timeout = 5.0; };
END
	chmod 600 "$1"
}

http_metrics() { # REQUEST COMMAND...
	# shellcheck disable=SC2059
	printf "$1" | "${@:2}" metrics --http
}

run_usage() {
	expect "no command" 2 "no command given" "$fence"
	expect "unknown command" 2 'did you mean "status"' "$fence" stauts
	expect "unknown option" 2 'did you mean "--json"' "$fence" --jsno status
	expect "option of another command" 2 "status takes no --force" "$fence" status --force
	expect "too many arguments" 2 "usage: ha-fence switchover" "$fence" switchover now
	expect "missing argument" 2 "usage: ha-fence confirm-off NODE" "$fence" confirm-off
	expect "bad time" 2 "1h30m" "$fence" pause --for 2
	expect "unknown alarm" 2 'did you mean "claim-stuck"' "$fence" explain claim-stuk
	expect "no level" 2 "2 to 9 are levels of nodes.devices" "$fence" fence off NodeB --level 0
	expect "--level without --reboot-peer" 2 "go with --reboot-peer" "$fence" test --level 2
	expect "unknown fence action" 2 'did you mean "reboot"' "$fence" fence reboto NodeA
	expect "help" 0 "confirm-off NODE" "$fence" --help
	expect "help of a command" 0 "reboot-peer" "$fence" help test
	# Each alarm's name leads to its section, which says something, and no section is without an alarm.
	local name names
	names=$(sed -n '/^enum alarm {/,/^};/s/^\tALARM_\([A-Z_]*\),$/\1/p' "$here/../../daemon/alarm.h" | tr 'A-Z_' 'a-z-')
	for name in $names; do
		expect "explain $name" 0 "section $name of runbook.md" "$fence" explain "$name"
		expect "runbook: $name" 0 "^[1-9]" awk -v name="## $name" '/^##? / { on = $0 == name; next } on && NF { n++ }
			END { print n + 0 }' "$here/../../docs/runbook.md"
	done
	expect "runbook: no other sections" 0 "^$(wc -w <<<"$names")$" grep -c '^## ' "$here/../../docs/runbook.md"
	expect "explain" 0 "What to do" "$fence" explain claim-stuck
	expect "version" 0 "ha-fence [0-9]" "$fence" --runtime-dir "$work" version
	expect "no daemon" 1 "systemctl start ha-fenced" "$fence" --runtime-dir "$work" switchover
	expect "metrics --http without a daemon" 0 "^HTTP/1.1 503" http_metrics 'GET /metrics HTTP/1.1\r\n\r\n' "$fence" --runtime-dir "$work"
	expect "metrics --http, elsewhere" 0 "^HTTP/1.1 404" http_metrics 'GET /etc/passwd HTTP/1.1\r\n\r\n' "$fence"
	expect "metrics --http, another method" 0 "^HTTP/1.1 405" http_metrics 'POST /metrics HTTP/1.1\r\n\r\n' "$fence"
	expect "metrics --http, cut off" 0 "^HTTP/1.1 400" http_metrics 'GET /met' "$fence"
	expect "metrics --http, two words in one" 0 "^HTTP/1.1 400" http_metrics 'GET/metrics HTTP/1.1\r\n\r\n' "$fence"
	expect "metrics --http, nonsense" 0 "^HTTP/1.1 400" http_metrics '\0\1\2\n\n' "$fence"
	expect "metrics --http, too long" 0 "^HTTP/1.1 431" http_metrics "GET /$(printf 'x%.0s' {1..5000})" "$fence"
	expect "metrics without a daemon" 1 "systemctl start ha-fenced" "$fence" --runtime-dir "$work" metrics
}

# Help, manual page and completion agree.
run_documents() {
	local root command missing=""
	root=$(cd "$here/../.." && pwd)
	for command in $("$fence" --help | sed -n '/^Commands:/,/^Options/s/^  \([a-z-]*\).*/\1/p'); do
		grep -q "Cm $command" "$root/docs/ha-fence.8" || missing+=" $command(manual)"
		grep -qw -- "$command" "$root/etc/completion/ha-fence" || missing+=" $command(completion)"
	done
	expect "documents" 0 "^missing:$" echo "missing:$missing"
	# On a console of 80 columns, too.
	expect "help fits" 1 "^$" bash -c "for command in '' \$('$fence' --help | sed -n '/^Commands:/,/^Options/s/^  \([a-z-]*\).*/\1/p'); do
		'$fence' help \$command | grep -v ^Usage; done | grep -E '.{81}'"
}

run_config() {
	write_config "$work/good.conf" 10.77.1.99 hafence b0000000-0000-0000-0000-00000000000b
	(umask 077; echo "$password" >"$work/A.imm"; echo "$password" >"$work/B.imm")
	expect "keygen" 0 "mode 0600" "$fence" keygen "$work/authkey"
	expect "keygen never overwrites" 1 "never overwritten" "$fence" keygen "$work/authkey"
	expect "good configuration" 0 "good \([0-9a-f]{6}\)" "$fence" check-config "$work/good.conf"
	expect "show-config" 0 "NodeB" "$fence" -c "$work/good.conf" --node NodeA show-config
	sed 's/settle = 0.2/setle = 0.2/' "$work/good.conf" >"$work/bad.conf"
	chmod 600 "$work/bad.conf"
	expect "unknown setting" 2 'bad.conf:[0-9]+:[0-9]+: error: .*setle' "$fence" check-config "$work/bad.conf"
	expect "test of a bad file" 2 'bad.conf:[0-9]+:[0-9]+: error: .*setle' "$fence" -c "$work/bad.conf" --node NodeA test
	expect "status of a bad file" 1 "DOWN" "$fence" -c "$work/bad.conf" --runtime-dir "$work" status
	expect "no such file" 2 "No such file" "$fence" -c "$work/none.conf" test
	printf '#!/bin/sh\nexit 0\n' >"$work/check.sh"
	chmod 757 "$work/check.sh"
	sed "s,^fence:,health: { checks = ( { name = \"own\"; type = \"script\"; script = \"$work/check.sh -w 5\"; } ); };\n&," \
		"$work/good.conf" >"$work/script.conf"
	chmod 600 "$work/script.conf"
	expect "script that others can write" 0 "warning: health.checks.script of own: others can write $work/check.sh" "$fence" check-config "$work/script.conf"
	expect "script that others can write, counted" 0 '"warnings": ?1' "$fence" --node NodeA --json check-config "$work/script.conf"
	chmod 755 "$work/check.sh"
	expect "script that only its owner can write" 0 "good \([0-9a-f]{6}\)\.$" "$fence" --node NodeA check-config "$work/script.conf"
	cp "$work/B.imm" "$work/open.imm"
	chmod 644 "$work/open.imm"
	sed "s,B.imm,open.imm," "$work/good.conf" >"$work/open.conf"
	chmod 600 "$work/open.conf"
	expect "password that others can read" 2 "open.imm" "$fence" check-config "$work/open.conf"
}

history_record() { # JSON: a line of the history's file
	printf '\n%s %s\n' "$(printf %s "$1" | gzip -c | tail -c 8 | od -An -tx4 -N 4 | tr -d ' ')" "$1"
}

# Without a daemon the file tells the history, damaged as it may be.
run_history() {
	local state=$work/state history nobody=(setpriv --reuid 65534 --regid 65534 --clear-groups)
	history=("$fence" --runtime-dir "$work" --state-dir "$state")
	expect "history without anything" 0 "Nothing has happened" "${history[@]}" history
	mkdir -m 700 "$state"
	{
		history_record '{"number":7,"title":"failover NodeA -> NodeB","time":1700000000.5,"proof":"OFF","outage_ms":4900,"result":"serving","cause":"NodeA is silent","steps":[{"time":1700000001,"ms":500,"id":"claim","text":"a claim","a":1,"b":2}]}'
		history_record '{"number":8,"title":"claim of NodeB","time":1700000100,"result":"open","steps":[]}'
		history_record '{"number":9,"title":"torn","time":1700000200}' | head -c 30
	} >"$state/history"
	expect "history from the file" 0 "#7 .*failover NodeA -> NodeB, proof OFF, outage 4.9 s" "${history[@]}" history
	expect "history says so" 0 "does not run here; from $state/history" "${history[@]}" history
	expect "history, damaged record" 0 "1 damaged record is left out" "${history[@]}" history
	expect "history, cut short" 0 "#8 .*the daemon ended first" "${history[@]}" history
	expect "history 7 from the file" 0 "[+]0.500  *a claim" "${history[@]}" history 7
	expect "history --json from the file" 0 '"result": ?"interrupted"' "${history[@]}" --json history
	expect "history 7 --html" 0 "#7 failover NodeA -&gt; NodeB" "${history[@]}" history 7 --html -
	expect "history --html to nowhere" 1 "cannot be written: No such file" "${history[@]}" history --html "$work/none/page.html"
	expect "history --html, no such episode" 1 "there is no episode 99" "${history[@]}" history 99 --html "$work/page.html"
	expect "history --html --json" 2 "neither --json nor --follow" "${history[@]}" --json history --html -
	expect "history 9 is lost" 1 "there is no episode 9" "${history[@]}" history 9
	expect "history of no number" 2 "takes the number of an episode" "${history[@]}" history nine
	expect "history --follow needs the daemon" 1 "systemctl start ha-fenced" "${history[@]}" history --follow
	if [ "$(id -u)" = 0 ] && chmod 755 "$work" && "${nobody[@]}" "$fence" help >/dev/null 2>&1; then
		expect "history without permission" 1 "Permission denied" "${nobody[@]}" "${history[@]}" history
	else
		skipped=$((skipped + 1))
		echo "skipped: history without permission: nobody cannot run $fence here"
	fi
	rm -r "$state"
}

start_imm() { # NAME ADDRESS GUID, with the module that test/lab has for it
	mkdir -p "$work/state.$1"
	echo 1 >"$work/power.$1"
	cat >"$work/chassis.$1" <<END
#!/bin/sh
# ipmi_sim asks: ... get power | set power 0|1
[ -e "$work/stuck.$1" ] && [ "\$2" = set ] && exit 0
case "\$*" in
*"get power"*) echo "power:\$(cat "$work/power.$1")" ;;
*"set power 0"*) echo 0 >"$work/power.$1" ;;
*"set power 1"*) echo 1 >"$work/power.$1" ;;
esac
END
	chmod +x "$work/chassis.$1"
	mkdir -p "$work/imm.$1/knobs"
	ln -sf "$work/chassis.$1" "$work/imm.$1/chassis"
	echo 1 >"$work/imm.$1/knobs/policy" # power restore policy: previous
	cat >"$work/lan.$1" <<END
name "$1"
loadlib "$build/test/imm.so" "$work/imm.$1"
set_working_mc 0x20
  startlan 1
    addr $2 623
    priv_limit admin
    allowed_auths_callback none md2 md5 straight
    allowed_auths_user none md2 md5 straight
    allowed_auths_operator none md2 md5 straight
    allowed_auths_admin none md2 md5 straight
    guid $3
  endlan
  chassis_control "$work/chassis.$1 x"
  user 1 true  ""        ""           user     10       none md2 md5 straight
  user 2 true  "hafence" "$password"  admin    10       none md2 md5 straight
END
	printf 'mc_setbmc 0x20\nmc_add 0x20 0 no-device-sdrs 0x23 9 8 0x9f 0x1291 0xf02 persist_sdr\nsel_enable 0x20 1000 0x0a\nmc_enable 0x20\n' >"$work/emu"
	nsenter --net="/run/netns/$prefix-b" ipmi_sim -n -c "$work/lan.$1" -f "$work/emu" -s "$work/state.$1" >"$work/sim.$1" 2>&1 </dev/null &
	pids+=($!)
	imm_pid[$1]=$!
}

network() {
	ip netns add "$prefix-a" && ip netns add "$prefix-b" || return 1
	for lan in svc:1 sto:2; do
		ip -n "$prefix-a" link add "${lan%:*}" type veth peer name "${lan%:*}" netns "$prefix-b" || return 1
		ip -n "$prefix-a" link set "${lan%:*}" up && ip -n "$prefix-b" link set "${lan%:*}" up || return 1
	done
	ip -n "$prefix-a" link set lo up
	ip -n "$prefix-b" link set lo up
	ip -n "$prefix-a" addr add 10.77.1.198/24 dev svc
	ip -n "$prefix-a" addr add 10.77.2.11/24 dev sto
	for address in 199 98 99 97; do ip -n "$prefix-b" addr add "10.77.1.$address/24" dev svc; done
	ip -n "$prefix-b" addr add 10.77.2.12/24 dev sto
	start_imm A 10.77.1.98 a000000000000000000000000000000a
	start_imm B 10.77.1.99 b000000000000000000000000000000b
	start_imm C 10.77.1.97 c000000000000000000000000000000c
	for _ in $(seq 300); do
		[ "$(nsenter --net="/run/netns/$prefix-b" ss -Hlun 'sport = 623' | wc -l)" = 3 ] && return 0
		sleep 0.1
	done
	echo "test/cli/run.sh: not all three IMMs came up within 30 s:" >&2
	nsenter --net="/run/netns/$prefix-b" ss -lunp >&2
	tail -n 5 "$work"/sim.* >&2
	return 1
}

on_a() { nsenter --net="/run/netns/$prefix-a" "$@"; }

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
	cp "$work/levels.conf" "$work/pair-levels.conf"
	run_level_2 "${hand[@]}"
	printf '1 on\n2 off\n' >"$work/unit"
	expect "outlets: reboot-peer is not tried with an outlet off" 1 "not tried: it could not work" \
		"${as[@]}" --reboot-peer NodeB --level 2 --yes
	expect "outlets: status of a level with one off" 0 "warning: outlet feed2 is off, another one of level 2 is on" \
		"${hand[@]}" fence status NodeB --level 2
	expect "outlets: one is off" 0 "warn +outlet-feed2 +level 2: off" "${as[@]}"
	touch "$work/unit.dead"
	expect "outlets: the unit does not answer" 1 "FAIL +outlet-feed1 +level 2: $work/fence_unit does not say the state \(unreachable\)" "${as[@]}"
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

start_daemon() { # NODE NAMESPACE
	mkdir -p "$work/run.$1" "$work/state.$1"
	nsenter --net="/run/netns/$prefix-$2" "$build/ha-fenced" -c "$work/good.conf" --node "$1" --runtime-dir "$work/run.$1" \
		--state-dir "$work/state.$1" >"$work/log.$1" 2>&1 </dev/null &
	pids+=($!)
	daemon_pid[$1]=$!
}

# until_status NODE WORD SECONDS: waits for the first word of the status.
until_status() {
	local tries=$(($3 * 10))
	while ((tries-- > 0)); do
		on_a "$fence" --runtime-dir "$work/run.$1" status 2>/dev/null | head -1 | grep -q ": $2 " && return 0
		sleep 0.1
	done
	return 1
}

# until_heard RUNTIME: waits until every link is heard both ways (the links have only just come up).
until_heard() {
	local tries=100
	while ((tries-- > 0)); do
		on_a "$fence" --runtime-dir "$1" --json status 2>/dev/null |
			jq -e '.peer.links | all(.heard and .hears_me)' >/dev/null && return 0
		sleep 0.1
	done
}

# A's IMM and B's, B's daemon and B's VIP are gone: nothing proves that B is off.
run_stuck() {
	local at_a=("$@")

	kill -9 "${daemon_pid[NodeB]}" "${imm_pid[B]}"
	wait "${daemon_pid[NodeB]}" "${imm_pid[B]}" 2>/dev/null
	ip -n "$prefix-b" addr del 10.77.1.210/24 dev svc
	until_status NodeA STUCK 30
	expect "stuck: status" 1 "clitest: STUCK" "${at_a[@]}" status
	expect "stuck: what to do" 1 "ha-fence confirm-off NodeB" "${at_a[@]}" status
	expect "stuck: the alarm comes first" 1 "^CRITICAL claim-stuck" "${at_a[@]}" status
	expect "stuck: fence by hand fails, too" 1 "NodeB's IMM 10.77.1.99 does not answer" "${at_a[@]}" fence off NodeB --yes
	expect "stuck: confirm-off asks" 1 "no terminal to ask on" "${at_a[@]}" confirm-off NodeB
	expect "stuck: confirm-off of the wrong node" 1 "." "${at_a[@]}" confirm-off NodeA --yes
	expect "stuck: confirm-off" 0 "^done" "${at_a[@]}" confirm-off NodeB --yes
	until_status NodeA UNPROTECTED 20
	expect "stuck no more" 1 "clitest: UNPROTECTED .*on NodeA" "${at_a[@]}" status
	expect "stuck: its episode" 0 "proof OPERATOR" "${at_a[@]}" history
}

# ... with daemons, which hear: outlets that are not NodeB's, and then its own.
run_pair_level_2() {
	local at_a=(on_a "$fence" -c "$work/pair-levels.conf" --node NodeA --runtime-dir "$work/run.NodeA" --state-dir "$work/state.NodeA")

	printf '1 on\n2 on\n' >"$work/unit"
	on_a "$fence" --runtime-dir "$work/run.NodeA" --json status | jq -e .holding >/dev/null ||
		expect "pair: A holds again" 0 "^done" "${at_a[@]}" switchover
	until_status NodeA PROTECTED 20
	expect "pair: level 2 of the holder is refused" 1 "holds the VIP" nsenter --net="/run/netns/$prefix-b" "$fence" \
		-c "$work/pair-levels.conf" --node NodeB --runtime-dir "$work/run.NodeB" fence off NodeA --level 1 --yes
	touch "$work/unit.wrong"
	expect "pair: level 2 does not feed it" 1 "NodeB is still heard: it does not live by them alone" \
		"${at_a[@]}" test --reboot-peer NodeB --level 2 --yes
	rm "$work/unit.wrong"
	echo "${daemon_pid[NodeB]}" >"$work/unit.kills"
	expect "pair: level 2 feeds it" 0 "pass +reboot-peer +NodeB: the outlets of level 2 were" "${at_a[@]}" test --reboot-peer NodeB --level 2 --yes
	rm "$work/unit.kills"
	wait "${daemon_pid[NodeB]}" 2>/dev/null
	start_daemon NodeB b
	until_status NodeA PROTECTED 30
	expect "pair: protected again" 0 "PROTECTED" "${at_a[@]}" status
	until_heard "$work/run.NodeA"
	expect "pair: B holds again" 0 "^done" "${at_a[@]}" switchover
	until_status NodeB PROTECTED 20
}

run_pair() {
	local at_a=(on_a "$fence" -c "$work/good.conf" --node NodeA --runtime-dir "$work/run.NodeA" --state-dir "$work/state.NodeA")
	local at_b=(nsenter --net="/run/netns/$prefix-b" "$fence" -c "$work/good.conf" --node NodeB --runtime-dir "$work/run.NodeB" --state-dir "$work/state.NodeB")

	ip -n "$prefix-b" link set sto up
	start_daemon NodeA a
	start_daemon NodeB b
	until_status NodeA PROTECTED 20 || echo "test/cli/run.sh: the pair has not become PROTECTED" >&2
	until_heard "$work/run.NodeA"
	until_heard "$work/run.NodeB"
	expect "pair: status of A" 0 "^clitest: PROTECTED" "${at_a[@]}" status
	expect "pair: status of B" 0 "^clitest: PROTECTED" "${at_b[@]}" status
	expect "pair: status --json" 0 '"summary": ?"PROTECTED"' "${at_a[@]}" --json status
	expect "pair: test at A" 0 "NodeA could fence NodeB" "${at_a[@]}" test
	in_time "pair: test at A"
	expect "pair: no proxy ARP" 0 "pass +proxy-arp" "${at_a[@]}" test
	on_a sysctl -qw net.ipv4.conf.svc.proxy_arp=1
	expect "pair: proxy ARP of this node" 1 "FAIL +proxy-arp" "${at_a[@]}" test
	on_a sysctl -qw net.ipv4.conf.svc.proxy_arp=0
	expect "pair: test at B" 0 "NodeB could fence NodeA" "${at_b[@]}" test
	expect "pair: version" 0 "is running, process [0-9]+" "${at_a[@]}" version
	expect "pair: metrics" 0 'ha_fence_protected\{cluster="clitest"\} 1$' "${at_a[@]}" metrics
	expect "pair: metrics, the VIP" 0 'ha_fence_vip_held\{cluster="clitest",address="10.77.1.210",interface="svc"\} 0$' "${at_b[@]}" metrics
	expect "pair: metrics, the newest test at A" 0 'ha_fence_last_test_failures\{cluster="clitest"\} 1$' "${at_a[@]}" metrics
	expect "pair: metrics --json" 0 '"adverts_sent"' "${at_a[@]}" --json metrics
	expect "pair: metrics --http" 0 '^HTTP/1.1 200 OK' http_metrics 'GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n' "${at_a[@]}"
	expect "pair: metrics --http, the figures" 0 'ha_fence_protected' http_metrics 'GET / HTTP/1.0\r\n\r\n' "${at_a[@]}"
	if command -v promtool >/dev/null; then
		"${at_a[@]}" metrics >"$work/metrics"
		expect "pair: metrics, by promtool" 0 "^$" bash -c "promtool check metrics <'$work/metrics'"
	else
		skipped=$((skipped + 1))
		echo "skipped: metrics by promtool: it is missing (apt-get install prometheus)"
	fi
	expect "pair: history" 0 "ha-fence history N" "${at_a[@]}" history
	expect "pair: first episode" 0 "^#1 " "${at_a[@]}" history 1
	expect "pair: no such episode" 1 "no episode 999" "${at_a[@]}" history 999
	expect "pair: confirm-off is refused" 1 "." "${at_a[@]}" confirm-off NodeB --yes
	expect "pair: fencing the holder is refused" 1 "holds the VIP" "${at_b[@]}" fence off NodeA --yes
	expect "pair: rebooting the holder is refused" 1 "holds the VIP" "${at_b[@]}" test --reboot-peer NodeA --yes
	expect "pair: switchover" 0 "^done" "${at_a[@]}" switchover
	until_status NodeB PROTECTED 20
	expect "pair: B holds" 0 "NodeB" "${at_a[@]}" status
	expect "pair: pause" 0 "." "${at_a[@]}" pause --for 2h
	expect "pair: paused is shown" 1 "paused" "${at_a[@]}" status
	expect "pair: resume" 0 "." "${at_a[@]}" resume
	expect "pair: standby" 0 "." "${at_a[@]}" standby
	expect "pair: standby is shown" 1 "STANDBY" "${at_a[@]}" status
	expect "pair: unstandby" 0 "." "${at_a[@]}" unstandby
	expect "pair: reload" 0 "." "${at_a[@]}" reload
	expect "pair: check-config" 0 "as the running daemon has it" "${at_a[@]}" check-config
	sed -i 's/settle = 0.2/settle = bad/' "$work/good.conf"
	expect "pair: check-config of a bad file" 2 "The running daemon keeps its configuration [0-9a-f]{6}" "${at_a[@]}" check-config
	expect "pair: reload of a bad file" 2 "." "${at_a[@]}" reload
	sed -i 's/settle = bad/settle = 0.2/' "$work/good.conf"
	expect "pair: reload of the good file" 0 "." "${at_a[@]}" reload
	expect "pair: watch" 124 "PROTECTED" on_a timeout 2 "$fence" --runtime-dir "$work/run.NodeA" status --watch
	expect "pair: follow" 124 "^#[0-9]+ [0-9:.]+ " on_a timeout 2 "$fence" --runtime-dir "$work/run.NodeA" history --follow
	run_pair_level_2
	kill -STOP "${daemon_pid[NodeB]}"
	expect "hung daemon: status" 1 "has not answered in time" "${at_b[@]}" status
	expect "hung daemon: test" 1 "none that answers" "${at_b[@]}" test
	in_time "hung daemon: test"
	kill -CONT "${daemon_pid[NodeB]}"
	run_stuck "${at_a[@]}"
	expect "pair: secrets are in no log" 1 "^$" grep -l "$password" "$work/log.NodeA" "$work/log.NodeB"
}

# Every sample that keepalived comes with: what has instances becomes a good file, each of them; the others say that there is nothing.
run_samples() {
	local sample instance found=0 folder=/usr/share/doc/keepalived/samples
	local answers=(--set node-a=NodeA --set node-b=NodeB --set address-a=10.9.8.1 --set address-b=10.9.8.2
		--set imm-a=10.9.9.1 --set imm-b=10.9.9.2)
	for sample in "$folder"/keepalived.conf*; do
		[ -f "$sample" ] || continue
		found=1
		grep -q '^vrrp_instance' "$sample" ||
			expect "import: ${sample##*/}" 2 "no vrrp_instance: nothing to import" "$fence" import "$sample" "${answers[@]}"
		for instance in $(awk '$1 == "vrrp_instance" { print $2 }' "$sample"); do
			expect "import: ${sample##*/} $instance" 0 "Next: ha-fence keygen" \
				"$fence" import "$sample" --instance "$instance" "${answers[@]}" -o "$work/sample.conf"
			expect "import: ${sample##*/} $instance is good" 0 "name = \"$instance\"" "$fence" -c "$work/sample.conf" --node NodeA show-config
			rm -f "$work/sample.conf"
		done
	done
	[ $found = 1 ] || { echo "skipped: no samples of keepalived in $folder"; skipped=$((skipped + 1)); }
}

# keepalived's files, and a pair from nothing.
run_setup() {
	local sample=$here/keepalived imms=(--set imm-a=10.9.9.1 --set imm-b=10.9.9.2)
	local init=("$fence" -c "$work/new/ha-fenced.conf" init)
	local answers=(--set node-a=A --set node-b=B --set address-a=10.0.0.1 --set address-b=10.0.0.2 --set interface=eth0
		--set "vip=10.0.0.9/24, 10.0.0.10/24" --set imm-a=10.1.0.1 --set imm-b=10.1.0.2)

	expect "import: the IMMs are asked for" 1 "imm-b +address of NodeB's IMM" "$fence" import "$sample/NodeA.conf" "$sample/NodeB.conf"
	expect "import: and nothing else" 0 "^2$" bash -c "'$fence' import '$sample/NodeA.conf' '$sample/NodeB.conf' | grep -c 'FILL IN'"
	expect "import: both nodes' files" 0 "Everything was carried over" "$fence" import "$sample/NodeA.conf" "$sample/NodeB.conf" "${imms[@]}" -o "$work/imported.conf"
	expect "import: what it writes is good" 0 "virtual_router_id = 51" "$fence" -c "$work/imported.conf" --node NodeA show-config
	expect "import: preempts as keepalived did" 0 "preempt = true" "$fence" -c "$work/imported.conf" --node NodeA show-config
	expect "import: never overwrites" 1 "never overwritten" "$fence" import "$sample/NodeA.conf" "$sample/NodeB.conf" "${imms[@]}" -o "$work/imported.conf"
	expect "import: one file for both" 0 "virtual_routes: routes belong" "$fence" import "$sample/everything.conf" "${imms[@]}" -o "$work/everything.conf"
	expect "import: hosts, parameters, sequences" 0 '10.0.2.102/24' "$fence" -c "$work/everything.conf" --node backup show-config
	expect "import: included, quoted" 0 "/bin/true -q 'two words'" "$fence" -c "$work/everything.conf" --node backup show-config
	# keepalived itself reads the sample: its grammar, not ours. That the interface is a loopback is all it minds.
	if command -v keepalived >/dev/null; then
		expect "import: the sample is keepalived's own" 0 "^0$" bash -c "keepalived -t -f '$sample/everything.conf' -i main 2>&1 |
			grep -ciE 'unknown|brace|missing|unexpected|not (defined|found)'; true"
	fi
	expect "import: no such file" 2 "No such file" "$fence" import "$work/none.conf"
	echo "vrrp_instance X {" >"$work/open.conf"
	expect "import: a block that is not closed" 2 "open.conf:1: this block is not closed" "$fence" import "$work/open.conf"
	sed 's/id 51/id 52/' "$sample/NodeB.conf" >"$work/other.conf"
	expect "import: files that contradict each other" 2 'virtual_router_id differs: "52"' "$fence" import "$sample/NodeA.conf" "$work/other.conf"
	run_samples
	expect "import: unknown answer" 2 "names: cluster node-a" "$fence" import "$sample/NodeA.conf" --set colour=blue

	mkdir "$work/new"
	expect "init: without a terminal it names what it needs" 2 "vip +the virtual address" "${init[@]}"
	expect "init: a bad number" 2 "vrid is a number" "${init[@]}" "${answers[@]}" --set vrid=x
	expect "init: nothing was written" 0 "^0$" bash -c "ls '$work/new' | wc -l"
	expect "init" 0 "scp -p" "${init[@]}" "${answers[@]}"
	expect "init: modes" 0 "^600 600 $" bash -c "stat -c %a '$work/new/ha-fenced.conf' '$work/new/authkey' | tr '\n' ' '"
	expect "init: what it writes is good" 0 '"10.0.0.10/24"' "$fence" -c "$work/new/ha-fenced.conf" --node A show-config
	expect "init: never overwrites" 1 "never overwritten" "${init[@]}" "${answers[@]}"
	if command -v script >/dev/null; then
		rm -f "$work/new"/*
		printf 'x\nA\n10.0.0.1\n\nB\n10.0.0.2\n\neth0\n10.0.0.9/24\n77\n10.1.0.1\n10.1.0.2\n\n' >"$work/typed"
		expect "init: asks on a terminal" 0 "host name of the first node" bash -c "script -qec '${init[*]}' /dev/null <'$work/typed'"
		expect "init: takes what is typed" 0 "virtual_router_id = 77" "$fence" -c "$work/new/ha-fenced.conf" --node A show-config
	fi
}

run_usage
run_documents
run_agent_options
run_config
run_setup
run_history
if [ "$(id -u)" = 0 ] && command -v ipmi_sim >/dev/null && command -v jq >/dev/null && network; then
	run_agent
	run_levels
	run_imm
	[ -x "$build/ha-fenced" ] && run_pair
else
	skipped=$((skipped + 1))
	echo "test/cli/run.sh: the part with IMMs needs root, ipmi_sim and network namespaces: skipped" >&2
fi
echo "$here/run.sh: $passed passed, $failed failed$([ $skipped = 0 ] || echo ", $skipped skipped")"
[ "$failed" = 0 ]
