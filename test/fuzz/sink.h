/* test/fuzz/sink.h -- a stream that takes everything, opened once: what is written matters only while it is made. */
#ifndef HA_TEST_FUZZ_SINK_H
#define HA_TEST_FUZZ_SINK_H

#include <stdio.h>
#include <stdlib.h>

static inline FILE *
fuzz_sink(void)
{
	static FILE *sink;
	static char buffer[1 << 16];

	if (!sink) {
		sink = fopen("/dev/null", "we");
		if (!sink)
			abort();
		(void)setvbuf(sink, buffer, _IOFBF, sizeof(buffer));
	}
	return sink;
}

#endif
