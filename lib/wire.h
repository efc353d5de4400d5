/* lib/wire.h -- bytes in, bytes out, in network order.
 *
 * Pure. The promise: a reader never reads past its end and a writer never writes past its end; the first attempt
 * sets `failed`, later reads give zeros and later writes do nothing. So a codec checks once, at its end. */
#ifndef HA_LIB_WIRE_H
#define HA_LIB_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wire_reader {
	const uint8_t *data;
	size_t length;
	size_t at;
	bool failed;
};

struct wire_writer {
	uint8_t *data;
	size_t size;
	size_t at;
	bool failed;
};

/* Read `length` bytes of `data`; the caller keeps `data` alive. */
void wire_read_begin(struct wire_reader *r, const void *data, size_t length);
uint8_t wire_read_u8(struct wire_reader *r);
uint16_t wire_read_u16(struct wire_reader *r);
uint32_t wire_read_u32(struct wire_reader *r);
uint64_t wire_read_u64(struct wire_reader *r);
void wire_read_bytes(struct wire_reader *r, void *ret, size_t length);
/* A string with a one-byte length in front. Always terminated; one that does not fit `size` or that holds a NUL or
 * a control byte fails the reader. */
void wire_read_string(struct wire_reader *r, char *ret, size_t size);
size_t wire_read_left(const struct wire_reader *r);

void wire_write_begin(struct wire_writer *w, void *data, size_t size);
void wire_write_u8(struct wire_writer *w, uint8_t value);
void wire_write_u16(struct wire_writer *w, uint16_t value);
void wire_write_u32(struct wire_writer *w, uint32_t value);
void wire_write_u64(struct wire_writer *w, uint64_t value);
void wire_write_bytes(struct wire_writer *w, const void *data, size_t length);
/* At most 255 bytes; a longer string fails the writer. */
void wire_write_string(struct wire_writer *w, const char *string);

#endif
