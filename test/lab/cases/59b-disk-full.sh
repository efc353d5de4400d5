# FAULTS 59: A's disk and /run are full; A keeps the VIP and gives it away; it takes it back only when it can record that
given a pair without power
lab_exit() { umount -l "$RUN/A/state" "$RUN/A/run" 2>/dev/null; }
for folder in state run; do
	mkdir -p "$RUN/A/$folder"
	mount -t tmpfs -o size=64k lab "$RUN/A/$folder" || { echo "needs tmpfs" >&2; exit 77; }
done
given a running pair
when fill_up "$RUN/A/state"
also fill_up "$RUN/A/run"
expect holder A for 3
observe mark standby >/dev/null
hf A standby >/dev/null || fail "A does not give the VIP away: $(describe)"
expect alarm resources on A within 5
expect holder B within 5
expect page B within 5
also rm "$RUN/A/state/filler"
hf A unstandby >/dev/null || fail "A stays in standby: $(describe)"
poll_until 10 pair_protected || fail "not protected: $(describe)"
also fill_up "$RUN/A/run" # what the record of the first time has freed
when power_cut B
expect holder none for 3
status_is A '.holding == false' || fail "A holds without a record: $(describe)"
also rm "$RUN/A/run/filler"
expect holder A within 10
expect fences A 0
expect power A on
