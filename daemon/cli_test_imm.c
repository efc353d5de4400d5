#include "daemon/cli_test.h"

#include "daemon/cli_fence.h"
#include "daemon/cli_test_levels.h"
#include "daemon/cli_text.h"
#include "daemon/cli_worker.h"
#include "fence/plan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ORDER_TOKEN 1

struct cli_test_imm {
	struct cli_test *test;
	struct cli_worker worker;
	ha_time began;
	bool done;
	int broken; /* -errno of the worker itself */
	bool answered;
	enum fence_error error; /* FENCE_OK: `report` is a reading */
	struct fence_report report;
	struct cli_test_levels levels;
};

/* What the administrator can do about each class of failure; `%1` and so on do not fit C, so it is composed below. */
struct words {
	char imm[CONFIG_NAME_MAX + HA_ADDRESS_TEXT + 16];
	char address[HA_ADDRESS_TEXT];
	const char *peer, *user;
	const char *password; /* where the password is */
};

/* Over when the IMM and all outlets have answered, or no answer can come any more. */
static void
imm_done(struct cli_test_imm *imm)
{
	bool complete = imm->broken < 0 || (imm->answered && cli_test_levels_done(&imm->levels));

	if (imm->done || !complete)
		return;
	imm->done = true;
	cli_test_area_done(imm->test);
}

static void
on_report(void *userdata, const struct fence_report *report, int error)
{
	struct cli_test_imm *imm = userdata;

	if (imm->done)
		return;
	if (error < 0) {
		imm->broken = error;
		imm_done(imm);
	} else if (report->device != 0) {
		cli_test_levels_take(&imm->levels, report);
		imm_done(imm);
	} else if (imm->answered) {
		return;
	} else if (report->type == FENCE_REPORT_DEVICE && report->error != FENCE_OK) {
		imm->answered = true;
		imm->error = report->error;
		imm->report = *report;
		imm_done(imm);
	} else if (report->type == FENCE_REPORT_ANSWER && report->token == ORDER_TOKEN) {
		imm->answered = true;
		imm->error = report->error;
		imm->report = *report;
		imm_done(imm);
	}
}

int
cli_test_imm_begin(struct cli_test *test, struct cli_test_imm **ret)
{
	const struct fence_order order = {
		.type = FENCE_ORDER_READ, .policy = true, .token = ORDER_TOKEN, .not_after = test->until
	};
	struct cli_test_imm *imm;
	int r;

	if (!config_peer(test->config)->imm.configured)
		return 0;
	imm = calloc(1, sizeof(*imm));
	if (!imm)
		return -ENOMEM;
	imm->test = test;
	imm->began = ha_now();
	imm->levels.peer = config_peer(test->config);
	r = cli_worker_open(
		&imm->worker, test->event, test->config->path, config_local(test->config)->name, false, on_report, imm);
	if (r == 0)
		r = cli_worker_send(&imm->worker, &order);
	if (r == 0)
		r = cli_test_levels_begin(&imm->levels, config_peer(test->config), &imm->worker, test->until);
	if (r < 0) {
		imm->broken = r;
		imm->done = true;
	} else {
		test->waiting++;
	}
	*ret = imm;
	return 0;
}

static void
skip_rest(json_t *results, const char *const *checks, const char *why)
{
	for (; *checks; checks++)
		cli_result_add(results, *checks, CLI_SKIP, CLI_NO_TIME, NULL, "%s", why);
}

static const char *const after_reach[] = { "imm-login", "imm-cipher", "imm-privilege", "imm-power", "imm-identity",
	"power-restore", NULL };

static void
fail_login(json_t *results, const struct words *words, enum fence_error error)
{
	char remedy[512];

	cli_result_add(results, "imm-reach", CLI_PASS, CLI_NO_TIME, NULL, "%s answers", words->imm);
	if (error == FENCE_CIPHER) {
		(void)snprintf(remedy, sizeof(remedy),
			"on %s:  ipmitool lan print 1     \"RMCP+ Cipher Suites\" must have 3\n"
			"enable it:  ipmitool lan set 1 cipher_privs XXXaXXXXXXXXXXX",
			words->peer);
		cli_result_add(results, "imm-login", CLI_SKIP, CLI_NO_TIME, NULL, "no session, see imm-cipher");
		cli_result_add(
			results, "imm-cipher", CLI_FAIL, CLI_NO_TIME, remedy, "RMCP+ with cipher suite 3 is refused");
		skip_rest(results, after_reach + 2, "no session, see imm-cipher");
		return;
	}
	if (error == FENCE_SESSIONS) {
		(void)snprintf(remedy, sizeof(remedy),
			"on %s:  ipmitool session info all     close what is not needed, or wait a minute for\n"
			"forgotten sessions to expire; then repeat this test",
			words->peer);
		cli_result_add(results, "imm-login", CLI_FAIL, CLI_NO_TIME, remedy, "the IMM has no free session");
	} else {
		(void)snprintf(remedy, sizeof(remedy),
			"compare nodes.%s.imm.username and %s with the IMM;\n"
			"on %s:  ipmitool user list 1; ipmitool user set password <id>     then repeat this test",
			words->peer, words->password, words->peer);
		cli_result_add(results, "imm-login", CLI_FAIL, CLI_NO_TIME, remedy, "%s: user or password refused",
			words->user);
	}
	skip_rest(results, after_reach + 1, "no session, see imm-login");
}

