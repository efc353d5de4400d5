# shellcheck shell=bash
# test/lab/verbs.sh -- the words that cases are written in. A case sources nothing: `run` has sourced this for it.
#
#	option NAME VALUE			before `given`: a setting that differs from the lab's
#	given a running pair			A holds the VIP, B is its standby, both can fence
#	given a pair without power		installed, nothing switched on
#	when COMMAND...				the fault; figures count from here
#	also COMMAND...				another step of the same fault
#	expect holder A|B|none within S		and the time it took is a figure
#	expect holder A|B|none for S		all that time, without a moment between
#	expect page A|B within S		a client gets that node's page through the VIP
#	expect power A|B on|off [within S]
#	expect fences A|B N			power-downs that A's or B's IMM was ordered
#	expect downs A|B N			those of them that found the host on
#	expect alarm NAME[|NAME] on A|B [within S]	raised by now: its log says so, and its status until the log says CLEARED
#	expect no alarm NAME on A|B
#	expect state A|B STATE [within S]
#	expect drops RULE			the fault is real: the rule has hit something
#	expect never two holders		(asked at the end of every case, too)
#	allow two holders			but not of this one
#
# Limits (S) are for a machine with nothing else to do: each wait lasts PATIENCE times as long (lab.sh) before it fails.
. "$LAB/lab.sh"
. "$LAB/keepalived.sh"
. "$LAB/tomcat.sh"

measured=()
two_holders_allowed=0

measure() { measured+=("$*"); }

# shellcheck disable=SC2034 # lab.sh reads it
option() { OPTION[$1]=$2; }

status_of() { hf "$1" --json status 2>/dev/null; } # exit status 1 is an answer too
status_is() { # NODE JQ-EXPRESSION; a daemon that does not get to answer in time is asked once more
	local text
	text=$(status_of "$1")
	[ -n "$text" ] || text=$(status_of "$1")
	jq -e "$2" <<<"$text" >/dev/null 2>&1
}
seconds() { awk -v ms="$1" 'BEGIN { printf "%.3f s", ms / 1000 }'; }

given() {
	case "$*" in
	'a pair without power') lab_pair ;;
	'a running pair')
		[ -n "${PREFIX:-}" ] || lab_pair
		power_on A
		power_on B
		[ ! -d "$RUN/nfs" ] || tomcat_of_both
		prefer_A
		poll_until 15 pair_protected || fail "given: the pair is not protected: $(describe)"
		;;
	*) fail "given what? $*" ;;
	esac
}

# Whoever is ready first comes first at the start: by milliseconds where both have to wait for an answer of their checks, and on
# a busy machine anyway.
prefer_A() {
	poll_until 20 somebody_holds || fail "given: nobody becomes master: $(describe)" # who is about to would hand over to the other at once
	poll_until 10 A_holds || fail "given: A does not get the VIP: $(describe)"
	observe_wait holder A 5000 >/dev/null || fail "given: A does not become master: $(describe)"
}
A_holds() { status_is A '.holding' || hf A switchover >/dev/null 2>&1; }

somebody_holds() { [ "$(figure .holder)" != none ]; }

pair_protected() {
	status_is A '.summary == "PROTECTED"' && status_is B '.summary == "PROTECTED" and .fence.reachable'
}

# What is seen now, for the reason of a failure.
describe() {
	local node
	printf 'holder %s' "$(figure .holder)"
	for node in A B; do
		printf '; %s: power %s, ' "$node" "$(power_of "$node")"
		status_of "$node" | jq -rj '"\(.summary) \(.state), alarms " + ([.alarms[].name] | join(" "))' 2>/dev/null ||
			printf 'no status'
	done
}

when() {
	observe mark "$*" >/dev/null
	"$@" || fail "when $*: it failed"
}
allow() { two_holders_allowed=1; }
also() { "$@" || fail "also $*: it failed"; }

