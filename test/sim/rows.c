#include "test/sim/rows.h"

#include "test/sim/row.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROW_SEED UINT64_C(51)
#define STEP     (50 * HA_MS)

void
forget_alarms(struct world *w)
{
	w->hosts[A].daemon.alarms_seen = w->hosts[B].daemon.alarms_seen = 0;
}

void
dark(struct world *w, const struct world_config *config)
{
	world_init(w, config, ROW_SEED);
}

void
up_with(struct world *w, const struct world_config *config)
{
	dark(w, config);
	host_power_on(w, A);
	after(w, 1500 * HA_MS); /* whose checks answer first serves */
	host_power_on(w, B);
	expect(w, pair_settles(w, 120 * HA_SEC), "the pair comes up");
	serves(w, A);
	after(w, 10 * HA_SEC);
	forget_alarms(w);
}

void
up(struct world *w)
{
	struct world_config config;

	pair_config(&config);
	up_with(w, &config);
}

void
after(struct world *w, ha_time duration)
{
	world_pass(w, duration);
}

void
until_serves(struct world *w, int host, ha_time limit)
{
	ha_time until = w->now + limit;

	while (!w->failed && w->now < until && oracle_serving(w) != host)
		world_pass(w, STEP);
	serves(w, host);
}

void
until_shot(struct world *w, unsigned victim, ha_time limit)
{
	ha_time until = w->now + limit;

	while (!w->failed && w->now < until && w->kills[victim] == 0)
		world_pass(w, HA_MS);
	expect(w, w->kills[victim] > 0, "a power-down");
}

void
expect(struct world *w, bool condition, const char *what)
{
	if (!condition)
		oracle_violation(w, "expected: %s", what);
}

void
serves(struct world *w, int host)
{
	if (host == NOBODY)
		expect(w, !oracle_holder(w, A) && !oracle_holder(w, B), "nobody holds");
	else
		expect(w, oracle_serving(w) == host, host == A ? "A serves" : "B serves");
}

void
holds(struct world *w, int host)
{
	expect(w, kernel_has_vip(w, (unsigned)host), host == A ? "A has the VIP" : "B has the VIP");
}

void
is_on(struct world *w, unsigned host)
{
	expect(w, w->hosts[host].powered, host == A ? "A is on" : "B is on");
}

void
is_off(struct world *w, unsigned host)
{
	expect(w, !w->hosts[host].powered, host == A ? "A is off" : "B is off");
}

void
shots(struct world *w, unsigned victim, unsigned count)
{
	if (w->kills[victim] != count)
		oracle_violation(
			w, "expected: %u power-downs of %s, not %u", count, victim == A ? "A" : "B", w->kills[victim]);
}

void
alarmed(struct world *w, unsigned host, enum alarm alarm)
{
	if ((w->hosts[host].daemon.alarms_seen & alarm_bit(alarm)) == 0)
		oracle_violation(w, "expected: alarm %s of %s", alarm_name(alarm), host == A ? "A" : "B");
}

void
not_alarmed(struct world *w, unsigned host, enum alarm alarm)
{
	if ((w->hosts[host].daemon.alarms_seen & alarm_bit(alarm)) != 0)
		oracle_violation(w, "expected: no alarm %s of %s", alarm_name(alarm), host == A ? "A" : "B");
}

void
one_way(struct world *w, unsigned from, bool cut)
{
	for (unsigned link = 0; link < LINKS; link++)
		w->paths[from][link].cut = cut;
	network_changed(w);
}

void
cut_link(struct world *w, unsigned link, bool cut)
{
	w->paths[A][link].cut = w->paths[B][link].cut = cut;
	network_changed(w);
}

void
split(struct world *w, bool cut)
{
	cut_link(w, SERVICE, cut);
	cut_link(w, STORAGE, cut);
}

void
sick(struct world *w, unsigned host, bool storage)
{
	if (storage)
		w->hosts[host].nfs_hung = true;
	else
		w->hosts[host].broken = true;
}

void
well(struct world *w, unsigned host)
{
	w->hosts[host].nfs_hung = w->hosts[host].broken = false;
}

void
imm_dies(struct world *w, unsigned host)
{
	w->imms[host].alive = false;
	w->imms[host].epoch++;
}

void
imm_returns(struct world *w, unsigned host)
{
	w->imms[host].alive = true;
	imm_reset(w, host, 0, 0);
}

/* --- the judgement --- */

struct tally {
	unsigned passed, failed;
};

