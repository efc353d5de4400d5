# shellcheck shell=bash disable=SC2154,SC2034 # run.sh has them
# test/cli/config.sh -- the configuration file and the key: good ones, each kind of bad one.
# Sourced by run.sh.

# write_config FILE IMM_OF_B USER GUID_OF_B : the pair of the namespaces of bed.sh.
write_config() {
	cat >"$1" <<END
cluster: { name = "clitest"; authkey_file = "$work/authkey"; };
nodes = (
  { name = "NodeA"; priority = 100; guid = "a0000000-0000-0000-0000-00000000000a";
    links = ( { address = "10.77.1.198"; }, { address = "10.77.2.11"; } );
    imm: { address = "10.77.1.98"; username = "hafence"; password_file = "$work/A.imm"; }; },
  { name = "NodeB"; priority = 90; ${4:+guid = \"$4\";}
    links = ( { address = "10.77.1.199"; }, { address = "10.77.2.12"; } );
    imm: { address = "$2"; username = "$3"; password_file = "$work/B.imm"; }; } );
vrrp = ( { name = "VI_1"; interface = "svc"; virtual_router_id = 51; version = 2; advert_int = 1.0; auth_pass = "1111";
           virtual_ipaddress = ( "10.77.1.210/24" ); } );
fence: { settle = 0.2; power_timeout = 5.0; };
END
	chmod 600 "$1"
}

run_config() {
	write_config "$work/good.conf" 10.77.1.99 hafence b0000000-0000-0000-0000-00000000000b
	(umask 077; echo "$password" >"$work/A.imm"; echo "$password" >"$work/B.imm")
	expect "keygen" 0 "mode 0600" "$fence" keygen "$work/authkey"
	expect "keygen never overwrites" 1 "never overwritten" "$fence" keygen "$work/authkey"
	expect "keygen: no directory" 1 "none/key cannot be written: there is no directory $work/none$" "$fence" keygen "$work/none/key"
	expect "keygen: no directory, what to do" 1 "^ +mkdir -p $work/none     or choose another path$" "$fence" keygen "$work/none/key"
	expect "keygen: a directory" 1 "it is a directory" "$fence" keygen "$work"
	expect "keygen: below a file" 1 "Not a directory" "$fence" keygen "$work/authkey/key"
	expect "good configuration" 0 "good \([0-9a-f]{6}\)" "$fence" check-config "$work/good.conf"
	expect "show-config" 0 "NodeB" "$fence" -c "$work/good.conf" --node NodeA show-config
	sed 's/settle = 0.2/setle = 0.2/' "$work/good.conf" >"$work/bad.conf"
	chmod 600 "$work/bad.conf"
	expect "unknown setting" 2 'bad.conf:[0-9]+:[0-9]+: error: .*setle' "$fence" check-config "$work/bad.conf"
	expect "test of a bad file" 2 'bad.conf:[0-9]+:[0-9]+: error: .*setle' "$fence" -c "$work/bad.conf" --node NodeA test
	expect "status of a bad file" 1 "DOWN" "$fence" -c "$work/bad.conf" --runtime-dir "$work" status
	expect "no such file" 2 "No such file" "$fence" -c "$work/none.conf" test
	printf '#!/bin/sh\nexit 0\n' >"$work/check.sh"
	chmod 757 "$work/check.sh"
	sed "s,^fence:,health: { checks = ( { name = \"own\"; type = \"script\"; script = \"$work/check.sh -w 5\"; } ); };\n&," \
		"$work/good.conf" >"$work/script.conf"
	chmod 600 "$work/script.conf"
	expect "script that others can write" 0 "warning: health.checks.script of own: others can write $work/check.sh" "$fence" check-config "$work/script.conf"
	expect "script that others can write, counted" 0 '"warnings": ?1' "$fence" --node NodeA --json check-config "$work/script.conf"
	chmod 755 "$work/check.sh"
	expect "script that only its owner can write" 0 "good \([0-9a-f]{6}\)\.$" "$fence" --node NodeA check-config "$work/script.conf"
	cp "$work/B.imm" "$work/open.imm"
	chmod 644 "$work/open.imm"
	sed "s,B.imm,open.imm," "$work/good.conf" >"$work/open.conf"
	chmod 600 "$work/open.conf"
	expect "password that others can read" 2 "open.imm" "$fence" check-config "$work/open.conf"
}