expect() {
	case "$1 ${3:-}" in
	'holder within') expect_holder_within "$2" "$4" ;;
	'holder for') expect_holder_for "$2" "$4" ;;
	'page within') expect_page "$2" "$4" ;;
	'power '*) poll_until "${5:-0}" power_is "$2" "$3" || fail "expected power $2 $3: $(describe)" ;;
	'fences '*) [ "$(power_downs "$2")" = "$3" ] || fail_unsafe "expected $3 fences of $2, not $(power_downs "$2")" ;;
	'downs '*)
		[ "$(power_downs_of_running "$2")" = "$3" ] ||
			fail_unsafe "expected $2 powered down $3 times while on, not $(power_downs_of_running "$2")"
		;;
	'alarm on') poll_until "${6:-3}" alarm_was "$2" "$4" || fail "expected alarm $2 on $4: $(describe)" ;;
	'no '*) [ -z "$(alarm_in_log "$3" "$5")" ] || fail "expected no alarm $3 on $5: $(describe)" ;;
	'state '*) poll_until "${5:-1}" status_is "$2" ".state == \"$3\"" || fail "expected $2 $3: $(describe)" ;;
	'drops '*) [ "$(rule_count "$2")" -gt 0 ] || fail "the fault is not real: rule $2 has hit nothing" ;;
	'never holders') never_two_holders ;;
	*) fail "expect what? $*" ;;
	esac
}

power_is() { [ "$(power_of "$1")" = "$2" ]; }

expect_holder_within() {
	local ms
	ms=$(observe_wait holder "$1" $(($2 * PATIENCE * 1000))) || fail "expected holder $1 within $2 s: $(describe)"
	[ "$ms" = 0.000 ] || measure "VIP on $1 after $(seconds "$ms")"
}

expect_holder_for() {
	local before
	before=$(figure '[.holder, .losses_since_mark, (.moves | length)] | @text')
	[ "$(figure .holder)" = "$1" ] || fail "expected holder $1: $(describe)"
	sleep "$2"
	[ "$(figure '[.holder, .losses_since_mark, (.moves | length)] | @text')" = "$before" ] ||
		fail "expected holder $1 for $2 s: $(describe)"
}

expect_page() {
	local ms
	ms=$(observe_wait page "$1" $(($2 * PATIENCE * 1000))) || fail "expected a page of $1 within $2 s: $(describe)"
	measure "its page after $(seconds "$ms")"
}

alarm_was() { # NAME[|NAME] NODE
	local name
	for name in ${1//|/ }; do
		case $(alarm_in_log "$name" "$2") in
		over) return 0 ;;
		raised)
			[ "$(power_of "$2")" = on ] || return 0
			! status_is "$2" '.alarms' || status_is "$2" "[.alarms[].name] | any(. == \"$name\")" || continue
			return 0
			;;
		esac
	done
	return 1
}

alarm_in_log() { # NAME NODE: "raised", "over" or nothing
	awk -v name="$1" '
		/ha-fenced [0-9.]+ of / && now { now = 0; was = 1 }
		index($0, "ALARM " name ":") { now = 1 }
		index($0, "CLEARED " name " ") { now = 0; was = 1 }
		END { if (now) print "raised"; else if (was) print "over" }' <(log_of "$2")
}
log_of() { cat "$RUN/$1/service/ha-fenced/log" 2>/dev/null; } # NODE

never_two_holders() {
	[ "$(figure .max_holders)" != 2 ] || fail_unsafe "TWO HOLDERS for $(figure .two_holders_ms) ms; see $RUN/observer.log"
}

measured_text() {
	local IFS=';'
	echo "${measured[*]}"
}

# What must be so at the end of each case, whatever it was about.
case_end() {
	[ $two_holders_allowed = 1 ] || never_two_holders
	[ "$(figure .unordered)" = 0 ] || measure "$(figure .unordered) moves too close together to order"
	[ "$(figure .lost_events)" = 0 ] || fail "the observer has lost events: this run proves nothing"
	local node
	for node in A B; do
		! grep -qsE '^-(4|6|7|8|11|31)$' "$RUN/$node/service/ha-fenced/ended" ||
			fail_unsafe "ha-fenced crashed on $node: $(tail -n 3 "$RUN/$node/service/ha-fenced/log")"
	done
}

# --- what the machine did ---------------------------------------------------------------------------------------------
# A machine that stops a node's daemon, or everything, for seconds has injected a fault of its own: the case shows nothing then,
# and `run` repeats it, once. What must never be, whatever the machine does, is a failure at once.

PREMISE_MS=1000 # shorter delays are for the cases to bear

