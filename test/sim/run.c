#include "test/sim/run.h"

#include "test/sim/schedule.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define JOBS_MAX     64
#define FAILURES_MAX 20 /* then a job gives up, unless it is to go on */

struct run {
	uint64_t seeds, first;
	unsigned jobs;
	bool keep_going;
};

static double
elapsed(const struct timespec *began)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - began->tv_sec) + (double)(now.tv_nsec - began->tv_nsec) / 1e9;
}

/* Every seed of this job, or until too many have failed. */
static void
run_job(struct world *w, const struct run *run, unsigned job)
{
	struct schedule schedule;

	for (uint64_t i = job; i < run->seeds; i += run->jobs) {
		schedule_draw(run->first + i, &schedule);
		if (schedule_play(w, &schedule))
			continue;
		printf("seed %" PRIu64 " failed: %s\n", run->first + i, w->failure);
		fflush(stdout);
		if (w->stats.failed >= FAILURES_MAX && !run->keep_going)
			break;
	}
}

static bool
write_all(int fd, const void *data, size_t length)
{
	const char *at = data;

	while (length > 0) {
		ssize_t n = write(fd, at, length);

		if (n <= 0)
			return false;
		at += n;
		length -= (size_t)n;
	}
	return true;
}

static bool
read_all(int fd, void *data, size_t length)
{
	char *at = data;

	while (length > 0) {
		ssize_t n = read(fd, at, length);

		if (n <= 0)
			return false;
		at += n;
		length -= (size_t)n;
	}
	return true;
}

static void
add(struct sim_stats *sum, const struct sim_stats *s)
{
	sum->runs += s->runs;
	sum->failed += s->failed;
	sum->takeovers += s->takeovers;
	sum->power_downs += s->power_downs;
	sum->kills += s->kills;
	sum->kills_healthy += s->kills_healthy;
	sum->kills_consenting += s->kills_consenting;
	sum->steps += s->steps;
	sum->simulated += s->simulated;
	for (unsigned i = 0; i < OUTAGE_STEPS; i++)
		sum->outages[i] += s->outages[i];
}

/* Longest of the shortest `per_mille` of all times without service, in seconds. */
static double
quantile(const struct sim_stats *s, unsigned per_mille)
{
	uint64_t total = 0, seen = 0;

	for (unsigned i = 0; i < OUTAGE_STEPS; i++)
		total += s->outages[i];
	for (unsigned i = 0; i < OUTAGE_STEPS; i++) {
		seen += s->outages[i];
		if (s->outages[i] > 0 && seen * 1000 >= total * per_mille)
			return (double)((i + 1) * OUTAGE_STEP) / (double)HA_SEC;
	}
	return 0;
}

static void
print_stats(const struct sim_stats *s, double seconds)
{
	printf("%" PRIu64 " schedules in %.1f s (%.0f/s), %.1f h simulated, %" PRIu64 " steps (%.0f ns each)\n",
		s->runs, seconds, (double)s->runs / seconds, (double)s->simulated / (double)HA_SEC / 3600, s->steps,
		seconds * 1e9 / (double)s->steps);
	printf("%" PRIu64 " takeovers, %" PRIu64 " hosts powered down, %" PRIu64 " of them running, %" PRIu64
	       " of a healthy peer, %" PRIu64 " overtaken by a grant on its way\n",
		s->takeovers, s->power_downs, s->kills, s->kills_healthy, s->kills_consenting);
	printf("time without a holder: median %.2f s, 99 %% %.2f s, longest %.2f s\n", quantile(s, 500),
		quantile(s, 990), quantile(s, 1000));
	printf("%" PRIu64 " passed, %" PRIu64 " failed\n", s->runs - s->failed, s->failed);
}

static bool
parse(int count, char **words, struct run *ret)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	*ret = (struct run){ .seeds = 1000, .first = 1, .jobs = cores > 0 ? (unsigned)cores : 1 };
	for (int i = 0; i < count; i++) {
		if (strcmp(words[i], "--keep-going") == 0)
			ret->keep_going = true;
		else if (i + 1 >= count)
			return false;
		else if (strcmp(words[i], "--seeds") == 0)
			ret->seeds = strtoull(words[++i], NULL, 0);
		else if (strcmp(words[i], "--first-seed") == 0)
			ret->first = strtoull(words[++i], NULL, 0);
		else if (strcmp(words[i], "--jobs") == 0)
			ret->jobs = (unsigned)strtoul(words[++i], NULL, 0);
		else
			return false;
	}
	return ret->jobs > 0 && ret->jobs <= JOBS_MAX;
}

/* In a process of its own; its sums come through the pipe. */
static int
start_job(struct world *w, const struct run *run, unsigned job, pid_t *ret_process)
{
	int ends[2];

	if (pipe(ends) < 0)
		return -1;
	*ret_process = fork();
	if (*ret_process < 0)
		return -1;
	if (*ret_process == 0) {
		run_job(w, run, job);
		_exit(write_all(ends[1], &w->stats, sizeof(w->stats)) ? 0 : 1);
	}
	close(ends[1]);
	return ends[0];
}

int
random_run(struct world *w, int count, char **words)
{
	struct sim_stats *one = malloc(sizeof(*one));
	struct timespec began;
	struct run run;
	pid_t processes[JOBS_MAX];
	int pipes[JOBS_MAX], lost = 0;

	if (!parse(count, words, &run) || one == NULL) {
		free(one);
		return 2;
	}
	clock_gettime(CLOCK_MONOTONIC, &began);
	for (unsigned job = 0; job < run.jobs; job++)
		pipes[job] = start_job(w, &run, job, &processes[job]);
	for (unsigned job = 0; job < run.jobs; job++) {
		int status = 1;

		if (pipes[job] >= 0 && read_all(pipes[job], one, sizeof(*one)))
			add(&w->stats, one);
		else
			lost++;
		if (pipes[job] >= 0 && waitpid(processes[job], &status, 0) > 0 && status != 0)
			printf("job %u ended with status %d\n", job, status);
	}
	free(one);
	w->stats.failed += (unsigned)lost; /* one that crashed has failed */
	w->stats.runs += (unsigned)lost;
	print_stats(&w->stats, elapsed(&began));
	return w->stats.failed > 0;
}

int
replay_run(struct world *w, int count, char **words)
{
	struct schedule schedule;

	if (count < 1)
		return 2;
	schedule_draw(strtoull(words[0], NULL, 0), &schedule);
	schedule_print(&schedule);
	w->trace = true;
	w->trace_messages = count > 1;
	if (schedule_play(w, &schedule)) {
		puts("passed");
		return 0;
	}
	printf("failed: %s\n", w->failure);
	return 1;
}
