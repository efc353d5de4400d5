#!/bin/bash
# test/lab/soak.sh -- many handovers and fenced takeovers in one run: soak.sh [HANDOVERS [FENCES]] (500 200)
#
# The nodes hand the VIP to and fro by switchover. Then node A loses its power, or is frozen, while it holds: B proves that it is
# off, takes over, A boots, and is given the VIP back, which is a handover too. A frozen node has to be powered down, for
# which B needs 60 s of hearing it since the last power-down (S9): so only each twentieth is of that kind, after a pause.
#
# B's daemon and its helpers live through all of it, A's through the handovers before the first fence. Asserted: never two holders;
# no process of theirs replaced; after a warm-up of a tenth (GROWTH_KB, GROWTH_FDS below) neither memory (what daemon, fence
# and health process do not share) nor descriptors grow; no zombie.
set -u
LAB=$(cd "$(dirname "$0")" && pwd)
. "$LAB/verbs.sh"
HANDOVERS=${1:-500} FENCES=${2:-200}
GROWTH_KB=256  # a page here and there that was never touched before; a leak of 1 kB a takeover would be 200
GROWTH_FDS=4   # a question of `ha-fence` under way
[ "$HANDOVERS" -ge "$FENCES" ] || { echo "each fence needs a handover back: HANDOVERS >= FENCES" >&2; exit 2; }

declare -A first_kb=() most_kb=() first_fds=() most_fds=() first_pids=()
handovers=0 fences=0 frozen=0 last_fence=-100 begun=$SECONDS absent=() taken=()

zombies() { # NODE: children of the daemon that nobody has waited for
	local pid
	for pid in $(daemon_processes "$1"); do
		ps -o stat= --ppid "$pid" | grep -c '^Z'
	done | awk '{ n += $1 } END { print n + 0 }'
}

sample() { # NODE [warm]: the figures of its processes; without a warm-up they are the first to compare with
	local kb fds pids
	kb=$(daemon_memory "$1") fds=$(daemon_descriptors "$1") pids=$(daemon_processes "$1" | sort -n | xargs)
	[ "$(zombies "$1")" = 0 ] || { sleep 0.5; [ "$(zombies "$1")" = 0 ] || fail "a zombie on $1: $(ps -ef | grep defunct)"; }
	printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$((SECONDS - begun))" "$1" "$handovers" "$fences" "$kb" "$fds" >>"$KEPT/soak.tsv"
	if [ -z "${first_kb[$1]:-}" ]; then
		first_kb[$1]=$kb first_fds[$1]=$fds most_kb[$1]=$kb most_fds[$1]=$fds first_pids[$1]=$pids
	fi
	[ "$kb" -le "${most_kb[$1]}" ] || most_kb[$1]=$kb
	[ "$fds" -le "${most_fds[$1]}" ] || most_fds[$1]=$fds
	[ "$pids" = "${first_pids[$1]}" ] || fail "processes of $1 have been replaced: ${first_pids[$1]} are $pids now"
}

verdict() { # NODE
	echo "$1: $((most_kb[$1] - first_kb[$1])) kB more at most (${first_kb[$1]} to ${most_kb[$1]} kB), $((most_fds[$1] - first_fds[$1])) descriptors more (${first_fds[$1]} to ${most_fds[$1]})"
	[ $((most_kb[$1] - first_kb[$1])) -le $GROWTH_KB ] || fail "$1 grows: more than $GROWTH_KB kB"
	[ $((most_fds[$1] - first_fds[$1])) -le $GROWTH_FDS ] || fail "$1 grows: more than $GROWTH_FDS descriptors"
}

hand_over() { # FROM TO
	observe mark "handover $handovers" >/dev/null
	# A node that has just come back is not asked before it can take.
	poll_until 30 eval "hf $1 switchover >'$RUN/answer' 2>&1" || fail "switchover on $1: $(cat "$RUN/answer"); $(describe)"
	observe_wait holder "$2" 10000 >/dev/null || fail "no handover to $2: $(describe)"
	absent+=("$(figure '.longest_absent_ms')")
	handovers=$((handovers + 1))
}