fail_unsafe() { # the reason: nothing excuses it
	[ -z "${RUN:-}" ] || echo "$*" >"$RUN/unsafe"
	fail "$@"
}

is_unsafe() { # two holders, a power-down of a node that the case says must not have one; also if nobody knows
	local node
	[ ! -f "$RUN/unsafe" ] || return 0
	[ $two_holders_allowed = 1 ] || [[ $(figure .max_holders) == [01] ]] || return 0
	for node in A B; do
		! grep -qE "^[[:space:]]*expect (fences|downs) $node 0\\>" "$CASE" || [ "$(power_downs_of_running "$node")" = 0 ] || return 0
	done
	return 1
}

longest_stall_ms() { # NODE: that its daemon tells of
	log_of "$1" 2>/dev/null | sed -n 's/.*this daemon was kept from running for \([^:]*\): .*/\1/p' | awk '
		{ ms = $1 * ($2 == "ms" ? 1 : $2 == "s" ? 1000 : 60000); if (ms > most) most = ms }
		END { printf "%d", most }'
}

spoiled() { # prints by what, if the machine has kept somebody from running whom the case has left alone
	local node ms
	for node in A B; do
		[ ! -f "$RUN/$node/disturbed" ] || continue
		ms=$(longest_stall_ms "$node")
		[ "$ms" -lt $PREMISE_MS ] || { echo "the machine kept node $node's daemon from running for $(seconds "$ms")"; return 0; }
	done
	[ ! -f "$RUN/disturbed" ] || return 1
	ms=$(figure '.late_ms | floor')
	[ "${ms:-0}" -ge $PREMISE_MS ] || return 1
	echo "the machine kept the observer from running for $(seconds "$ms")"
}

# shellcheck disable=SC2317 # lab_down calls it
lab_failed() { # for `run`: what the nodes said last, and whether the case is worth another try
	local node
	for node in A B; do log_of $node 2>/dev/null | tail -n 6 | cut -c 1-180 | sed "s/^/$node: /"; done >"$RUN/last"
	is_unsafe || spoiled >"$RUN/spoiled" || rm -f "$RUN/spoiled"
}

# --- faults that take more than a word ----------------------------------------------------------------------------

kill_daemon() { service_signal "$1" ha-fenced KILL; }
kill_daemon_for_good() { service_no_restart "$1" ha-fenced; kill_daemon "$1"; }
daemon_starts() { wc -l <"$RUN/$1/service/ha-fenced/starts"; }
daemon_back() { # NODE STARTS: it runs again for the STARTS-th time and answers
	[ "$(daemon_starts "$1")" -ge "$2" ] && status_is "$1" '.state != "INIT"'
}
stall() { disturbed "$1"; service_signal "$1" ha-fenced STOP; }
resume() { service_signal "$1" ha-fenced CONT; }

stall_for() { # NODE SECONDS
	stall "$1"
	sleep "$2"
	resume "$1"
}

web_check() { # each node asks its own web server
	option more "health: { checks = ( { name = \"web\"; type = \"http\"; url = \"http://127.0.0.1/\"; interval = 0.5;
		timeout = 3.0; rise = 2; fall = 2; start_delay = 5.0; } ); };" # the server starts with us; a dead one refuses at once
}
psu_check() { # each IMM has a power supply "PS1" (IPMI 2.0 table 43-2), and each node asks its own for it
	option sensors 'sensor_add 0x20 0 0x2f 0x08 0x6f
sensor_set_bit 0x20 0 0x2f 0 1 0
sensor_set_event_support 0x20 0 0x2f 1 1 none 000000000000000 000000000000000 000000000000000 000000000000000
main_sdr_add 0x20 1 0 0x51 2 0x1e 0x20 0 0x2f 0x0a 1 0x67 0x40 8 0x6f 255 0 255 0 255 0 0xc0 0 0 1 0 0 0 0 0 0 0 0xc3 0x50 0x53 0x31'
	option more "health: { checks = ( { name = \"psu\"; type = \"imm\"; sensor = \"PS1\"; interval = 0.5; timeout = 2.0;
		rise = 2; fall = 2; }, { name = \"chassis\"; type = \"imm\"; interval = 1.0; } ); };"
}
psu() { imm_tell "$1" "sensor_set_bit 0x20 0 0x2f 1 $([ "$2" = fails ] && echo 1 || echo 0) 0"; } # NODE fails|well

