/* test/sim/sim.c -- sim rows | random | replay | shrink */
#include "test/sim/rows.h"
#include "test/sim/run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *word;
	int (*run)(struct world *w, int count, char **words);
} commands[] = { { "rows", rows_run }, { "random", random_run }, { "replay", replay_run }, { "shrink", shrink_run } };

static int
usage(void)
{
	fputs("usage: sim rows [-v] [--tsv] [ROW]\n"
	      "       sim random [--seeds N] [--first-seed S] [--jobs N] [--keep-going]\n"
	      "       sim replay SEED [messages]\n"
	      "       sim shrink SEED\n",
		stderr);
	return 2;
}

int
main(int argc, char **argv)
{
	struct world *w = calloc(1, sizeof(*w));
	int status = 2;

	if (w == NULL) {
		perror("sim");
		return 1;
	}
	for (unsigned i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (argc >= 2 && strcmp(argv[1], commands[i].word) == 0)
			status = commands[i].run(w, argc - 2, argv + 2);
	}
	free(w);
	return status == 2 ? usage() : status;
}
