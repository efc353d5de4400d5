# shellcheck shell=bash
# test/lab/package.sh -- nodes of the lab that have nothing of ours: the Debian root of systemd.sh without the libraries
# that ha-fenced needs, and a mirror (a folder) from which apt gets them, so that no test asks a server. Sourced by the
# cases p*.sh; `package.sh root` makes the root, once for all cases and runs: it is kept in the build folder.
#
#	package_pair		as lab_pair, both nodes bare, with the built package in /root; powered off
#	package_newer		the same package with a higher version, put in /root of both
#	by_the_book PAGE FROM TO WORDS...	runs a page's commands from heading FROM up to heading TO; WORDS are sed's
#
# In the page every block of commands from FROM to TO has a comment before it, which no reader sees:
#	<!-- run: both -->	on both nodes, line by line; run: NodeA   there only; skip: REASON
. "$(dirname "${BASH_SOURCE[0]}")/systemd.sh"

BARE=$HA_BUILD/package-root
MIRROR=srv/mirror # in it

package_fields() { # what the package wants of a machine
	sed -n '/^Depends:/,/^Suggests:/p' "$TOP/debian/control" | grep -oE '\b(polkitd|ipmitool)\b'
	printf '%s\n' libconfig9 libcurl4 libjansson4 libnl-3-200 libnl-route-3-200 libopenipmi0 libssl3 libsystemd0
}

package_needs() { # exits 77: cannot run here
	systemd_needs
	lab_needs apt-get dpkg-scanpackages dh lintian
	(
		flock 9
		[ "$(cat "$BARE/etc/ha-lab-root" 2>/dev/null)" = "$(package_fields) $(stat -c %Y "$WANTED")" ] || package_root
	) 9>"$BARE.lock" || { echo "no bare Debian root for a container: see $BARE.log" >&2; exit 77; }
}

package_root() { # some 10 s, 120 MB
	rm -rf "${BARE:?}"
	{
		cp -a "$ROOT" "$BARE" &&
			chroot "$BARE" apt-get -y purge keepalived polkitd libconfig9 libcurl4 libjansson4 libnl-3-200 libnl-route-3-200 libopenipmi0 &&
			chroot "$BARE" apt-get -y autoremove --purge &&
			{ package_download || { apt-get -o DPkg::Lock::Timeout=100 update && package_download; }; } &&
			(cd "$BARE/$MIRROR" && dpkg-scanpackages . >Packages) &&
			echo "deb [trusted=yes] file:/$MIRROR ./" >"$BARE/etc/apt/sources.list" &&
			echo 'APT { Get::Assume-Yes "true"; Install-Recommends "true"; };' >"$BARE/etc/apt/apt.conf.d/99zlab" &&
			chroot "$BARE" apt-get update
	} </dev/null >"$BARE.log" 2>&1 || { rm -rf "${BARE:?}"; return 1; }
	echo "$(package_fields) $(stat -c %Y "$WANTED")" >"$BARE/etc/ha-lab-root"
}

# This machine's apt gets what is missing there.
package_download() {
	mkdir -p "$BARE/$MIRROR/partial"
	# shellcheck disable=SC2046
	apt-get -y --no-install-recommends --download-only -o Debug::NoLocking=1 -o Dir::State::status="$BARE/var/lib/dpkg/status" \
		-o Dir::State::extended_states="$BARE/var/lib/apt/extended_states" -o Dir::Cache::archives="$BARE/$MIRROR" \
		-o APT::Sandbox::User=root install $(package_fields)
}