# 500 checks at 1 s on the master: 470 of a healthy server, the others hang, flood, refuse; scripts fork and ignore signals.
many_checks() {
	local i kind list=
	loaded
	cat >"$RUN/hangs.sh" <<-'X'
		#!/bin/sh
		trap '' TERM INT HUP
		sleep 1000 &
		yes | head -c 10000000
		wait
	X
	chmod 755 "$RUN/hangs.sh" "$RUN"
	for ((i = 0; i < 498; i++)); do
		kind=0
		((i % 50 == 10)) && kind=1
		((i % 50 == 20)) && kind=2
		((i % 50 == 30)) && kind=9
		list+="{ name = \"c$i\"; type = \"http\"; url = \"http://127.0.0.1:$((8080 + kind))/\"; interval = 1.0;
			timeout = 0.9; when = \"master\"; $([ $kind = 0 ] || echo 'weight = -1;') }, "
	done
	option more "health: { checks = ( $list
		{ name = \"s0\"; type = \"script\"; script = \"$RUN/hangs.sh\"; interval = 1.0; timeout = 0.5; when = \"master\"; weight = -1; },
		{ name = \"s1\"; type = \"script\"; script = \"$RUN/hangs.sh\"; interval = 1.0; timeout = 0.9; when = \"master\"; weight = -1; } ); };"
	lab_configure
}
cpu_ticks() { awk '{ sub(/.*\) /, ""); print $12 + $13 }' "/proc/$1/stat"; } # PID: user and system time
advert_lateness() { # NODE: of what was captured, the longest gap between adverts beyond 1 s, in ms
	tcpdump -r "$RUN/$1.pcap" -tt -n 'proto 112' 2>/dev/null |
		awk 'NR > 1 && $1 - last > most { most = $1 - last } { last = $1 } END { printf "%.1f", NR < 3 ? 9e6 : most * 1000 - 1000 }'
}


# A machine that halts for a moment makes an advert late, too, but not in each of three rounds.
punctual() { # NODE MS COMMAND...: in one round of the command no advert of that node was later than that
	local late
	for _ in 1 2 3; do
		rm -f "$RUN/$1.pcap"
		capture_start "$1"
		"${@:3}"
		capture_stop "$1"
		late=$(advert_lateness "$1")
		measure "adverts at most $late ms late"
		awk -v late="$late" -v limit="$2" 'BEGIN { exit !(late <= limit) }' && return
	done
	fail "in each of three rounds an advert of $1 was late, in the last one by $late ms"
}

web_dies() { service_no_restart "$1" web; service_signal "$1" web KILL; }
web_returns() { service_start "$1" web; }
health_process() { pgrep -o -f "^ha-fenced-health -c $RUN/$1/"; } # NODE: its number
fence_process() { pgrep -o -f "^ha-fenced-fence -c $RUN/$1/"; }
new_fence_process() { local now; now=$(fence_process "$1"); [ -n "$now" ] && [ "$now" != "$2" ]; } # NODE OLD
new_health_process() { local now; now=$(health_process "$1"); [ -n "$now" ] && [ "$now" != "$2" ]; } # NODE OLD

storage_of_both() { # a file system that both nodes check; frozen, it holds whoever writes in the kernel
	lab_pair
	lab_exit() { fsfreeze -u "$RUN/data" 2>/dev/null; umount -l "$RUN/data" 2>/dev/null; }
	mkdir "$RUN/data"
	truncate -s 16M "$RUN/image"
	mkfs.ext4 -q "$RUN/image" && mount -o loop "$RUN/image" "$RUN/data" ||
		{ echo "needs a loop device and ext4" >&2; exit 77; }
	option more "health: { checks = ( { name = \"data\"; type = \"nfs\"; path = \"$RUN/data\"; fstype = \"ext4\";
		write = true; interval = 0.5; timeout = 1.5; rise = 2; fall = 2; } ); };"
	lab_configure
}

