# shellcheck shell=bash disable=SC2154,SC2034 # run.sh has them
# test/cli/words.sh -- what ha-fence says without a configuration: usage errors, help, the manual, metrics over HTTP.
# Sourced by run.sh.

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
	expect "explain says nothing twice" 0 "^1$" bash -c "'$fence' explain paused | grep -c 'the pair is paused'"
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
