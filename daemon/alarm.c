#include "daemon/alarm.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

_Static_assert(ALARMS <= 64, "the peer messages carry the alarms as 64 bits");

/* Random, once (systemd-id128 new); the alarm's number follows. */
#define MESSAGE_ID_BASE "7c1f0a4be2d84936ab5e93c07d61"

struct entry {
	const char *name;
	enum alarm_severity severity;
	const char *summary;
};

static const struct entry entries[ALARMS] = {
	[ALARM_CLAIM_STUCK] = { "claim-stuck", ALARM_CRITICAL,
		"the peer is silent and nothing proves that it is off: nobody takes the VIP" },
	[ALARM_WAITING_FOR_PEER] = { "waiting-for-peer", ALARM_CRITICAL,
		"the peer was never heard since the start and is not known to be off: nobody takes the VIP" },
	[ALARM_OFF_FAILED] = { "off-failed", ALARM_CRITICAL, "a power-down was sent, but the peer is not seen off" },
	[ALARM_VIP_CONFLICT] = { "vip-conflict", ALARM_CRITICAL,
		"another host holds the VIP or claims it with VRRP packets" },
	[ALARM_VIP_ADD_FAILED] = { "vip-add-failed", ALARM_CRITICAL, "the kernel refuses an address of the VIP set" },
	[ALARM_VIP_LOST] = { "vip-lost", ALARM_CRITICAL, "an address of the VIP set was removed by somebody else" },
	[ALARM_DIRTY_RELEASE] = { "dirty-release", ALARM_CRITICAL,
		"the release of the VIP cannot be proven: a service may still write" },
	[ALARM_FENCED] = { "fenced", ALARM_WARNING, "a node was powered down by its peer" },
	[ALARM_NO_STANDBY] = { "no-standby", ALARM_WARNING, "the VIP is held, but no peer could take it over" },
	[ALARM_FENCE_UNREACHABLE] = { "fence-unreachable", ALARM_WARNING, "the peer's IMM does not answer" },
	[ALARM_FENCE_AUTHENTICATION] = { "fence-authentication", ALARM_WARNING,
		"the peer's IMM refuses the user or the password" },
	[ALARM_FENCE_PRIVILEGE] = { "fence-privilege", ALARM_WARNING,
		"the IMM user may not control the power of the peer" },
	[ALARM_FENCE_CIPHER] = { "fence-cipher", ALARM_WARNING, "the peer's IMM refuses RMCP+ or the cipher suite" },
	[ALARM_FENCE_SESSIONS] = { "fence-sessions", ALARM_WARNING, "the peer's IMM has no free session" },
	[ALARM_FENCE_IDENTITY] = { "fence-identity", ALARM_WARNING,
		"a system GUID is not the expected one: the machine is not the configured peer" },
	[ALARM_FENCE_SLOW] = { "fence-slow", ALARM_WARNING, "the peer's IMM answers late" },
	[ALARM_PATH_DOWN] = { "path-down", ALARM_WARNING, "the peer's messages do not arrive on a link" },
	[ALARM_VRRP_BLOCKED] = { "vrrp-blocked", ALARM_WARNING, "the peer's messages arrive, its VRRP adverts do not" },
	[ALARM_PATH_ASYMMETRIC] = { "path-asymmetric", ALARM_WARNING, "a link works in one direction only" },
	[ALARM_LINK_DOWN] = { "link-down", ALARM_WARNING, "a configured link has no carrier" },
	[ALARM_ADVERT_MISMATCH] = { "advert-mismatch", ALARM_WARNING,
		"VRRP adverts of this VRID arrive that do not fit the configuration" },
	[ALARM_CONFIG_DIFFERS] = { "config-differs", ALARM_WARNING, "the nodes run different configurations" },
	[ALARM_CONFIG_INVALID] = { "config-invalid", ALARM_WARNING,
		"the configuration file has errors: the previous one stays in force" },
	[ALARM_CHECK_FAILED] = { "check-failed", ALARM_WARNING, "a health check fails" },
	[ALARM_STORAGE_HUNG] = { "storage-hung", ALARM_WARNING, "the shared storage does not answer" },
	[ALARM_STALLED] = { "stalled", ALARM_WARNING, "the daemon was kept from running for too long" },
	[ALARM_WORKER_RESTARTED] = { "worker-restarted", ALARM_WARNING,
		"the fence or the health process ended and was started again" },
	[ALARM_LOOP_AVERTED] = { "loop-averted", ALARM_WARNING,
		"a power-down is withheld: the peer was not heard for long enough since the last one" },
	[ALARM_POWER_UP_FAILED] = { "power-up-failed", ALARM_WARNING, "the fenced peer could not be powered on again" },
	[ALARM_STANDBY_ON] = { "standby-on", ALARM_WARNING, "a node is in standby and takes over nothing" },
	[ALARM_PAUSED] = { "paused", ALARM_WARNING, "the pair is paused: nobody fences or switches" },
	[ALARM_RESOURCES] = { "resources", ALARM_WARNING, "disk, memory or file descriptors have run out" },
};

static const struct entry *
entry_of(enum alarm alarm)
{
	assert((unsigned)alarm < ALARMS);
	return &entries[alarm];
}

const char *
alarm_name(enum alarm alarm)
{
	return entry_of(alarm)->name;
}

const char *
alarm_message_id(enum alarm alarm, char buffer[ALARM_MESSAGE_ID])
{
	snprintf(buffer, ALARM_MESSAGE_ID, MESSAGE_ID_BASE "%04x", (unsigned)alarm & 0xffff);
	return buffer;
}

enum alarm_severity
alarm_severity(enum alarm alarm)
{
	return entry_of(alarm)->severity;
}

const char *
alarm_severity_name(enum alarm_severity severity)
{
	return severity == ALARM_CRITICAL ? "critical" : "warning";
}

const char *
alarm_summary(enum alarm alarm)
{
	return entry_of(alarm)->summary;
}

bool
alarm_by_name(const char *name, enum alarm *ret)
{
	for (unsigned i = 0; i < ALARMS; i++) {
		if (strcmp(entries[i].name, name) == 0) {
			*ret = (enum alarm)i;
			return true;
		}
	}
	return false;
}