storage_of_each() { # [FALL]: the same path, but on each node a file system of its own; storage_hangs holds one
	lab_pair
	lab_exit() { storage_end; }
	local node
	mkdir "$RUN/data"
	for node in A B; do
		mkdir "$RUN/$node/disk"
		truncate -s 16M "$RUN/$node/image"
		mkfs.ext4 -q "$RUN/$node/image" && mount -o loop "$RUN/$node/image" "$RUN/$node/disk" ||
			{ echo "needs a loop device and ext4" >&2; exit 77; }
		printf '%s\n' '#!/bin/sh' "mount --bind $RUN/$node/disk $RUN/data" "exec $(daemon_command "$node")" \
			>"$RUN/$node/etc/start"
		lab_service "$node" ha-fenced "-r 100" "unshare -m sh $RUN/$node/etc/start"
	done
	option more "health: { checks = ( { name = \"data\"; type = \"nfs\"; path = \"$RUN/data\"; fstype = \"ext4\";
		write = true; interval = 0.5; timeout = 1.5; rise = 2; fall = ${1:-2}; } ); };"
	lab_configure
}
storage_hangs() { fsfreeze -f "$RUN/$1/disk"; } # NODE
storage_returns() { fsfreeze -u "$RUN/$1/disk"; }
storage_end() {
	local node
	for node in A B; do
		fsfreeze -u "$RUN/$node/disk" 2>/dev/null
		umount -l "$RUN/$node/disk" 2>/dev/null
	done
}

# Before `given`. It stands for a managed unit, as no service manager runs on the lab's nodes: its exit status proves the
# release or does not. Each run is a line in RUN/releases.
release_script() { # [COMMAND]: its last one
	cat >"$RUN/release.sh" <<-X
		#!/bin/sh
		node=B
		ip -o addr show dev enp11s0f2 | grep -q ' 10.20.20.21/' && node=A
		echo \$node >>$RUN/releases
		case \$(cat $RUN/\$node/release 2>/dev/null) in
		fails) exit 1 ;;
		hangs) exec sleep 1000 ;;
		esac
		${1:-}
	X
	chmod 755 "$RUN/release.sh"
	option more "$(setting more '') release: { script = \"$RUN/release.sh\"; release_timeout = 4.0; };
		notify: { script_user = \"root\"; };"
	lab_configure
}
release_does() { echo "$2" >"$RUN/$1/release"; } # NODE fails|hangs|well
releases() { grep -c "^$1" "$RUN/releases"; }

fill_up() { ! dd if=/dev/zero of="$1/filler" bs=4k oflag=append conv=notrunc 2>/dev/null; } # FOLDER: of a file system of its own
has_address() { [ -n "$(ip -n "$PREFIX-$1" -o addr show to "$2")" ]; } # NODE ADDRESS
no_address() { ! has_address "$@"; }

power_on_both() { power_on A; power_on B; }

# VRRPv3, priority 255, adverts each 0.2 s, a right checksum (it covers the source address).
forged_255_v3() { # SOURCE
	local -A sum=([192.168.1.199]=6a3d [192.168.1.198]=6a3e [192.168.1.66]=6ac2)
	echo "3133ff010014${sum[$1]}c0a801d2"
}

arrived() { in_ns "$1" awk '$1 == "enp11s0f0:" { print $3 }' /proc/net/dev; } # NODE: frames on the service LAN so far
loaded() { : >"$RUN/disturbed"; disturbed A; disturbed B; } # what is late from here on is late by the case's own load
flood() { # SECONDS PERCENT-BROKEN FRAMES...: a hostile neighbour on the service LAN (stranger_up); what it managed is a figure
	local a b
	a=$(arrived A) b=$(arrived B)
	loaded
	in_ns x "$TOOLS/flood" -n "$1" -m "$2" eth0 "${@:3}" >"$RUN/flood" || return 1
	echo "$(cat "$RUN/flood"), $((($(arrived A) - a) / $1)) arrive at A, $((($(arrived B) - b) / $1)) at B" >"$RUN/flood"
}
flood_begin() { # RATE PERCENT-BROKEN FRAMES...: until flood_end, a minute at most
	loaded
	lab_run nsenter --net="/run/netns/$PREFIX-x" "$TOOLS/flood" -n 60 -r "$1" -m "$2" eth0 "${@:3}"
	FLOOD=$!
}
flood_end() { kill "$FLOOD" && poll_until 5 eval "! kill -0 $FLOOD 2>/dev/null"; }
flood_elsewhere() { # SECONDS FRAMES...: the same load for this machine, and neither node gets it
	in_ns x "$TOOLS/flood" -n "$1" -t 02:68:66:00:01:01 eth0 "${@:2}" >"$RUN/flood" || return 1
}