static void
fail_reach(json_t *results, const struct words *words)
{
	char remedy[512];

	(void)snprintf(remedy, sizeof(remedy),
		"ping %s     power, cable, VLAN, firewall (UDP 623);\non %s:  ipmitool lan print 1     is that its "
		"address? "
		"ipmitool lan set 1 access on",
		words->address, words->peer);
	cli_result_add(results, "imm-reach", CLI_FAIL, CLI_NO_TIME, remedy, "%s does not answer", words->imm);
	skip_rest(results, after_reach, "the IMM does not answer");
}

static void
fail_privilege(json_t *results, const struct words *words)
{
	char remedy[256];

	(void)snprintf(remedy, sizeof(remedy),
		"on %s:  ipmitool user priv <id> 3 1     (3: OPERATOR; <id>: ipmitool user list 1)  then repeat this "
		"test",
		words->peer);
	cli_result_add(results, "imm-reach", CLI_PASS, CLI_NO_TIME, NULL, "%s answers", words->imm);
	cli_result_add(results, "imm-login", CLI_PASS, CLI_NO_TIME, NULL, "%s", words->user);
	cli_result_add(results, "imm-cipher", CLI_PASS, CLI_NO_TIME, NULL, "RMCP+, cipher suite 3");
	cli_result_add(results, "imm-privilege", CLI_FAIL, CLI_NO_TIME, remedy,
		"%s is not allowed the level OPERATOR, which power control needs", words->user);
	skip_rest(results, after_reach + 3, "no session with enough privilege, see imm-privilege");
}

/* Login, but no reading. */
static void
fail_power(json_t *results, const struct words *words, enum fence_error error, uint8_t completion)
{
	char remedy[256];

	(void)snprintf(remedy, sizeof(remedy),
		"on %s:  ipmitool chassis status     if that hangs too: ipmitool mc info; restart the IMM in a quiet "
		"hour",
		words->peer);
	cli_result_add(results, "imm-reach", CLI_PASS, CLI_NO_TIME, NULL, "%s answers", words->imm);
	if (error == FENCE_REFUSED)
		cli_result_add(results, "imm-power", CLI_FAIL, CLI_NO_TIME, remedy,
			"the IMM refuses to say the power state (completion code 0x%02x)", completion);
	else if (error == FENCE_GARBAGE)
		cli_result_add(results, "imm-power", CLI_FAIL, CLI_NO_TIME, remedy, "the IMM's answer cannot be read");
	else
		cli_result_add(
			results, "imm-power", CLI_FAIL, CLI_NO_TIME, remedy, "no power state from the IMM in time");
}

static void
broken_worker(json_t *results, const struct cli_test_imm *imm)
{
	const char *remedy = imm->broken == -ENOENT ? "reinstall ha-fenced: " CLI_FENCE_PROGRAM : CLI_FENCE_AS_ROOT;

	cli_result_add(results, "imm-reach", CLI_FAIL, CLI_NO_TIME, remedy,
		"the fence process ended before it answered (%s)", strerror(-imm->broken));
	skip_rest(results, after_reach, "no fence process");
}

static const char *
level_name(unsigned privilege)
{
	return privilege >= 4 ? "ADMINISTRATOR" : privilege == 3 ? "OPERATOR" : privilege == 2 ? "USER" : "CALLBACK";
}

static void
judge_power(const struct cli_test_imm *imm, const struct cli_test *test)
{
	const json_t *peer = json_object_get(test->daemon, "peer");
	double ms = (double)(imm->report.answered - imm->report.asked) / (double)HA_MS;
	const char *name = cli_test_peer_name(test);

	if (imm->report.power == FENCE_POWER_OFF && cli_json_bool(peer, "heard"))
		cli_result_add(test->results, "imm-power", CLI_FAIL, ms,
			"the address or the GUID is another machine's: correct imm.address of that node",
			"off, but %s is heard: this is not its IMM", name);
	else if (imm->report.power == FENCE_POWER_OFF)
		cli_result_add(test->results, "imm-power", CLI_WARNING, ms,
			"power it on: there is no standby until then", "off: %s is powered off", name);
	else
		cli_result_add(
			test->results, "imm-power", CLI_PASS, ms, NULL, "%s", fence_power_name(imm->report.power));
}

