/* test/sim/sim.c -- sim rows | random [--seeds N] [--first-seed S] | replay SEED [messages] */
#include "test/sim/rows.h"
#include "test/sim/schedule.h"
#include "test/sim/world.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int
usage(void)
{
	fputs("usage: sim rows [-v] [ROW]\n"
	      "       sim random [--seeds N] [--first-seed S] [--keep-going]\n"
	      "       sim replay SEED [messages]\n",
		stderr);
	return 2;
}

static double
elapsed(const struct timespec *began)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - began->tv_sec) + (double)(now.tv_nsec - began->tv_nsec) / 1e9;
}

static void
print_stats(const struct sim_stats *s, uint64_t failed, double seconds)
{
	printf("%" PRIu64 " schedules in %.1f s (%.0f/s), %.1f h simulated, %" PRIu64 " steps (%.0f ns each)\n",
		s->runs, seconds, (double)s->runs / seconds, (double)s->simulated / (double)HA_SEC / 3600, s->steps,
		seconds * 1e9 / (double)s->steps);
	printf("%" PRIu64 " takeovers, %" PRIu64 " hosts powered down, %" PRIu64 " of them running, %" PRIu64
	       " shots at a healthy peer\n",
		s->takeovers, s->power_downs, s->kills, s->kills_healthy);
	printf("%" PRIu64 " passed, %" PRIu64 " failed\n", s->runs - failed, failed);
}

static int
random_runs(struct world *w, int count, char **words)
{
	uint64_t seeds = 1000, first = 1, failed = 0;
	bool keep_going = false;
	struct timespec began;

	for (int i = 0; i < count; i++) {
		if (strcmp(words[i], "--seeds") == 0 && i + 1 < count)
			seeds = strtoull(words[++i], NULL, 0);
		else if (strcmp(words[i], "--first-seed") == 0 && i + 1 < count)
			first = strtoull(words[++i], NULL, 0);
		else if (strcmp(words[i], "--keep-going") == 0)
			keep_going = true;
		else
			return usage();
	}
	clock_gettime(CLOCK_MONOTONIC, &began);
	for (uint64_t seed = first; seed < first + seeds; seed++) {
		if (schedule_run(w, seed))
			continue;
		printf("seed %" PRIu64 " failed: %s\n", seed, w->failure);
		if (++failed >= 20 && !keep_going)
			break;
	}
	print_stats(&w->stats, failed, elapsed(&began));
	return failed > 0;
}

static int
replay(struct world *w, const char *seed)
{
	w->trace = true;
	if (schedule_run(w, strtoull(seed, NULL, 0))) {
		puts("passed");
		return 0;
	}
	printf("failed: %s\n", w->failure);
	return 1;
}

int
main(int argc, char **argv)
{
	struct world *w = calloc(1, sizeof(*w));
	int status;

	if (w == NULL) {
		perror("sim");
		return 1;
	}
	if (argc >= 2 && strcmp(argv[1], "rows") == 0)
		status = rows_run(w, argc - 2, argv + 2);
	else if (argc >= 2 && strcmp(argv[1], "random") == 0)
		status = random_runs(w, argc - 2, argv + 2);
	else if (argc >= 3 && strcmp(argv[1], "replay") == 0) {
		w->trace_messages = argc > 3;
		status = replay(w, argv[2]);
	} else
		status = usage();
	free(w);
	return status;
}