listen_for_adverts() { # NODE FILE: its adverts as the other one's port hands them over
	local other=B
	[ "$1" = A ] || other=A
	lab_run nsenter --net="/run/netns/$PREFIX-sw" tcpdump -i "svc-$other" -Q out -U --immediate-mode -w "$2" \
		"proto 112 and ether src $(mac_of "$1" svc)" 2>"$2.tcpdump"
	poll_until 5 grep -q listening "$2.tcpdump" || fail "nobody listens for adverts: $(cat "$2.tcpdump")"
}
listen_end() { end_all_of "^tcpdump .*-w $1"; } # FILE
longest_gap_ms() { # FILE: between two adverts; 9e6 if there are too few to tell
	tcpdump -r "$1" -tt -n 2>/dev/null |
		awk 'NR > 1 && $1 - last > most { most = $1 - last } { last = $1 } END { printf "%.1f", NR < 10 ? 9e6 : most * 1000 }'
}

# A flood that makes adverts late does so each time, a machine that halts for a moment does not: of three rounds, in one no advert of
# A may come later than while the same load goes elsewhere. The VIP may not move in any.
flood_measured() { # NAME SECONDS PERCENT-BROKEN FRAMES...: adverts are due each 200 ms
	local control flooded
	for _ in 1 2 3; do
		listen_for_adverts A "$RUN/control.pcap"
		when flood_elsewhere "$2" "${@:4}"
		listen_end "$RUN/control.pcap"
		control=$(longest_gap_ms "$RUN/control.pcap")
		listen_for_adverts A "$RUN/flooded.pcap"
		when flood "$2" "${@:3}"
		listen_end "$RUN/flooded.pcap"
		flooded=$(longest_gap_ms "$RUN/flooded.pcap")
		measure "$1: $(cat "$RUN/flood")"
		[ "$(sed 's/.*, \([0-9]*\) arrive at A.*/\1/' "$RUN/flood")" -ge 5000 ] || fail "that was no flood: $(cat "$RUN/flood")"
		measure "longest gap between adverts of 200 ms: $flooded ms, with the same load elsewhere $control ms"
		[ "$(figure .losses_since_mark)" = 0 ] || fail "$1: the VIP has moved: $(describe)"
		awk -v f="$flooded" -v c="$control" 'BEGIN { exit !(f <= 220 || f <= 1.5 * c + 20) }' && return
	done
	fail "$1: in each of three rounds adverts came late, in the last one $flooded ms after the one before it ($control ms with the same load elsewhere)"
}

# Of all processes of the daemon and its helpers: what they have in memory that is not shared, in kB (the proportional set size goes
# up when another program that uses the same libraries ends), and open descriptors.
daemon_processes() { find "$CGROUPS/$PREFIX-$1/ha-fenced" -name cgroup.procs -exec cat {} +; } # NODE
daemon_memory() { # NODE
	local pid
	for pid in $(daemon_processes "$1"); do cat "/proc/$pid/smaps_rollup"; done | awk '/^Pss_Anon:/ { kb += $2 } END { print kb }'
}
daemon_descriptors() { # NODE
	local pid
	for pid in $(daemon_processes "$1"); do ls "/proc/$pid/fd"; done | wc -l
}
daemon_lines() { wc -l <"$RUN/$1/service/ha-fenced/log"; } # NODE

forwarding() { # on|off|block LAN...: the bridge's own ports, as spanning tree does; the links stay up
	local state=3 port
	case $1 in off) state=0 ;; block) state=4 ;; esac
	for port in $(switch -j link show type veth | jq -r --arg lans "${*:2}" \
		'.[] | select(.master as $m | $lans | split(" ") | any(. == $m)) | .ifname'); do
		bridge -n "$PREFIX-sw" link set dev "$port" state $state || [ "$1" = block ] || return 1
	done
}
split_ahead() { # before power_on: from the first frame on
	split
}

