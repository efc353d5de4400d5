#!/bin/bash
# test/lab/demo.sh -- `make demo`: what ha-fenced does when a master dies and when it freezes, and what keepalived does.
#
# Everything is real but the machines: daemons, packets, IPMI sessions (ipmi_sim), Tomcat, its documents on an NFS server,
# keepalived. It needs root, touches nothing outside its own namespaces and removes them at the end, also on Ctrl-C.
# Under two minutes. Where Tomcat or the NFS server cannot run it says so and serves a file with busybox.
set -u
LAB=$(cd "$(dirname "$0")" && pwd)
. "$LAB/verbs.sh"

export FETCH_MS=20
COLUMNS_MAX=100
SHOWN=8 # seconds of the freeze that the picture shows
bold='' dim='' red='' green='' plain=''
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ] && [ "${TERM:-dumb}" != dumb ]; then
	bold=$'\e[1m' dim=$'\e[2m' red=$'\e[31m' green=$'\e[32m' plain=$'\e[0m'
fi
full='#' empty='.'
case $(locale charmap 2>/dev/null) in UTF-8) full='█' empty='·' ;; esac

title() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }
say() { printf '%s\n' "$*" | fold -s -w $COLUMNS_MAX | sed 's/ *$//'; }
shell_line() { printf '\n%s%s%s\n' "$dim" "$*" "$plain"; }
indented() { cut -c "1-$((COLUMNS_MAX - 2))" | sed 's/^/  /; s/ *$//'; }

# --- pictures -----------------------------------------------------------------------------------------------------

# Who held the VIP, from an observer's log: a bar for each node, from the mark on.
bars() { # NAME LOG MARK
	awk -v name="$1" -v mark="$3" -v shown=$SHOWN -v full="$full" -v empty="$empty" -v red="$red" -v green="$green" \
		-v plain="$plain" '
		/vip-(added|removed)/ {
			node = $3; step = int(($1 - mark) * 8); if (step < 0) step = 0
			for (i = upto[node]; i < step; i++) held[node, i] = holds[node]
			upto[node] = step; holds[node] = $2 == "vip-added"
		}
		END {
			for (n = 1; n <= 2; n++) {
				node = n == 1 ? "A" : "B"
				for (i = upto[node]; i < shown * 8; i++) held[node, i] = holds[node]
			}
			for (n = 1; n <= 2; n++) {
				node = n == 1 ? "A" : "B"
				printf "  %-11s Node%s  ", n == 1 ? name : "", node
				for (i = 0; i < shown * 8; i++) {
					both = held["A", i] && held["B", i]
					printf "%s%s%s", both ? red : held[node, i] ? green : "",
						held[node, i] ? full : empty, plain
				}
				print ""
			}
		}' "$2"
}

scale() {
	local i
	printf '  %-19s' ''
	for ((i = 0; i < SHOWN - 1; i++)); do printf '%-8s' "${i}s"; done
	echo "${i}s"
}

# Lines "SECONDS<tab>TEXT" of what a node noted since ZERO (wall clock): its newest episode.
# Of a row of readings that say the same, the first and the last.
steps_since() { # NODE ZERO
	hf "$1" --json history | jq -r --argjson zero "$2" '
		(if type == "array" then last else . end).steps | map(select(.time != null)) | to_entries
		| (map(select(.value.id == "fence-sample").key)) as $samples
		| .[] | select(.value.id != "fence-sample" or .key == $samples[0] or .key == $samples[-1])
		| "\(.value.time - $zero)\t\(.value.text)"'
}

timeline() { # stdin: "SECONDS<tab>TEXT", in any order; long texts go on below themselves
	sort -s -n -k 1,1 | awk -F '\t' -v green="$green" -v plain="$plain" -v width=$((COLUMNS_MAX - 12)) '
		{
			colour = /PROOF|proof|MASTER|page/ ? green : ""
			when = sprintf("%8.3f", $1); text = $2
			while (text != "") {
				cut = length(text)
				if (cut > width) for (cut = width; cut > 1 && substr(text, cut, 1) != " "; cut--);
				if (cut <= 1) cut = width
				printf "  %8s  %s%s%s\n", when, colour, substr(text, 1, cut), colour ? plain : ""
				text = substr(text, cut + 1); when = ""
			}
		}'
}

# --- the acts -----------------------------------------------------------------------------------------------------

fault() { # COMMAND...: as `when`, and remembers the wall clock
	zero=$EPOCHREALTIME
	when "$@"
}