static void
judge_holder(struct world *w, int wanted)
{
	bool holds_a = oracle_holder(w, A), holds_b = oracle_holder(w, B);

	if (wanted == EITHER)
		expect(w, holds_a != holds_b, "exactly one holds");
	else
		expect(w, holds_a == (wanted == A) && holds_b == (wanted == B),
			wanted == NOBODY ? "nobody holds"
			: wanted == A    ? "A holds, and B does not"
					 : "B holds, and A does not");
}

static void
judge_power(struct world *w, const struct row *row)
{
	if (row->power == POWER_ON)
		expect(w, !w->went_off[A], "A stays on");
	if (row->power == POWER_OFF)
		expect(w, w->went_off[A] && (row->holder != B || w->off_at_takeover), "A was off when B took over");
	for (unsigned host = 0; host < HOSTS; host++) {
		if (!row->by_most || w->kills[host] > row->downs[host])
			shots(w, host, row->downs[host]);
	}
}

/* What follows from much and says little. */
#define SHADOWS (ALARM(NO_STANDBY) | ALARM(PATH_ASYMMETRIC))

static void
judge_alarms(struct world *w, const struct row *row)
{
	for (unsigned host = 0; host < HOSTS; host++) {
		for (enum alarm alarm = 0; alarm < ALARMS; alarm++) {
			if ((row->alarms[host] & alarm_bit(alarm)) != 0)
				alarmed(w, host, alarm);
			else if (((row->may_alarm[host] | SHADOWS) & alarm_bit(alarm)) == 0)
				not_alarmed(w, host, alarm);
		}
	}
}

/* --- what is printed --- */

static void
print_alarms(uint64_t alarms, const char *host)
{
	for (enum alarm alarm = 0; alarm < ALARMS; alarm++) {
		if ((alarms & alarm_bit(alarm)) != 0)
			printf(" %s:%s", host, alarm_name(alarm));
	}
}

static void
print_expected(const struct row *row)
{
	static const char *const powers[] = { "on", "off", "any" };

	printf("%s; A %s; power-downs %s%u of A, %u of B; alarms",
		row->holder == A        ? "A"
		: row->holder == B      ? "B"
		: row->holder == NOBODY ? "nobody"
					: "either",
		powers[row->power], row->by_most ? "at most " : "", row->downs[A], row->downs[B]);
	print_alarms(row->alarms[A], "A");
	print_alarms(row->alarms[B], "B");
	if ((row->alarms[A] | row->alarms[B]) == 0)
		printf(" none");
}

/* number, title, expected, result, and what came of it */
static void
print_tsv(const struct world *w, const struct row *row)
{
	printf("%u\t%s\t", row->number, row->title);
	print_expected(row);
	printf("\t%s\tpower-downs %u of A, %u of B; alarms", w->failed ? w->failure : "ok", w->kills[A], w->kills[B]);
	print_alarms(w->hosts[A].daemon.alarms_seen, "A");
	print_alarms(w->hosts[B].daemon.alarms_seen, "B");
	putchar('\n');
}

static void
run_row(struct world *w, const struct row *row, bool tsv, struct tally *tally)
{
	row->run(w);
	judge_holder(w, row->holder);
	judge_power(w, row);
	judge_alarms(w, row);
	if (tsv)
		print_tsv(w, row);
	else if (w->failed)
		printf("FAIL %u %s: at %.3f s: %s\n", row->number, row->title, (double)w->now / (double)HA_SEC,
			w->failure);
	else
		printf("ok %u %s\n", row->number, row->title);
	tally->passed += !w->failed;
	tally->failed += w->failed;
}

int
rows_run(struct world *w, int count, char **words)
{
	const struct row *tables[] = { rows_death, rows_links, rows_imm, rows_levels, rows_start, rows_service,
		rows_hands };
	struct tally tally = { 0 };
	unsigned long only = 0;
	bool tsv = false;

	for (int i = 0; i < count; i++) {
		if (strcmp(words[i], "-v") == 0)
			w->trace = true;
		else if (strcmp(words[i], "--tsv") == 0)
			tsv = true;
		else
			only = strtoul(words[i], NULL, 10);
	}
	for (unsigned t = 0; t < sizeof(tables) / sizeof(tables[0]); t++) {
		for (const struct row *row = tables[t]; row->title != NULL; row++) {
			if (only == 0 || row->number == only)
				run_row(w, row, tsv, &tally);
		}
	}
	if (!tsv)
		printf("%u passed, %u failed\n", tally.passed, tally.failed);
	return tally.failed > 0 || tally.passed == 0;
}