cycle_by_hand() { # NODE SECONDS: somebody's chassis cycle, with its dwell
	power_cut "$1"
	lab_run sh -c 'sleep "$1"; exec sh "$2" "$3" on "$4"' sh "$2" "$LAB/node.sh" "$RUN" "$1"
}

daemon_disabled() { rm -f "$RUN/$1/services/ha-fenced"; } # NODE, before power_on

clock_fakeable() { # NODE, before power_on: jump_clock can then move its daemon's wall clock
	local library
	library=$(echo /usr/lib/*/faketime/libfaketimeMT.so.1)
	[ -f "$library" ] || { echo "needs libfaketime" >&2; exit 77; }
	echo +0 >"$RUN/$1/clock"
	daemon_service "$1" "-r 100" LD_PRELOAD="$library" FAKETIME_TIMESTAMP_FILE="$RUN/$1/clock" \
		FAKETIME_CACHE_DURATION=1 DONT_FAKE_MONOTONIC=1
}
jump_clock() { echo "$2" >"$RUN/$1/clock"; } # NODE +3600|-3600

capture_start() { # NODE: what it sends on the service LAN
	lab_run nsenter --net="/run/netns/$PREFIX-sw" tcpdump -i "svc-$1" -Q in -U --immediate-mode -w "$RUN/$1.pcap" \
		'udp port 1112 or proto 112' 2>"$RUN/$1.tcpdump"
	poll_until 5 grep -q listening "$RUN/$1.tcpdump"
}
capture_stop() { # NODE; a file header alone is no capture
	poll_until 5 captured "$1" || fail "nothing of $1 was captured"
	end_all_of "^tcpdump .*-w $RUN/$1.pcap"
}
captured() { [ "$(stat -c %s "$RUN/$1.pcap")" -gt 1000 ]; }
replay() { in_ns gw "$TOOLS/inject" replay eth0 "$RUN/$1.pcap" >"$RUN/replayed" && [ "$(cat "$RUN/replayed")" -gt 0 ]; }

# VRRPv2 of the reference pair with priority 255, PASS "1111" and a right checksum.
forged_255() { echo 2133ff010101b9ecc0a801d23131313100000000; }
# VRRPv2 of the reference pair with priority 0, PASS "1111" and a right checksum: "I stop" (RFC 3768 section 5).
forge_stop() { in_ns gw "$TOOLS/inject" vrrp eth0 "${SERVICE[$1]}" 213300010101b8edc0a801d23131313100000000 20 100 >/dev/null; }

# All that runs on the node now gets 1 % of one processor, and has to share it with three who want all they can get; the
# daemon, too, whose real-time priority is taken: a quota does not bind that.
starve() { # NODE
	local pid
	loaded
	CPU=$(awk '$3 == "cgroup" && $4 ~ /(^|,)cpu(,|$)/ { print $2; exit }' /proc/mounts)
	CPU=${CPU:+$CPU/$PREFIX-$1}
	[ -n "$CPU" ] && mkdir "$CPU" && echo 1000 >"$CPU/cpu.cfs_quota_us" ||
		{ echo "needs the cpu controller of cgroup v1, with bandwidth" >&2; exit 77; }
	mkdir "$CGROUPS/$PREFIX-$1/hogs"
	for _ in 1 2 3; do
		in_node "$1" setsid sh -c 'echo $$ >"$0"; while :; do :; done' "$CGROUPS/$PREFIX-$1/hogs/cgroup.procs" 2>/dev/null &
	done
	sleep 0.1
	find "$CGROUPS/$PREFIX-$1" -name cgroup.procs -exec cat {} + | while read -r pid; do
		chrt -a -o -p 0 "$pid" && echo "$pid" >"$CPU/cgroup.procs"
	done
	grep -q "^$(cat "$RUN/$1/service/ha-fenced/pid")$" "$CPU/cgroup.procs" || fail "nothing of $1 is in $CPU"
}
feed() { # NODE: what starve has taken; again harmless
	local pid
	[ -d "${CPU:-}" ] || return 0
	echo 1 >"$CGROUPS/$PREFIX-$1/hogs/cgroup.kill"
	while read -r pid; do echo "$pid" >"${CPU%/*}/cgroup.procs"; done <"$CPU/cgroup.procs" 2>/dev/null
	poll_until 5 rmdir "$CPU" 2>/dev/null
}