story() { # NODE that took over
	local page
	page=$(observe_wait page "$1" 10000) || fail "no page of Node$1: $(describe)"
	{
		printf '0\t%s\n' "$2"
		awk -v ms="$page" -v node="$1" 'BEGIN { printf "%.3f\tfirst page served by Node%s, as a client sees it\n", ms / 1000, node }'
		steps_since "$1" "$zero"
	} | timeline
}

bring_back() { # NODE HOLDER: standby again, the pair protected
	power_on "$1"
	standby_again "$1" "$2"
}
standby_again() { # NODE HOLDER
	[ -n "$missing" ] || poll_until 60 tomcat_serves "$1" || fail "Tomcat on Node$1 does not start again"
	poll_until 30 pair_protected_by "$2" || fail "the pair is not protected again: $(describe)"
}
pair_protected_by() { pair_protected && status_is "$1" .holding; }

act_start() {
	title "1. Two nodes, their IMMs, $([ -n "$missing" ] && echo "a web page" || echo Tomcat) behind $VIP"
	given a running pair
	say "Node A holds the VIP, Node B is its standby; each can switch the other's power through its IMM."
	if [ -n "$missing" ]; then
		say "${red}Not shown: Tomcat and its NFS server, $missing.$plain busybox serves a local file instead."
	else
		say "Tomcat runs on both, with its documents on an NFS server: whoever holds the VIP serves the same ones."
	fi
	shell_line "NodeB# ha-fence test"
	hf B test 2>&1 | indented
	shell_line "NodeA# ha-fence status"
	hf A status 2>&1 | indented
	client_page
}

client_page() {
	shell_line "client\$ curl -i http://$VIP/"
	in_ns gw curl -si -m 5 "http://$VIP/" | tr -d '\r' | grep -E '^(HTTP|Server|<)' | indented
}

act_power() {
	title "2. Node A loses its power"
	fault power_cut A
	observe_wait holder B 20000 >/dev/null || fail "B does not take over: $(describe)"
	story B "Node A's power is cut"
	say "$(printf '\nNobody held the VIP for %s.' "$(seconds "$(figure '.moves[-1].absent_ms')")")"
	client_page
	say "$(printf '\nThen')" "Node A's power is switched on again; it boots, and is the standby."
	bring_back A B
}

act_freeze() {
	title "3. Node B, now the master, freezes: its processes stop, its VIP stays"
	fault freeze B
	observe_wait holder A 30000 >/dev/null || fail "A does not take over: $(describe)"
	story A "Node B freezes"
	sleep 0.3
	thaw B # there is nothing left to thaw
	frozen_at=$(figure .mark)
	client_page
	standby_again B A
}

act_compare() {
	title "4. The same freeze, side by side: who held the VIP"
	wait "$other" || fail "keepalived's lab failed: $(cat "$kept/error")"
	other=
	scale
	bars ha-fenced "$RUN/observer.log" "$frozen_at"
	echo
	bars keepalived "$kept/observer.log" "$(cat "$kept/mark")"
	echo
	say "ha-fenced:  at most $(figure .max_holders) holder at any time$(figure 'if .unordered > 0 then " (\(.unordered) moves too close to order)" else "" end')."
	say "keepalived: ${red}TWO HOLDERS${plain} from $(seconds "$(cat "$kept/after")") after the freeze," \
		"for $(seconds "$(jq .two_holders_ms "$kept/figures")"): until the frozen node was thawed."
	shell_line "NodeA# ha-fence status"
	hf A status 2>&1 | indented
}

other= # the shell of keepalived's lab, while it runs
kept=
lab_exit() {
	if [ -n "$other" ]; then
		kill "$other"
		lab_remove "hfl$other" # what it waits for ends, and then it does
		wait "$other"
	fi
	[ -z "$kept" ] || rm -rf "$kept"
}

lab_needs keepalived curl
for program in ha-fenced ha-fence; do
	[ -x "$HA_BUILD/$program" ] || { echo "needs $HA_BUILD/$program: make" >&2; exit 77; }
done
option action reboot
begun=$SECONDS
missing=$(tomcat_needs 2>&1) && tomcat_pair 3 || lab_pair
kept=$(mktemp -d "${TMPDIR:-/tmp}/ha-demo.XXXXXX")
"$LAB/keepalived.sh" "$kept" >"$kept/out" 2>"$kept/error" &
other=$!
act_start
act_power
act_freeze
act_compare
title "Done in $((SECONDS - begun)) s; everything is removed again."
