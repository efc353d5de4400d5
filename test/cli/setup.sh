# shellcheck shell=bash disable=SC2154,SC2034 # run.sh has them
# test/cli/setup.sh -- a configuration made for the user: keepalived's files imported, a pair from nothing.
# Sourced by run.sh.

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
	expect "import: to nowhere" 1 "mkdir -p $work/none     or" "$fence" import "$sample/NodeA.conf" "$sample/NodeB.conf" "${imms[@]}" -o "$work/none/imported.conf"
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

	expect "init: to nowhere" 1 "mkdir -p $work/new     or choose another path" "${init[@]}"
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
