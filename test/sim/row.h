/* test/sim/row.h -- the verbs in which the rows of FAULTS.md are written.
 *
 * A verb that expects something ends the row with a violation if it is not so. */
#ifndef HA_SIM_ROW_H
#define HA_SIM_ROW_H

#include "test/sim/pair.h"

#define AS_INSTALLED (5500 * HA_MS) /* to verified off, and the VIP: the aim of docs/DESIGN.md */

#define NOBODY (-1)
#define EITHER (-2) /* exactly one */

enum row_power {
	POWER_ON,  /* A never went off */
	POWER_OFF, /* A went off, and was off when B took the VIP, if it did */
	POWER_ANY
};

#define ALARM(name) (UINT64_C(1) << ALARM_##name)

/* One case of a row: what happens, and how all of it must look in the end. */
struct row {
	unsigned number;
	const char *title;
	void (*run)(struct world *w);
	int holder;            /* the only one with the VIP in its kernel, served or not */
	enum row_power power;  /* of A */
	unsigned downs[HOSTS]; /* power-downs of A and of B while they were on, by their peer; by_most: at most */
	bool by_most;
	uint64_t alarms[HOSTS];    /* each of these was raised by A, by B ... */
	uint64_t may_alarm[HOSTS]; /* ... and no other but these */
};

extern const struct row rows_death[];   /* the master dies, hangs, stops */
extern const struct row rows_links[];   /* cables, switches, splits */
extern const struct row rows_imm[];     /* IMMs fail, lie, belong to others */
extern const struct row rows_levels[];  /* outlets behind the IMM */
extern const struct row rows_start[];   /* who starts beside whom */
extern const struct row rows_service[]; /* services, storage, addresses */
extern const struct row rows_hands[];   /* administrators, strangers, attackers */

/* Both hosts boot with this configuration and A becomes MASTER; alarms and counters begin here. */
void up_with(struct world *w, const struct world_config *config);
void up(struct world *w);
/* Nobody is powered yet. */
void dark(struct world *w, const struct world_config *config);
void after(struct world *w, ha_time duration);
/* Run until the condition of an expect verb would hold, at most `limit`. */
void until_serves(struct world *w, int host, ha_time limit);
void until_shot(struct world *w, unsigned victim, ha_time limit);

void expect(struct world *w, bool condition, const char *what);
void serves(struct world *w, int host); /* exactly this one, or NOBODY holds */
void holds(struct world *w, int host);  /* its kernel has the VIP, served or not */
void is_on(struct world *w, unsigned host);
void is_off(struct world *w, unsigned host);
void shots(struct world *w, unsigned victim, unsigned count); /* power-downs of a host that was on, by its peer */
void alarmed(struct world *w, unsigned host, enum alarm alarm);
void not_alarmed(struct world *w, unsigned host, enum alarm alarm);
void forget_alarms(struct world *w);

/* Cut, or mend, both directions of a link, or of all. */
void cut_link(struct world *w, unsigned link, bool cut);
void split(struct world *w, bool cut);
void one_way(struct world *w, unsigned from, bool cut);
void sick(struct world *w, unsigned host, bool storage);
void well(struct world *w, unsigned host);
void imm_dies(struct world *w, unsigned host);
void imm_returns(struct world *w, unsigned host);

#endif
