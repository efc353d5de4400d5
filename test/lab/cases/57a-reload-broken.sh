# FAULTS 57: the master reloads a broken file: it says where, nothing changes; with the file repaired it says so too
given a running pair
cp "$RUN/A/etc/ha-fenced.conf" "$RUN/A/good"
sed -i 's/priority = 100/priority = 300/' "$RUN/A/etc/ha-fenced.conf"
when true
hf A reload >"$RUN/answer" 2>&1
[ $? = 2 ] || fail "a broken file is taken: $(cat "$RUN/answer")"
grep -q 'ha-fenced.conf:[0-9]*:[0-9]*.*priority' "$RUN/answer" || fail "reload does not say where: $(cat "$RUN/answer")"
expect alarm config-invalid on A
echo 'fence: {' >>"$RUN/A/etc/ha-fenced.conf"
! hf A reload >/dev/null 2>&1 || fail "a file that ends in the middle is taken"
also service_signal A ha-fenced HUP
expect holder A for 2
status_is A '.priority == 100' || fail "the broken file has had an effect: $(describe)"
also cp "$RUN/A/good" "$RUN/A/etc/ha-fenced.conf"
also hf A reload
poll_until 5 status_is A '.alarms | all(.name != "config-invalid")' || fail "the alarm stays: $(describe)"
poll_until 10 pair_protected || fail "not protected: $(describe)"
[ "$(figure .losses_since_mark)" = 0 ] || fail "the VIP was gone for $(figure .longest_absent_ms) ms"
expect fences A 0
expect fences B 0
expect power A on