/* What the peer does when its mains return. A pair wants the state of before: who served or stood by comes back without
 * a hand, who was switched off on purpose stays off. */
static void
judge_restore(const struct cli_test_imm *imm, const struct cli_test *test)
{
	const struct config_node *peer = config_peer(test->config);
	const char *check = "power-restore", *when = "its power returns";
	char remedy[256];

	(void)snprintf(remedy, sizeof(remedy), "on %s:  ipmitool chassis policy previous", peer->name);
	switch (imm->report.restore) {
	case FENCE_POLICY_PREVIOUS:
		cli_result_add(test->results, check, CLI_PASS, CLI_NO_TIME, NULL, "previous: %s is what it was when %s",
			peer->name, when);
		return;
	case FENCE_POLICY_ALWAYS_ON:
		if (test->config->fence.action == CONFIG_FENCE_OFF)
			cli_result_add(test->results, check, CLI_WARNING, CLI_NO_TIME, remedy,
				"always-on: %s starts when %s, also after a fencing with action = \"off\"", peer->name,
				when);
		else
			cli_result_add(test->results, check, CLI_PASS, CLI_NO_TIME, NULL,
				"always-on: %s starts when %s", peer->name, when);
		return;
	case FENCE_POLICY_ALWAYS_OFF:
		cli_result_add(test->results, check, CLI_WARNING, CLI_NO_TIME, remedy,
			"always-off: %s stays off when %s%s", peer->name, when,
			peer->device_count > 0 ? ", also when its outlets have fenced it" : "");
		return;
	case FENCE_POLICY_UNASKED:
	case FENCE_POLICY_UNKNOWN:
	case FENCE_POLICIES:
		break;
	}
	cli_result_add(
		test->results, check, CLI_SKIP, CLI_NO_TIME, NULL, "the IMM does not say; see the firmware's setup");
}

static void
judge_identity(const struct cli_test_imm *imm, const struct cli_test *test)
{
	const struct fence_plan_config config = { .guid_none = config_peer(test->config)->imm.guid_none,
		.own = test->own };
	enum fence_identity identity =
		fence_identify(&config, &test->expected, imm->report.guid_known, &imm->report.guid);
	const char *peer = cli_test_peer_name(test);
	char guid[HA_GUID_TEXT] = "none", expected[HA_GUID_TEXT], remedy[512];

	if (imm->report.guid_known)
		(void)ha_guid_format(&imm->report.guid, guid);
	switch (identity) {
	case FENCE_IDENTITY_PEER:
		cli_result_add(test->results, "imm-identity", CLI_PASS, CLI_NO_TIME, NULL, "GUID is %s's%s", peer,
			ha_guid_is_set(&test->own) ? ", not mine" : "");
		return;
	case FENCE_IDENTITY_OPTED_OUT:
		cli_result_add(test->results, "imm-identity", CLI_WARNING, CLI_NO_TIME,
			"delete guid = \"none\" of that node's imm: then a wrong IMM is never commanded",
			"not checked (guid = \"none\"): any machine at that address would be powered down");
		return;
	case FENCE_IDENTITY_OWN:
		(void)snprintf(remedy, sizeof(remedy),
			"the imm addresses of the two nodes are swapped or the same: correct nodes.%s.imm.address",
			peer);
		cli_result_add(test->results, "imm-identity", CLI_FAIL, CLI_NO_TIME, remedy,
			"this is MY OWN IMM: a power-down would hit this machine");
		return;
	case FENCE_IDENTITY_OTHER:
		(void)snprintf(remedy, sizeof(remedy),
			"%s is %s: is nodes.%s.imm.address right? After a new mainboard, pin the new GUID", peer,
			ha_guid_format(&test->expected, expected), peer);
		cli_result_add(test->results, "imm-identity", CLI_FAIL, CLI_NO_TIME, remedy,
			"a third machine's IMM: GUID %s is not %s's", guid, peer);
		return;
	case FENCE_IDENTITY_UNKNOWN:
		break;
	}
	if (!imm->report.guid_known || !ha_guid_is_set(&imm->report.guid)) {
		(void)snprintf(remedy, sizeof(remedy),
			"update the IMM's firmware, or opt out loudly: imm: { ... guid = \"none\"; } of %s", peer);
		cli_result_add(test->results, "imm-identity", CLI_FAIL, CLI_NO_TIME, remedy,
			"the IMM does not say its System GUID");
		return;
	}
	(void)snprintf(remedy, sizeof(remedy),
		"start ha-fenced on both nodes, %s then announces it; or compare with\n"
		"on %s:  dmidecode -s system-uuid     and pin it: guid = \"%s\";",
		peer, peer, guid);
	cli_result_add(test->results, "imm-identity", test->daemon ? CLI_FAIL : CLI_WARNING, CLI_NO_TIME, remedy,
		"%s's GUID was never announced nor pinned; the IMM says %s", peer, guid);
}

