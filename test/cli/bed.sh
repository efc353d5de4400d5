# shellcheck shell=bash disable=SC2154,SC2034 # run.sh has them
# test/cli/bed.sh -- two namespaces with ipmi_sim as IMMs, and daemons in them.
# Sourced by run.sh.

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
	printf 'mc_setbmc 0x20\nmc_add 0x20 0 no-device-sdrs 0x23 9 8 0x9f 0x1291 0xf02 persist_sdr\nsel_enable 0x20 1000 0x0a\nmc_enable 0x20\n' >"$work/emu.$1" # its own: the others may be reading theirs
	nsenter --net="/run/netns/$prefix-b" ipmi_sim -n -c "$work/lan.$1" -f "$work/emu.$1" -s "$work/state.$1" >"$work/sim.$1" 2>&1 </dev/null &
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
}

# The three IMMs. One that does not come up is a failure: this machine has all that they need.
imms() {
	start_imm A 10.77.1.98 a000000000000000000000000000000a
	start_imm B 10.77.1.99 b000000000000000000000000000000b
	start_imm C 10.77.1.97 c000000000000000000000000000000c
	for _ in $(seq 300); do
		[ "$(nsenter --net="/run/netns/$prefix-b" ss -Hlun 'sport = 623' | wc -l)" = 3 ] && return 0
		sleep 0.1
	done
	failed=$((failed + 1))
	echo "FAILED: not all three IMMs came up within 30 s:"
	nsenter --net="/run/netns/$prefix-b" ss -lunp
	tail -n 5 "$work"/sim.*
	return 1
}

on_a() { nsenter --net="/run/netns/$prefix-a" "$@"; }

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
