/* fence/sensor.h -- what an IMM says about its own server: chassis faults and sensors.
 *
 * Pure. The promise: facts as they were read, no more; what they mean for a check is decided in daemon/sensor.c. */
#ifndef HA_FENCE_SENSOR_H
#define HA_FENCE_SENSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FENCE_SENSOR_NAME 17 /* ID string of at most 16 characters (IPMI 2.0 table 43-1), with the final NUL */

enum fence_sensor_kind {
	FENCE_SENSOR_NONE,
	FENCE_SENSOR_CHASSIS, /* Get Chassis Status (28.2): power_state, misc_state */
	FENCE_SENSOR_READING, /* Get Sensor Reading (35.14): type, event_type, flags, states */
	FENCE_SENSOR_ABSENT,  /* the IMM has no sensor of that name */
	FENCE_SENSOR_KINDS
};

struct fence_sensor {
	enum fence_sensor_kind kind;
	uint8_t power_state; /* table 28-3, byte 2 */
	uint8_t misc_state;  /* byte 4 */
	uint8_t type;        /* sensor type, table 42-3 */
	uint8_t event_type;  /* event / reading type code, table 42-1 */
	uint8_t flags;       /* table 35-15, byte 3: bit 6 scanning enabled, bit 5 reading unavailable */
	uint16_t states;     /* bytes 4 and 5: threshold comparison, or discrete states */
};

/* One sensor of the SDR repository (IPMI 2.0 43.1, 43.2). */
struct fence_sdr {
	char name[FENCE_SENSOR_NAME];
	uint8_t number, type, event_type;
};

/* Of the bytes after a completion code of 0. False: too short. */
bool fence_sensor_parse_status(const uint8_t *data, size_t length, struct fence_sensor *ret);
bool fence_sensor_parse_reading(
	const uint8_t *data, size_t length, const struct fence_sdr *sdr, struct fence_sensor *ret);
/* A whole record, or as much as has been read of it. False: not a sensor of the IMM itself with a readable name. */
bool fence_sdr_parse(const uint8_t *record, size_t length, struct fence_sdr *ret);

#endif
