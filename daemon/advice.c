#include "daemon/advice.h"

#include <assert.h>
#include <string.h>

const struct advice_names advice_generic = {
	.own = "this node",
	.peer = "NODE",
	.own_imm = "this node's IMM",
	.peer_imm = "IMM-ADDRESS",
	.vips = "the VIP",
	.config = "/etc/ha-fenced/ha-fenced.conf",
	.user = "IMM-USER",
};

struct entry {
	const char *text; /* NULL: the alarm's summary, which needs no names */
	const char *lines[ADVICE_LINES];
};

/* $P peer, $O own, $I the peer's IMM, $J the own IMM, $V the VIPs, $C the configuration, $U the IMM user, $D settings.
 */
static const struct entry entries[ALARMS] = {
	[ALARM_CLAIM_STUCK] = { "$P is silent and nothing proves that it is off: $V is not taken",
		{ "1. Repair what its own alarm says about the IMM $I (power, cable, password). Nothing else to do.",
			"2. $P runs: repair its network, or start ha-fenced on it.",
			"3. You SEE that $P is off, or have pulled both its cords:  ha-fence confirm-off $P",
			"   If $P still runs, two servers will write to the shared data." } },
	[ALARM_WAITING_FOR_PEER] = { "$P was not heard since this daemon started and is not known to be off: $V is not "
				     "taken",
		{ "1. Start ha-fenced on $P, or repair the links to it.",
			"2. Power $P off by its IMM:  ha-fence fence off $P",
			"3. You SEE that $P is off:  ha-fence confirm-off $P",
			"   startup = \"fence\" in $C lets a starting node do this by itself." } },
	[ALARM_OFF_FAILED] = { "the IMM $I or the outlets were told to power $P down, but it is not seen off",
		{ "Look at $P: if it is on, hold its power button until it is off.",
			"The readings go on; as soon as the IMM says off, the VIP is taken.",
			"If you SEE that it is off and the IMM is wrong:  ha-fence confirm-off $P" } },
	[ALARM_VIP_CONFLICT] = { "another host holds or claims $V, or packets that fail validation come from $P's "
				 "address",
		{ "Find who it is:  ip neigh; arping -D -I INTERFACE VIP  (ha-fence status shows the MAC)",
			"A keepalived on the other machine: systemctl disable --now keepalived there.",
			"Another machine with the same VRID or password: give one of them another." } },
	[ALARM_VIP_ADD_FAILED] = { "the kernel refuses an address of the VIP set: $V",
		{ "The log says which address and why; compare virtual_ipaddress in $C with `ip address`.",
			"It is tried again; nothing is advertised meanwhile." } },
	[ALARM_VIP_LOST] = { "something on this node removed an address of $V",
		{ "The daemon puts it back. Find who removed it: NetworkManager, networkd, ifdown, keepalived.",
			"networkd: set KeepConfiguration= or ManageForeignRoutes=no; NetworkManager: make the device "
			"unmanaged." } },
	[ALARM_DIRTY_RELEASE] = { "the VIP was to be given up, but a service, a mount or the release script did not "
				  "end",
		{ "MASTER: a planned move was undone, nothing is lost. Repair it, then: ha-fence switchover",
			"Any other state: a service may still write; $P fences this node before it serves.",
			"Find what hangs: systemctl status of the managed units; ps axo stat,pid,cmd | grep ^D",
			"The alarm goes with the next release that is proven, after a move undone in 10 min." } },
	[ALARM_FENCED] = { NULL, { "ha-fence history tells why, step by step.",
					 "On the node that was fenced: journalctl -b -1, and its IMM's event log." } },
	[ALARM_NO_STANDBY] = { "$V is served, but no peer could take it over",
		{ "Bring $P back: power (ha-fence fence on $P), network, systemctl start ha-fenced.",
			"If $P is up: ha-fence status there says why it cannot (in standby: ha-fence unstandby)." } },
	[ALARM_FENCE_UNREACHABLE] = { "the IMM of $P, $I, does not answer",
		{ "ping $I; check its cable, its power and that UDP 623 is not filtered.",
			"IPMI over LAN must be enabled on it.  Test again: ha-fence test",
			"An outlet (nodes.devices): ha-fence test asks each; the log has what its agent said." } },
	[ALARM_FENCE_AUTHENTICATION] = { "the IMM of $P, $I, refuses user $U or the password",
		{ "Compare username and password_file in $C with the IMM's user list.",
			"It is not tried again and again, so that the account is not locked: ha-fence reload after the "
			"repair." } },
	[ALARM_FENCE_PRIVILEGE] = { "user $U of the IMM $I may not control the power of $P",
		{ "On $P:  ipmitool user priv ID 3 1     then repeat: ha-fence test" } },
	[ALARM_FENCE_CIPHER] = { "the IMM $I refuses RMCP+ or the cipher suite",
		{ "Enable cipher suite 3 on the IMM, or set `cipher` in $C to one that it has." } },
	[ALARM_FENCE_SESSIONS] = { "the IMM $I has no free session",
		{ "Somebody else uses them all up; they end by themselves after minutes.",
			"List them: ipmitool session info all" } },
	[ALARM_FENCE_IDENTITY] = { "a system GUID is not the expected one: the IMM $I or the machine that speaks is "
				   "not $P",
		{ "Compare imm.address of both nodes in $C: they may be exchanged, or belong to a third machine.",
			"After a change of hardware: set `guid` of that node on both, then ha-fence reload.",
			"No power command is sent meanwhile." } },
	[ALARM_FENCE_SLOW] = { "the IMM of $P, $I, answers late",
		{ "A takeover takes as much longer. Look at the management LAN and the IMM's load." } },
	[ALARM_PATH_DOWN] = { "messages of $P do not arrive on at least one link",
		{ "ha-fence status shows which link; check its cable, switch port and a firewall (UDP 1112)." } },
	[ALARM_VRRP_BLOCKED] = { "messages of $P arrive, its VRRP adverts do not",
		{ "A firewall or switch drops IP protocol 112 or multicast to 224.0.0.18: let it pass, or use "
		  "unicast." } },
	[ALARM_PATH_ASYMMETRIC] = { NULL,
		{ "ha-fence status on both nodes shows who hears whom; check firewall and switch port." } },
	[ALARM_LINK_DOWN] = { "a configured link has no carrier, its interface or address is missing, or its sockets "
			      "cannot be opened",
		{ "ip -br link; check the cable and the switch port.",
			"If the link is up there: the log says which socket cannot be opened, and what to do." } },
	[ALARM_ADVERT_MISMATCH] = { NULL,
		{ "The log says what differs and who sends them: version, password, interval or address list.",
			"Another router with the same VRID: give one of them another." } },
	[ALARM_CONFIG_DIFFERS] = { "this node and $P run different configurations",
		{ "ha-fence status names the settings that differ; ha-fence show-config on both nodes shows their "
		  "values.",
			"Copy $C to the other node and run there: ha-fence check-config && ha-fence reload" } },
	[ALARM_CONFIG_INVALID] = { "the configuration file has errors: the running one stays in force",
		{ "ha-fence check-config shows file, line and what is allowed; then: ha-fence reload" } },
	[ALARM_CHECK_FAILED] = { NULL, { "ha-fence status shows which." } },
	[ALARM_STORAGE_HUNG] = { NULL,
		{ "Check the NFS server and the storage LAN; nobody is powered down while both nodes see it hang." } },
	[ALARM_STALLED] = { NULL,
		{ "Look for what took the CPU or memory: journalctl -k, top; real-time priority allowed? (ha-fence "
		  "test)" } },
	[ALARM_WORKER_RESTARTED] = { NULL,
		{ "journalctl -t ha-fenced says how it ended; fencing goes on as soon as it is back." } },
	[ALARM_LOOP_AVERTED] = { "a power-down of $P is withheld: it was not heard since this start, or for 60 s since "
				 "the last one",
		{ "Repair the links between the nodes; when $P has been heard for 60 s all is as before.",
			"You SEE that $P is off:  ha-fence confirm-off $P" } },
	[ALARM_POWER_UP_FAILED] = { "$P was fenced and could not be powered on again",
		{ "ha-fence fence on $P, or its power button." } },
	[ALARM_STANDBY_ON] = { NULL, { "When the work is done: ha-fence unstandby" } },
	[ALARM_PAUSED] = { NULL, { "When the work is done: ha-fence resume" } },
	[ALARM_RESOURCES] = { NULL, { "df /var/lib/ha-fenced /run; free; the log says what failed." } },
};

