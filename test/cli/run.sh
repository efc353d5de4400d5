#!/bin/bash
# test/cli/run.sh BUILD -- the real ha-fence: usage errors and configuration errors; then, with root, ipmi_sim and namespaces, against
# real IMMs: every class of trouble has its own message, exit status 1, within 5 s; fence by hand; nothing shows a secret.
# Prints "N passed, N failed"; exit status 1 if one failed.
# shellcheck disable=SC2034 # the parts use them
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

for part in words config setup history agent bed imm levels pair; do
	# shellcheck source=/dev/null
	. "$here/$part.sh"
done

run_usage
run_documents
run_agent_options
run_config
run_setup
run_history
if [ "$(id -u)" = 0 ] && command -v ipmi_sim >/dev/null && command -v jq >/dev/null && network; then
	if imms; then
		run_agent
		run_levels
		run_imm
		[ -x "$build/ha-fenced" ] && run_pair
	fi
else
	skipped=$((skipped + 1))
	echo "test/cli/run.sh: the part with IMMs needs root, ipmi_sim and network namespaces: skipped" >&2
fi
echo "$here/run.sh: $passed passed, $failed failed$([ $skipped = 0 ] || echo ", $skipped skipped")"
[ "$failed" = 0 ]
