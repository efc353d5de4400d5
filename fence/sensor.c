#include "fence/sensor.h"

#include <string.h>

/* IPMI 2.0 tables 43-1 (full) and 43-2 (compact): offsets from 0. */
#define SDR_TYPE       3
#define SDR_FULL       0x01
#define SDR_COMPACT    0x02
#define SDR_OWNER      5
#define SDR_LUN        6
#define SDR_NUMBER     7
#define SDR_SENSOR     12
#define SDR_EVENT      13
#define FULL_NAME      47
#define COMPACT_NAME   31
#define OWNER_IMM      0x20
#define NAME_ASCII     0xc0 /* 8-bit ASCII + Latin 1; the length is in the lower 5 bits (43.15) */
#define NAME_LENGTH    0x1f
#define STATES_MEANING 0x7fff

bool
fence_sensor_parse_status(const uint8_t *data, size_t length, struct fence_sensor *ret)
{
	if (length < 3)
		return false;
	*ret = (struct fence_sensor){ .kind = FENCE_SENSOR_CHASSIS, .power_state = data[0], .misc_state = data[2] };
	return true;
}

bool
fence_sensor_parse_reading(const uint8_t *data, size_t length, const struct fence_sdr *sdr, struct fence_sensor *ret)
{
	unsigned states = 0;

	if (length < 2)
		return false;
	if (length > 2)
		states = data[2];
	if (length > 3)
		states |= (unsigned)data[3] << 8;
	*ret = (struct fence_sensor){ .kind = FENCE_SENSOR_READING,
		.type = sdr->type,
		.event_type = sdr->event_type,
		.flags = data[1],
		.states = (uint16_t)(states & STATES_MEANING) };
	return true;
}

bool
fence_sdr_parse(const uint8_t *record, size_t length, struct fence_sdr *ret)
{
	struct fence_sdr sdr = { 0 };
	size_t name, count;

	if (length <= SDR_TYPE || (record[SDR_TYPE] != SDR_FULL && record[SDR_TYPE] != SDR_COMPACT))
		return false;
	name = record[SDR_TYPE] == SDR_FULL ? FULL_NAME : COMPACT_NAME;
	if (length <= name || (record[name] & NAME_ASCII) != NAME_ASCII)
		return false;
	if (record[SDR_OWNER] != OWNER_IMM || (record[SDR_LUN] & 3) != 0)
		return false;
	count = record[name] & NAME_LENGTH;
	if (count == 0 || count >= FENCE_SENSOR_NAME || name + 1 + count > length)
		return false;
	memcpy(sdr.name, record + name + 1, count);
	sdr.number = record[SDR_NUMBER];
	sdr.type = record[SDR_SENSOR];
	sdr.event_type = record[SDR_EVENT];
	*ret = sdr;
	return true;
}