static const struct entry replies[NODE_REPLIES] = {
	[NODE_REPLY_DONE] = { "done", { "" } },
	[NODE_REPLY_NOTHING] = { "nothing to do: it is so already", { "" } },
	[NODE_REPLY_NO_CLAIM] = { "refused: this node has no open claim",
		{ "confirm-off ends a claim that is stuck; ha-fence status" } },
	[NODE_REPLY_OTHER_CLAIM] = { "refused: this node has begun another claim since",
		{ "see that $P is off, then once more: ha-fence confirm-off $P" } },
	[NODE_REPLY_PEER_HEARD] = { "refused: $P is heard, so it is not off", { "ha-fence switchover moves the VIP" } },
	[NODE_REPLY_PEER_ON] = { "refused: the IMM of $P, $I, says that it is on", { "ha-fence fence off $P" } },
	[NODE_REPLY_PEER_SILENT] = { "refused: $P is not heard", { "ha-fence status shows what is wrong with it" } },
	[NODE_REPLY_PEER_UNFIT] = { "refused: $P is not fit to serve", { "ha-fence status on $P; or --force" } },
	[NODE_REPLY_PEER_STANDBY] = { "refused: $P is in standby", { "ha-fence unstandby on $P" } },
	[NODE_REPLY_PEER_HOLDS] = { "refused: $P holds the VIP", { "ha-fence switchover first" } },
	[NODE_REPLY_NOBODY_HOLDS] = { "refused: nobody holds the VIP", { "ha-fence status says what it waits for" } },
	[NODE_REPLY_NOT_FIT] = { "refused: this node is not fit to serve", { "ha-fence status says why" } },
	[NODE_REPLY_PAUSED] = { "refused: the pair is paused", { "ha-fence resume" } },
	[NODE_REPLY_BUSY] = { "refused: a claim, a release or another command is under way",
		{ "wait for it: ha-fence status --watch" } },
	[NODE_REPLY_TIMEOUT] = { "failed: it was not done in time",
		{ "ha-fence status and ha-fence history say how far it came" } },
	[NODE_REPLY_DIRTY] = { "failed: the release could not be proven; this node keeps the VIP",
		{ "find what did not stop: systemctl status of the managed units" } },
	[NODE_REPLY_VIP_DIFFERS] = { "refused: the nodes have different VIP sets",
		{ "copy $C to both nodes and reload both" } },
	[NODE_REPLY_FENCE_ERROR] = { "refused: the IMM of $P could not be asked", { "ha-fence test" } },
	[NODE_REPLY_IDENTITY] = { "refused: the IMM $I is not $P's", { "compare imm.address of both nodes in $C" } },
	[NODE_REPLY_REFUSED_POWERED] = { "refused: a power-down is under way in the open claim",
		{ "repeat it when the claim is over" } },
};

