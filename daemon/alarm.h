/* daemon/alarm.h -- everything the pair can complain about, by one identifier everywhere: status, JSON, metrics,
 * journal, `explain` and the runbook.
 *
 * Pure. The promise: an alarm's number, name and severity never change once released: bit 1 << alarm of
 * vrrp_message.alarms is what the peer shows, and scripts match the name. New ones are added at the end. */
#ifndef HA_DAEMON_ALARM_H
#define HA_DAEMON_ALARM_H

#include <stdbool.h>
#include <stdint.h>

enum alarm {
	ALARM_CLAIM_STUCK,
	ALARM_WAITING_FOR_PEER,
	ALARM_OFF_FAILED,
	ALARM_VIP_CONFLICT,
	ALARM_VIP_ADD_FAILED,
	ALARM_VIP_LOST,
	ALARM_DIRTY_RELEASE,

	ALARM_FENCED,
	ALARM_NO_STANDBY,
	ALARM_FENCE_UNREACHABLE,
	ALARM_FENCE_AUTHENTICATION,
	ALARM_FENCE_PRIVILEGE,
	ALARM_FENCE_CIPHER,
	ALARM_FENCE_SESSIONS,
	ALARM_FENCE_IDENTITY,
	ALARM_FENCE_SLOW,
	ALARM_PATH_DOWN,
	ALARM_VRRP_BLOCKED,
	ALARM_PATH_ASYMMETRIC,
	ALARM_LINK_DOWN,
	ALARM_ADVERT_MISMATCH,
	ALARM_CONFIG_DIFFERS,
	ALARM_CONFIG_INVALID,
	ALARM_CHECK_FAILED,
	ALARM_STORAGE_HUNG,
	ALARM_STALLED,
	ALARM_WORKER_RESTARTED,
	ALARM_LOOP_AVERTED,
	ALARM_POWER_UP_FAILED,
	ALARM_STANDBY_ON,
	ALARM_PAUSED,
	ALARM_RESOURCES,
	ALARMS
};

enum alarm_severity { ALARM_WARNING, ALARM_CRITICAL };

static inline uint64_t
alarm_bit(enum alarm alarm)
{
	return UINT64_C(1) << alarm;
}

const char *alarm_name(enum alarm alarm); /* "claim-stuck" */
/* The journal's MESSAGE_ID of its being raised; etc/catalog makes the catalog by it. Returns `buffer`. */
#define ALARM_MESSAGE_ID 33
const char *alarm_message_id(enum alarm alarm, char buffer[ALARM_MESSAGE_ID]);
enum alarm_severity alarm_severity(enum alarm alarm);
const char *alarm_severity_name(enum alarm_severity severity); /* "critical", "warning" */
/* What it means, in one line without full stop; names no node, so that it fits both. */
const char *alarm_summary(enum alarm alarm);
/* True and *ret if `name` is an alarm's name. */
bool alarm_by_name(const char *name, enum alarm *ret);

#endif
