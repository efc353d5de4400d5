#include "fence/session.h"

#include <OpenIPMI/ipmi_auth.h>
#include <OpenIPMI/ipmi_conn.h>
#include <OpenIPMI/ipmi_err.h>
#include <OpenIPMI/ipmi_lan.h>
#include <OpenIPMI/ipmi_msgbits.h>
#include <OpenIPMI/ipmiif.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_REQUEST_BYTES 8
/* OpenIPMI tells outstanding requests apart by 6 bits; above its limit it queues them, and they would leave late. */
#define MAX_OUTSTANDING 63
#define MAX_UNANSWERED  56
/* Longer than any session with an unanswered request may live (ipmi.c closes it): OpenIPMI never sends a request twice,
 * and the number of an unanswered request is never used for another one, so that no late answer fits the wrong
 * question. */
#define NEVER_AGAIN_US     2000000000
#define SLOWEST_RETRANSMIT (1 * HA_SEC)

enum phase { PHASE_LOGIN, PHASE_UP, PHASE_DOWN };

struct fence_session {
	struct fence_filter filter;
	ipmi_con_t *con;
	sd_event_source *deadline;
	const struct fence_session_handlers *handlers;
	void *userdata;
	enum phase phase;
	ha_time began, retransmit;
	unsigned unanswered;
};

struct request {
	struct fence_session *session;
	fence_session_answer_handler *handler;
	void *userdata;
	uint32_t tag;
};

/* IPMI 2.0 table 13-15. */
static enum fence_error
status_error(unsigned status)
{
	switch (status) {
	case IPMI_RMCPP_INSUFFICIENT_RESOURCES_FOR_SESSION:
	case IPMI_RMCPP_INSUFFICIENT_RESOURCES_FOR_ROLE:
		return FENCE_SESSIONS;
	case IPMI_RMCPP_INVALID_AUTHENTICATION_ALGORITHM:
	case IPMI_RMCPP_INVALID_INTEGRITY_ALGORITHM:
	case IPMI_RMCPP_NO_MATCHING_AUTHENTICATION_PAYLOAD:
	case IPMI_RMCPP_NO_MATCHING_INTEGRITY_PAYLOAD:
	case IPMI_RMCPP_INVALID_CONFIDENTIALITY_ALGORITHM:
	case IPMI_RMCPP_NO_CIPHER_SUITE_MATCHES:
		return FENCE_CIPHER;
	case IPMI_RMCPP_INVALID_ROLE:
	case IPMI_RMCPP_UNAUTHORIZED_ROLE_OR_PRIVILEGE:
		return FENCE_PRIVILEGE;
	case IPMI_RMCPP_INVALID_NAME_LENGTH:
	case IPMI_RMCPP_UNAUTHORIZED_NAME:
	case IPMI_RMCPP_UNAUTHORIZED_GUID:
	case IPMI_RMCPP_INVALID_INTEGRITY_CHECK_VALUE:
		return FENCE_AUTHENTICATION;
	}
	return FENCE_GARBAGE;
}

/* The session is authenticated; Set Session Privilege Level (IPMI 2.0 22.18) or Get Device ID failed. EINVAL: another
 * level granted. */
static enum fence_error
privilege_error(unsigned err)
{
	if (!IPMI_IS_IPMI_ERR(err))
		return err == EINVAL ? FENCE_PRIVILEGE : FENCE_TIMEOUT;
	switch (IPMI_GET_IPMI_ERR(err)) {
	case 0x80: /* level not available for this user */
	case 0x81: /* exceeds the user's or the channel's limit */
	case IPMI_INSUFFICIENT_PRIVILEGE_CC:
		return FENCE_PRIVILEGE;
	case IPMI_TIMEOUT_CC:
		return FENCE_TIMEOUT;
	}
	return FENCE_REFUSED;
}

/* Why the login failed: what the IMM was seen to say counts for more than the library's `err`, which calls an
 * unreachable IMM "RMCP+ not supported" and a refused cipher suite a time-out. */
static enum fence_error
login_error(const struct fence_session *session, unsigned err)
{
	const struct fence_filter *filter = &session->filter;
	ha_time took = ha_time_since(ha_now(), session->began);

	if (filter->heard == 0)
		return FENCE_UNREACHABLE;
	if (filter->status != FENCE_RMCPP_OK)
		return status_error(filter->status);
	if (filter->no_rmcpp)
		return FENCE_CIPHER;
	if (IPMI_IS_RMCPP_ERR(err))
		return status_error(IPMI_GET_RMCPP_ERR(err));
	if (filter->in_session > 0)
		return privilege_error(err);
	if (err != EINVAL)
		return FENCE_TIMEOUT;
	if (!filter->challenged)
		return FENCE_GARBAGE;
	/* The IMM's proof does not fit our password. It would not fit either if a slow IMM got RAKP 1 twice; then this
	 * must not count as a wrong password: the next try waits longer for the answers. */
	return took >= session->retransmit && session->retransmit < SLOWEST_RETRANSMIT ? FENCE_TIMEOUT
										       : FENCE_AUTHENTICATION;
}

