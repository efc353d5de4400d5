# FAULTS 74: the cluster key is rotated: the new one first believed, then used, then the old one gone; each on A, then on B
given a running pair
old=$(cat "$RUN/A/etc/authkey")
new=$(rev <<<"$old")
when true
for keys in "$old $new" "$new $old" "$new"; do
	for node in A B; do
		# shellcheck disable=SC2086
		printf '%s\n' $keys >"$RUN/$node/etc/authkey"
		also hf $node reload
		sleep 0.5
	done
	poll_until 10 pair_protected || fail "not protected with the keys $keys: $(describe)"
done
[ "$(figure .losses_since_mark)" = 0 ] || fail "the VIP was gone for $(figure .longest_absent_ms) ms"
for node in A B; do
	expect no alarm no-standby on $node
	expect no alarm vip-conflict on $node
done
expect fences A 0
expect fences B 0
when hf B switchover
expect holder B within 5
expect power A on