fence_A() {
	local ms
	local freezing=$((fences % 20 == 10))
	[ $freezing = 0 ] || sleep $((SECONDS - last_fence < 64 ? 64 - SECONDS + last_fence : 0))
	observe mark "fence $fences" >/dev/null
	if [ $freezing = 1 ]; then
		freeze A
		frozen=$((frozen + 1))
	else
		power_cut A
	fi
	ms=$(observe_wait holder B 60000) || fail "B does not take over: $(describe)"
	[ "$(power_of A)" = off ] || fail "B holds and A is on: $(describe)"
	taken+=("$ms")
	fences=$((fences + 1)) last_fence=$SECONDS
	power_on A
	poll_until 60 pair_protected || fail "not protected with A back: $(describe)"
}

middle_and_most() { printf '%s\n' "$@" | sort -n | awk '{ v[NR] = $1 } END { printf "median %.1f ms, most %.1f ms", v[int((NR + 1) / 2)], v[NR] }'; }

lab_needs ps
KEPT=$HA_BUILD/lab
mkdir -p "$KEPT"
printf 'second\tnode\thandovers\tfences\tkb\tdescriptors\n' >"$KEPT/soak.tsv"
option after 1.0
option settle 0.1
option priority_fencing_delay 1.0
# The health process works, too, and so often that a leak of some bytes for each probe is seen. (No script check: whoever
# counts processes would meet its children.)
option more "health: { checks = (
	{ name = \"web\"; type = \"http\"; url = \"http://127.0.0.1/\"; interval = 0.2; timeout = 5.0; },
	{ name = \"port\"; type = \"tcp\"; address = \"127.0.0.1\"; port = 80; interval = 0.2; timeout = 5.0; },
	{ name = \"gateway\"; type = \"ping\"; address = \"$GATEWAY\"; interval = 0.2; timeout = 5.0; weight = -1; },
	{ name = \"lan\"; type = \"link\"; interface = \"enp11s0f0\"; interval = 0.2; weight = -1; },
	{ name = \"kept\"; type = \"file\"; path = \"/etc/hostname\"; interval = 0.2; weight = -1; } ); };"
given a running pair
never_two_holders

to_and_fro=$(((HANDOVERS - FENCES) / 2 * 2))
for ((i = 0; i < to_and_fro; i += 2)); do
	hand_over A B
	hand_over B A
	if [ $handovers -ge $((HANDOVERS / 10)) ] && [ $((i % 10)) = 0 ]; then
		sample A
		sample B
	fi
done
echo "$handovers handovers in $((SECONDS - begun)) s: VIP nowhere for $(middle_and_most "${absent[@]}")"
if [ -n "${first_kb[A]:-}" ]; then verdict A; fi

for ((i = 0; i < FENCES; i++)); do
	fence_A
	hand_over B A
	if [ $i -ge $((FENCES / 10)) ] && [ $((i % 5)) = 0 ]; then
		# What B's history keeps of a fence was never touched before the first ones.
		[ -n "${warm:-}" ] || unset 'first_kb[B]'
		warm=1
		sample B
	fi
done
while [ $handovers -lt "$HANDOVERS" ]; do hand_over "$(figure .holder)" "$([ "$(figure .holder)" = A ] && echo B || echo A)"; done
sample B
verdict B
never_two_holders
for node in A B; do
	poll_until 30 eval "hf $node status --json | jq -e '[.health[] | select(.ok)] | length == 5' >/dev/null" ||
		fail "the checks of $node are not all up: $(hf $node status --json | jq -c .health)"
done
[ "$(figure .lost_events)" = 0 ] || fail "the observer has lost events: this run proves nothing"
echo "$fences fenced takeovers ($frozen of a frozen node that was powered down): VIP on B after $(middle_and_most "${taken[@]}")"
echo "$handovers handovers and $fences fences in $((SECONDS - begun)) s; figures in $KEPT/soak.tsv"
echo "1 passed, 0 failed"