static void
go_down(struct fence_session *session, enum fence_error error)
{
	session->phase = PHASE_DOWN;
	(void)sd_event_source_set_enabled(session->deadline, SD_EVENT_OFF);
	session->handlers->down(session->userdata, error);
}

/* Fires twice on the first success, and while the connection is being closed. */
static void
connection_changed(ipmi_con_t *con, int err, unsigned int port, int any_port_up, void *userdata)
{
	struct fence_session *session = userdata;

	(void)con;
	(void)port;
	switch (session->phase) {
	case PHASE_LOGIN:
		if (err != 0) {
			go_down(session, login_error(session, (unsigned)err));
		} else if (any_port_up) {
			session->phase = PHASE_UP;
			(void)sd_event_source_set_enabled(session->deadline, SD_EVENT_OFF);
			session->handlers->up(session->userdata);
		}
		break;
	case PHASE_UP:
		/* The library would now take answers in clear, and log in anew behind our back. */
		if (err != 0 || !any_port_up)
			go_down(session, FENCE_TIMEOUT);
		break;
	case PHASE_DOWN:
		break;
	}
}

static int
login_late(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct fence_session *session = userdata;

	(void)source;
	(void)usec;
	if (session->phase == PHASE_LOGIN)
		go_down(session, login_error(session, ETIMEDOUT));
	return 0;
}

static int
set_up(struct fence_session *session, struct fence_os *os, const struct config_imm *imm)
{
	char address[HA_ADDRESS_TEXT], port[8], username[sizeof(imm->username)], password[sizeof(imm->password)];
	char *addresses[1] = { address }, *ports[1] = { port };
	uint8_t kg[sizeof(imm->kg)];
	int r;
	ipmi_lanp_parm_t parms[] = {
		{ .parm_id = IPMI_LANP_PARMID_AUTHTYPE,
			.parm_val = IPMI_AUTHTYPE_RMCP_PLUS }, /* no falling back to IPMI 1.5 */
		{ .parm_id = IPMI_LANP_PARMID_PRIVILEGE, .parm_val = (int)imm->privilege },
		{ .parm_id = IPMI_LANP_PARMID_ADDRS, .parm_data = addresses, .parm_data_len = 1 },
		{ .parm_id = IPMI_LANP_PARMID_PORTS, .parm_data = ports, .parm_data_len = 1 },
		{ .parm_id = IPMI_LANP_PARMID_USERNAME,
			.parm_data = username,
			.parm_data_len = (unsigned)strlen(imm->username) },
		{ .parm_id = IPMI_LANP_PARMID_PASSWORD,
			.parm_data = password,
			.parm_data_len = (unsigned)strlen(imm->password) },
		{ .parm_id = IPMI_LANP_AUTHENTICATION_ALGORITHM,
			.parm_val = IPMI_LANP_AUTHENTICATION_ALGORITHM_RAKP_HMAC_SHA1 },
		{ .parm_id = IPMI_LANP_INTEGRITY_ALGORITHM, .parm_val = IPMI_LANP_INTEGRITY_ALGORITHM_HMAC_SHA1_96 },
		{ .parm_id = IPMI_LANP_CONFIDENTIALITY_ALGORITHM,
			.parm_val = IPMI_LANP_CONFIDENTIALITY_ALGORITHM_AES_CBC_128 },
		{ .parm_id = IPMI_LANP_NAME_LOOKUP_ONLY,
			.parm_val = 1 }, /* as ipmitool: by name alone, IPMI 2.0 table 13-11 */
		{ .parm_id = IPMI_LANP_ADDRESS_FAMILY, .parm_val = imm->address.family },
		{ .parm_id = IPMI_LANP_MAX_OUTSTANDING_MSG_COUNT, .parm_val = MAX_OUTSTANDING },
		{ .parm_id = IPMI_LANP_DEFAULT_TIMEOUT, .parm_val = (int)session->retransmit },
		{ .parm_id = IPMI_LANP_DEFAULT_SIDEEFFECT_TIMEOUT, .parm_val = NEVER_AGAIN_US },
		{ .parm_id = IPMI_LANP_BMC_KEY, .parm_data = kg, .parm_data_len = (unsigned)imm->kg_bytes },
	};
	unsigned count = sizeof(parms) / sizeof(parms[0]) - (imm->kg_bytes == 0);

	ha_address_format(&imm->address, address); /* numeric: no name is resolved */
	snprintf(port, sizeof(port), "%u", imm->port);
	memcpy(username, imm->username, sizeof(username));
	memcpy(password, imm->password, sizeof(password));
	memcpy(kg, imm->kg, sizeof(kg));
	fence_os_expect(os, &session->filter);
	r = ipmi_lanp_setup_con(parms, count, fence_os_handler(os), NULL, &session->con);
	fence_os_expect(os, NULL);
	explicit_bzero(password, sizeof(password));
	explicit_bzero(kg, sizeof(kg));
	return r == 0 ? 0 : r > 0 && r < 256 ? -r : -EIO; /* below 256: an errno */
}

