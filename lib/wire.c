#include "lib/wire.h"

#include <string.h>

void
wire_read_begin(struct wire_reader *r, const void *data, size_t length)
{
	*r = (struct wire_reader){ .data = data, .length = length };
}

static uint64_t
read_uint(struct wire_reader *r, size_t width)
{
	uint64_t value = 0;

	if (r->failed || r->length - r->at < width) {
		r->failed = true;
		return 0;
	}
	for (size_t i = 0; i < width; i++)
		value = value << 8 | r->data[r->at++];
	return value;
}

uint8_t
wire_read_u8(struct wire_reader *r)
{
	return (uint8_t)read_uint(r, 1);
}

uint16_t
wire_read_u16(struct wire_reader *r)
{
	return (uint16_t)read_uint(r, 2);
}

uint32_t
wire_read_u32(struct wire_reader *r)
{
	return (uint32_t)read_uint(r, 4);
}

uint64_t
wire_read_u64(struct wire_reader *r)
{
	return read_uint(r, 8);
}

void
wire_read_bytes(struct wire_reader *r, void *ret, size_t length)
{
	if (r->failed || r->length - r->at < length) {
		r->failed = true;
		memset(ret, 0, length);
		return;
	}
	memcpy(ret, r->data + r->at, length);
	r->at += length;
}

void
wire_read_string(struct wire_reader *r, char *ret, size_t size)
{
	size_t length = wire_read_u8(r);

	ret[0] = '\0';
	if (r->failed || length >= size || r->length - r->at < length) {
		r->failed = true;
		return;
	}
	for (size_t i = 0; i < length; i++) {
		uint8_t c = r->data[r->at + i];

		if (c < 0x20 || c == 0x7f) {
			r->failed = true;
			ret[0] = '\0';
			return;
		}
		ret[i] = (char)c;
	}
	ret[length] = '\0';
	r->at += length;
}

size_t
wire_read_left(const struct wire_reader *r)
{
	return r->failed ? 0 : r->length - r->at;
}

void
wire_write_begin(struct wire_writer *w, void *data, size_t size)
{
	*w = (struct wire_writer){ .data = data, .size = size };
}

static void
write_uint(struct wire_writer *w, uint64_t value, size_t width)
{
	if (w->failed || w->size - w->at < width) {
		w->failed = true;
		return;
	}
	for (size_t i = 0; i < width; i++)
		w->data[w->at + i] = (uint8_t)(value >> (8 * (width - 1 - i)));
	w->at += width;
}

void
wire_write_u8(struct wire_writer *w, uint8_t value)
{
	write_uint(w, value, 1);
}

void
wire_write_u16(struct wire_writer *w, uint16_t value)
{
	write_uint(w, value, 2);
}

void
wire_write_u32(struct wire_writer *w, uint32_t value)
{
	write_uint(w, value, 4);
}

void
wire_write_u64(struct wire_writer *w, uint64_t value)
{
	write_uint(w, value, 8);
}

void
wire_write_bytes(struct wire_writer *w, const void *data, size_t length)
{
	if (w->failed || w->size - w->at < length) {
		w->failed = true;
		return;
	}
	memcpy(w->data + w->at, data, length);
	w->at += length;
}

void
wire_write_string(struct wire_writer *w, const char *string)
{
	size_t length = strlen(string);

	if (length > 255) {
		w->failed = true;
		return;
	}
	wire_write_u8(w, (uint8_t)length);
	wire_write_bytes(w, string, length);
}
