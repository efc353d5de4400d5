/* test/unit/imm.h -- a real IMM (OpenIPMI's ipmi_sim) on loopback.
 *
 * The promise: the simulator dies with the test that started it, however that ends. The caller removes the directory.
 */
#ifndef HA_TEST_IMM_H
#define HA_TEST_IMM_H

#include <stdint.h>
#include <sys/types.h>

#define IMM_SIMULATOR "/usr/bin/ipmi_sim"
#define IMM_USER      "USERID"
#define IMM_PASSWORD  "PASSW0RD"
#define IMM_GUID      "a123456789abcdefa123456789abcde1"

struct imm {
	char dir[64];
	uint16_t port;
	pid_t pid;
	const char *kg;   /* Kg, at most 19 characters; NULL: none is set */
	const char *emu;  /* more commands of ipmi_sim_cmd(5) at its start; NULL: none */
	uint16_t console; /* a TCP port that takes such commands; 0: none */
};

/* A directory in `parent`, with what the simulator reads; and started. */
void imm_create(struct imm *imm, const char *parent);
void imm_write_files(const struct imm *imm);
void imm_write(const struct imm *imm, const char *name, mode_t mode, const char *text);

/* Also after imm_stop(): the IMM restarts and knows no session any more. */
void imm_start(struct imm *imm);
void imm_stop(struct imm *imm);

/* How often the machine was told what contains `text` ("set power 0"). */
unsigned imm_calls(const struct imm *imm, const char *text);

uint16_t free_udp_port(void);
void remove_tree(const char *path);

#endif