# What debian/ makes of the programs that were built for the tests; lintian looks at it meanwhile.
package_build() {
	local tree=$RUN/ha-fenced
	mkdir "$tree"
	tar -C "$TOP" --exclude='./build*' --exclude=./.git --exclude=./test --exclude="./${HA_BUILD##*/}" -c . | tar -x -C "$tree"
	(cd "$tree" && BUILT=$HA_BUILD DEB_BUILD_OPTIONS=nocheck debian/rules binary) >"$RUN/package.log" 2>&1 ||
		fail "the package is not built: $(tail -n 20 "$RUN/package.log")"
	version=$(sed -n 's/^VERSION = //p' "$TOP/Makefile")
	# As long, so that it can be written over the old one in a copy of the programs; its end, which the linker may use for
	# other texts, is the same.
	newer=9${version#?}
	PACKAGE=$(echo "$RUN"/ha-fenced_"$version"_*.deb)
	[ -f "$PACKAGE" ] || fail "no package: $(tail -n 20 "$RUN/package.log")"
}

package_newer() {
	local tree=$RUN/newer
	dpkg-deb -R "$PACKAGE" "$tree" && rm "$tree/DEBIAN/md5sums" &&
		sed -i "s/^Version: .*/Version: $newer/" "$tree/DEBIAN/control" &&
		grep -rlF "$version" "$tree/usr/sbin" "$tree/usr/libexec" | xargs sed -i "s/${version//./\\.}/$newer/g" &&
		NEWER=$RUN/$(basename "${PACKAGE/_${version}_/_${newer}_}") &&
		dpkg-deb -Zgzip -b "$tree" "$NEWER" >>"$RUN/package.log" 2>&1 ||
		fail "no newer package: $(tail -n 20 "$RUN/package.log")"
	local node
	for node in A B; do on_node "$node" sh -c "cat >/root/${NEWER##*/}" <"$NEWER"; done
}

package_pair() {
	package_needs
	lab_up
	echo "ROOT=$BARE" >>"$RUN/env"
	package_build
	local node
	for node in A B; do package_disk "$node"; done
	for node in A B; do imm_start "$node"; done
	observer_start
}

package_disk() { # NODE: what a bare machine has that is its own
	local n=$RUN/$1 disk=$RUN/$1/disk-up units=$RUN/$1/disk-up/etc/systemd/system limited
	rm -rf "${n:?}/services" "${n:?}/etc" "${n:?}/service"
	mkdir -p "$disk/var/log/journal" "$disk/root" "$disk/etc/secret" "$units/ha-fenced.service.d" \
		"$units/multi-user.target.wants" "$disk/srv/www" "$n/disk-work" "$n/disk-root"
	printf 'Node%s\n' "$1" >"$disk/etc/hostname"
	: >"$n/systemd" # node.sh looks here
	ln -s disk-up/etc/ha-fenced "$n/etc"
	cp "$PACKAGE" "$disk/root/"
	# A container has no firmware: its GUID comes in the same way from elsewhere.
	echo "${GUID[$1]}" >"$disk/etc/secret/uuid"
	chmod -R go= "$disk/etc/secret"
	printf '%s\n' '[Service]' 'LoadCredential=product_uuid:/etc/secret/uuid' >"$units/ha-fenced.service.d/lab.conf"
	# Where root may not raise its limits, those of the unit cannot work: capabilities stand in for them.
	limited=$( (ulimit -l unlimited) 2>/dev/null || echo limited)
	[ -z "$limited" ] || printf '%s\n' '[Service]' {AmbientCapabilities,CapabilityBoundingSet}='CAP_SYS_NICE CAP_IPC_LOCK' \
		>"$units/ha-fenced.service.d/limits.conf"
	systemd_unit "$1" web.service <<-X
		[Service]
		ExecStart=/bin/busybox httpd -f -p 80 -h /srv/www
	X
	ln -s ../web.service "$units/multi-user.target.wants/"
	echo "<html><title>Node$1</title>served by Node$1</html>" >"$disk/srv/www/index.html"
}

# --- the how-to -----------------------------------------------------------------------------------------------------

# "WHERE TAB COMMAND" for each command, one line each even if it is written on several.
book_commands() { # PAGE FROM TO
	awk -v from="$2" -v to="$3" '
		index($0, from) == 1 { on = 1 }
		index($0, to) == 1 { on = 0 }
		!on { next }
		/^<!-- (run|skip): .* -->$/ { where = $0; sub(/^<!-- /, "", where); sub(/ -->$/, "", where); next }
		/^```/ {
			inside = !inside
			if (inside && where == "") { print "unmarked\t" FILENAME ":" FNR; exit }
			if (!inside) where = ""
			next
		}
		!inside || $0 == "" { next }
		/\\$/ { sub(/\\$/, ""); line = line $0; next }
		{ print where "\t" line $0; line = "" }' "$1"
}

by_the_book() { # PAGE FROM TO [SED-OPTIONS...]
	local where command ran=0
	while IFS=$'\t' read -r where command <&7; do
		case $where in
		unmarked) fail "$command: say what the lab does with these commands, in a comment before them" ;;
		skip:*) ;;
		'run: both') book_run A "$command"; book_run B "$command"; ran=$((ran + 1)) ;;
		'run: NodeA') book_run A "$command"; ran=$((ran + 1)) ;;
		'run: NodeB') book_run B "$command"; ran=$((ran + 1)) ;;
		*) fail "$1: $where?" ;;
		esac
	done 7< <(book_commands "$@" | sed "${@:4}")
	[ $ran -gt 0 ] || fail "$1: no commands from $2 to $3"
	book_ran=$((${book_ran:-0} + ran))
}

book_run() { # NODE COMMAND: as typed by root there, who knows the IMMs' password and answers yes
	local log=$RUN/$1/book
	printf '\n# %s\n' "$2" >>"$log"
	case $2 in
	'scp '*) book_scp "$1" "$2" ;;
	*--reboot-peer*) book_terminal "$1" "$2" ;;
	# "Repeat it until nothing fails."
	'ha-fence test '* | 'ha-fence status'*) poll_until 40 book_type "$1" "$2" ;;
	*) book_type "$1" "$2" ;;
	esac || fail "Node$1: $2: $(tail -n 30 "$log")"
}

book_type() { # NODE COMMAND
	on_node "$1" sh -c "cd /root && $2" >>"$RUN/$1/book" 2>&1 < <(case $2 in install*) echo fence-secret ;; esac)
}

book_terminal() { # NODE COMMAND: what asks, asks a terminal
	on_node "$1" script -qec "$2" /dev/null >>"$RUN/$1/book" 2>&1 < <(sleep 1; echo yes; sleep 200)
}

# Containers without ssh: its files, with their modes, by way of the lab.
book_scp() { # NODE "scp -p FILES NODE:FOLDER"
	local words to
	read -ra words <<<"$2"
	to=${words[-1]}
	[ "${words[1]}" = -p ] && [[ $to == Node?:/* ]] || return 1
	on_node "$1" sh -c "tar -c -P ${words[*]:2:${#words[@]}-3} --transform 's|.*/||'" |
		on_node "${to:4:1}" tar -x -p --no-same-owner -C "${to#*:}" >>"$RUN/$1/book" 2>&1
}

if [ "${BASH_SOURCE[0]}" = "$0" ]; then
	case ${1:-} in
	root) package_needs ;;
	*) sed -n '2,12s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
	esac
fi
