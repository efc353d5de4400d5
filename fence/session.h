/* fence/session.h -- one RMCP+ session with an IMM: opened once, used, closed, never revived. The only file that knows
 * OpenIPMI's connections.
 *
 * The promise: an answer that is delivered came in this session, authenticated and encrypted, to the one request that
 * it is delivered for; every request is sent exactly once (S6). */
#ifndef HA_FENCE_SESSION_H
#define HA_FENCE_SESSION_H

#include "fence/os_handler.h"
#include "fence/report.h"
#include "lib/config.h"

struct fence_session;

/* Called from inside the library: take note, and act from the event loop. */
struct fence_session_handlers {
	void (*up)(void *userdata); /* once at most */
	/* The login failed or the session is lost; once at most, and nothing is delivered afterwards. */
	void (*down)(void *userdata, enum fence_error error);
};

/* `data` is the completion code and what follows it, at least one byte. Called from inside the library. */
typedef void fence_session_answer_handler(void *userdata, uint32_t tag, const uint8_t *data, size_t length);

struct fence_session_config {
	const struct config_imm *imm; /* only read by fence_session_open() */
	ha_time login_timeout;
	ha_time retransmit; /* of the handshake's messages, 6 times at most */
};

/* Starts the login. 0 or -errno. `handlers` must outlive the session. */
int fence_session_open(struct fence_os *os, sd_event *event, const struct fence_session_config *config,
	const struct fence_session_handlers *handlers, void *userdata, struct fence_session **ret);
/* Not from inside a handler. Answers that are outstanding are never delivered. NULL is fine. */
void fence_session_close(struct fence_session *session);

bool fence_session_is_up(const struct fence_session *session);
/* Send a request of one network function and command with at most 8 bytes, once, without retransmission. `handler` is
 * called with `tag`, or never. 0, -ENOTCONN (not sent), -ENOBUFS (too many unanswered, not sent) or another -errno (not
 * sent). */
int fence_session_ask(struct fence_session *session, uint8_t netfn, uint8_t command, const uint8_t *data, size_t length,
	fence_session_answer_handler *handler, void *userdata, uint32_t tag);
/* Anything from the IMM so far? */
bool fence_session_heard(const struct fence_session *session);
unsigned long fence_session_dropped(const struct fence_session *session);

#endif