static void
judge_session(const struct cli_test_imm *imm, const struct cli_test *test, const struct words *words)
{
	double login = imm->report.session_since > imm->began
			       ? (double)(imm->report.session_since - imm->began) / (double)HA_MS
			       : CLI_NO_TIME;
	char remedy[256];

	cli_result_add(test->results, "imm-reach", CLI_PASS, CLI_NO_TIME, NULL, "%s", words->imm);
	cli_result_add(test->results, "imm-login", CLI_PASS, login, NULL, "%s", words->user);
	cli_result_add(test->results, "imm-cipher", CLI_PASS, CLI_NO_TIME, NULL,
		"RMCP+, cipher suite 3: authenticated and encrypted");
	if (imm->report.privilege < CONFIG_PRIVILEGE_OPERATOR) {
		(void)snprintf(remedy, sizeof(remedy),
			"privlvl = \"operator\"; in imm of %s, and\non %s:  ipmitool user priv <id> 3 1     then "
			"repeat this test",
			words->peer, words->peer);
		cli_result_add(test->results, "imm-privilege", CLI_FAIL, CLI_NO_TIME, remedy,
			"%s is %s; power control needs OPERATOR", words->user, level_name(imm->report.privilege));
	} else {
		cli_result_add(test->results, "imm-privilege", CLI_PASS, CLI_NO_TIME, NULL, "%s",
			level_name(imm->report.privilege));
	}
	judge_power(imm, test);
	judge_identity(imm, test);
	judge_restore(imm, test);
}

static void
judge(const struct cli_test_imm *imm, const struct cli_test *test, const struct words *words)
{
	json_t *results = test->results;

	if (imm->broken < 0) {
		broken_worker(results, imm);
		return;
	}
	if (!imm->answered) { /* the whole test's time is over */
		fail_reach(results, words);
		return;
	}
	switch (imm->error) {
	case FENCE_OK:
		judge_session(imm, test, words);
		return;
	case FENCE_UNREACHABLE:
		fail_reach(results, words);
		return;
	case FENCE_AUTHENTICATION:
	case FENCE_CIPHER:
	case FENCE_SESSIONS:
		fail_login(results, words, imm->error);
		return;
	case FENCE_PRIVILEGE:
		fail_privilege(results, words);
		return;
	case FENCE_REFUSED:
	case FENCE_GARBAGE:
	case FENCE_TIMEOUT:
		fail_power(results, words, imm->error, imm->report.completion);
		return;
	case FENCE_NOT_SENT:
		fail_reach(results, words);
		return;
	case FENCE_CONFIG:
	case FENCE_WORKER:
	case FENCE_ERRORS:
		break;
	}
	cli_result_add(results, "imm-login", CLI_FAIL, CLI_NO_TIME, CLI_FENCE_AS_ROOT,
		"the credentials of %s cannot be read", words->imm);
}

void
cli_test_imm_finish(struct cli_test_imm *imm, struct cli_test *test)
{
	const struct config_node *peer = config_peer(test->config);
	struct words words = { .peer = peer->name,
		.user = *peer->imm.username ? peer->imm.username : "(no user name)",
		.password = *peer->imm.password_file ? peer->imm.password_file : "its password" };

	if (!peer->imm.configured) {
		cli_result_add(test->results, "imm-reach", CLI_FAIL, CLI_NO_TIME, CLI_FENCE_ADD_IMM,
			"no IMM is configured for %s", peer->name);
		skip_rest(test->results, after_reach, "no IMM configured");
	}
	if (!imm)
		return;
	(void)ha_address_format(&peer->imm.address, words.address);
	(void)snprintf(words.imm, sizeof(words.imm), "%s's IMM %s", peer->name, words.address);
	if (peer->imm.port != 623)
		(void)snprintf(words.imm + strlen(words.imm), sizeof(words.imm) - strlen(words.imm), " port %u",
			peer->imm.port);
	judge(imm, test, &words);
	if (imm->broken == 0)
		cli_test_levels_judge(
			&imm->levels, cli_json_bool(json_object_get(test->daemon, "peer"), "heard"), test->results);
	cli_worker_close(&imm->worker);
	free(imm);
}