int
fence_session_open(struct fence_os *os, sd_event *event, const struct fence_session_config *config,
	const struct fence_session_handlers *handlers, void *userdata, struct fence_session **ret)
{
	struct fence_session *session = calloc(1, sizeof(*session));
	int r;

	if (!session)
		return -ENOMEM;
	fence_filter_init(&session->filter, &config->imm->address, config->imm->port);
	session->handlers = handlers;
	session->userdata = userdata;
	session->began = ha_now();
	session->retransmit = config->retransmit;
	r = sd_event_add_time_relative(
		event, &session->deadline, CLOCK_BOOTTIME, config->login_timeout, 1, login_late, session);
	if (r < 0)
		goto fail;
	r = sd_event_source_set_exit_on_failure(session->deadline, true);
	if (r < 0)
		goto fail;
	r = set_up(session, os, config->imm);
	if (r < 0)
		goto fail;
	r = session->con->add_con_change_handler(session->con, connection_changed, session);
	if (r == 0)
		r = session->con->start_con(session->con);
	if (r != 0) {
		r = -EIO;
		goto fail;
	}
	*ret = session;
	return 0;
fail:
	fence_session_close(session);
	return r;
}

void
fence_session_close(struct fence_session *session)
{
	bool was_up;

	if (!session)
		return;
	was_up = session->phase == PHASE_UP;
	session->phase = PHASE_DOWN;
	sd_event_source_disable_unref(session->deadline);
	if (session->con) {
		/* Nothing to close at the IMM: then send it nothing, least of all a Close Session in clear. */
		if (!was_up && session->con->disable)
			session->con->disable(session->con);
		(void)session->con->close_connection_done(
			session->con, NULL, NULL); /* ends every request, see answered() */
	}
	free(session);
}

bool
fence_session_is_up(const struct fence_session *session)
{
	return session->phase == PHASE_UP;
}

/* Called once for every request that was sent: with its answer, or with no connection when the session is closed. */
static int
answered(ipmi_con_t *con, ipmi_msgi_t *item)
{
	struct request *request = item->data1;
	struct fence_session *session = request->session;

	session->unanswered--;
	if (con && session->phase == PHASE_UP && item->msg.data_len >= 1)
		request->handler(request->userdata, request->tag, item->msg.data, item->msg.data_len);
	free(request);
	return IPMI_MSG_ITEM_NOT_USED;
}

int
fence_session_ask(struct fence_session *session, uint8_t netfn, uint8_t command, const uint8_t *data, size_t length,
	fence_session_answer_handler *handler, void *userdata, uint32_t tag)
{
	/* Without this option the library repeats a request 6 times, each time as a new one. */
	static const ipmi_con_option_t once[] = {
		{ .option = IPMI_CON_MSG_OPTION_SIDE_EFFECTS, .ival = 1 },
		{ .option = IPMI_CON_OPTION_LIST_END },
	};
	ipmi_system_interface_addr_t to = {
		.addr_type = IPMI_SYSTEM_INTERFACE_ADDR_TYPE,
		.channel = IPMI_BMC_CHANNEL,
	};
	uint8_t bytes[MAX_REQUEST_BYTES];
	ipmi_msg_t message = { .netfn = netfn, .cmd = command, .data = bytes, .data_len = (unsigned short)length };
	struct request *request;
	ipmi_msgi_t *item;
	int r;

	if (session->phase != PHASE_UP)
		return -ENOTCONN;
	if (length > sizeof(bytes))
		return -EINVAL;
	if (session->unanswered >= MAX_UNANSWERED)
		return -ENOBUFS;
	if (length > 0)
		memcpy(bytes, data, length);
	request = calloc(1, sizeof(*request));
	if (!request)
		return -ENOMEM;
	item = ipmi_alloc_msg_item();
	if (!item) {
		free(request);
		return -ENOMEM;
	}
	*request = (struct request){ session, handler, userdata, tag };
	item->data1 = request;
	session->unanswered++;
	r = session->con->send_command_option(
		session->con, (ipmi_addr_t *)&to, sizeof(to), &message, once, answered, item);
	if (r == 0)
		return 0;
	session->unanswered--;
	ipmi_free_msg_item(item);
	free(request);
	return -EIO;
}

bool
fence_session_heard(const struct fence_session *session)
{
	return session->filter.heard > 0;
}

unsigned long
fence_session_dropped(const struct fence_session *session)
{
	return session->filter.dropped;
}