static const char *
word_for(char letter, const struct advice_names *names)
{
	switch (letter) {
	case 'P':
		return names->peer;
	case 'O':
		return names->own;
	case 'I':
		return names->peer_imm;
	case 'J':
		return names->own_imm;
	case 'V':
		return names->vips;
	case 'C':
		return names->config;
	case 'U':
		return names->user;
	case 'T':
		return names->trouble;
	case 'D':
		return names->differs;
	default:
		return "";
	}
}

static const char *
fill(const char *template, const struct advice_names *names, char buffer[ADVICE_TEXT])
{
	size_t at = 0;
	for (const char *c = template; *c != '\0' && at < ADVICE_TEXT - 1; c++) {
		if (*c != '$') {
			buffer[at++] = *c;
			continue;
		}
		const char *word = word_for(*++c, names);
		for (; *word != '\0' && at < ADVICE_TEXT - 1; word++)
			buffer[at++] = *word;
	}
	buffer[at] = '\0';
	return buffer;
}

const char *
advice_text(enum alarm alarm, const struct advice_names *names, char buffer[ADVICE_TEXT])
{
	assert((unsigned)alarm < ALARMS);
	if (alarm == ALARM_FENCE_UNREACHABLE && names->trouble[0] != '\0')
		return fill("$T", names, buffer);
	if (alarm == ALARM_CONFIG_DIFFERS && names->differs[0] != '\0')
		return fill("this node and $P run different configurations: $D", names, buffer);
	return fill(entries[alarm].text != NULL ? entries[alarm].text : alarm_summary(alarm), names, buffer);
}

const char *
advice_line(enum alarm alarm, unsigned index, const struct advice_names *names, char buffer[ADVICE_TEXT])
{
	assert((unsigned)alarm < ALARMS);
	if (index >= ADVICE_LINES || entries[alarm].lines[index] == NULL)
		return NULL;
	return fill(entries[alarm].lines[index], names, buffer);
}

const char *
advice_reply(enum node_reply reply, const struct advice_names *names, char buffer[ADVICE_TEXT])
{
	assert((unsigned)reply < NODE_REPLIES);
	return fill(replies[reply].text, names, buffer);
}

const char *
advice_reply_remedy(enum node_reply reply, const struct advice_names *names, char buffer[ADVICE_TEXT])
{
	assert((unsigned)reply < NODE_REPLIES);
	return fill(replies[reply].lines[0], names, buffer);
}
