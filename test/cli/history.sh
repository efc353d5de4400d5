# shellcheck shell=bash disable=SC2154,SC2034 # run.sh has them
# test/cli/history.sh -- the history as its file tells it, without a daemon.
# Sourced by run.sh.

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
	expect "history --html over a directory" 1 "it is a directory" "${history[@]}" history --html "$work"
	expect "history --html to nowhere" 1 "cannot be written: there is no directory $work/none$" "${history[@]}" history --html "$work/none/page.html"
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
