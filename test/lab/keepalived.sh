#!/bin/bash
# test/lab/keepalived.sh -- keepalived in the same lab: the classic pair, as foreign daemon and as yardstick.
#
# Source it for the functions, or run it: it freezes the master of a keepalived pair until 5 s after the other one has
# taken over, and lets the observer tell what follows. Exit status 0 if it saw two holders, which is what keepalived is
# known for. With a folder as argument it leaves the observer's log and figures there.
[ -n "${LAB:-}" ] || . "$(dirname "${BASH_SOURCE[0]}")/lab.sh"

keepalived_service() { # NODE PRIORITY [PASS]: the pair of the reference, as its administrators have written it
	local dir=$RUN/$1/etc state=BACKUP
	[ "$1" = A ] && state=MASTER
	cat >"$dir/keepalived.conf" <<-X
		global_defs { router_id Node$1 }
		vrrp_instance VI_1 {
			state $state
			interface enp11s0f0
			virtual_router_id 51
			priority $2
			advert_int 1
			authentication { auth_type PASS
				auth_pass ${3:-1111} }
			virtual_ipaddress { $VIP/24 }
		}
	X
	lab_service "$1" keepalived "-r 0" \
		"keepalived -n -l -D -f $dir/keepalived.conf -p $RUN/$1/ka.pid -r $RUN/$1/ka-vrrp.pid -c $RUN/$1/ka-check.pid"
}

keepalived_start() { # both, one after the other: two that begin together may both hold the address for a moment
	keepalived_service A 100
	keepalived_service B 90
	power_on A
	observe_wait holder A 15000 >/dev/null || fail "keepalived does not become master: $(cat "$RUN"/?/service/keepalived/log)"
	power_on B
	poll_until 15 grep -sq "Entering BACKUP STATE" "$RUN/B/service/keepalived/log" || fail "B's keepalived does not start"
	sleep 2.5 # B has heard it
}

keepalived_pair() { # runs, A is master
	lab_up
	observer_start
	keepalived_start
}

if [ "${BASH_SOURCE[0]}" = "$0" ]; then
	set -eu
	lab_needs keepalived
	keepalived_pair
	observe mark "freeze A" >/dev/null
	freeze A
	after=$(observe_wait holder two 10000) || fail "keepalived: B did not take the VIP"
	echo "keepalived: A is frozen and keeps the VIP, B takes it after $after ms: two holders"
	sleep 5
	thaw A
	sleep 2
	figure '"keepalived: two holders for \(.two_holders_ms / 1000) s, until the thaw; then \(.holder)"'
	if [ -n "${1:-}" ]; then # what a picture needs
		observe figures >"$1/figures"
		figure .mark >"$1/mark"
		echo "$after" >"$1/after"
		cp "$RUN/observer.log" "$1/"
	fi
fi
