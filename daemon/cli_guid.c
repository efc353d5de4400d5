#include "daemon/cli_guid.h"

#include "daemon/cli_text.h"
#include "daemon/guid.h"

static void
take(struct ha_guid *guid, const struct ha_guid *candidate)
{
	if (!ha_guid_is_set(guid) && ha_guid_is_set(candidate))
		*guid = *candidate;
}

static void
take_text(struct ha_guid *guid, const char *text)
{
	struct ha_guid candidate;

	if (ha_guid_parse(text, &candidate) == 0)
		take(guid, &candidate);
}

void
cli_guids(const struct config *config, const json_t *daemon, struct ha_guid *ret_own, struct ha_guid *ret_peer)
{
	const struct config_node *local = config_local(config), *peer = config_peer(config);
	struct ha_guid firmware, own = { { 0 } }, theirs = { { 0 } };

	take_text(&own, cli_json_string(daemon, "own_guid", ""));
	if (daemon_guid(&local->guid, DAEMON_GUID_FILE, &firmware) == 0)
		take(&own, &firmware);
	take(&own, &local->imm.guid);
	take(&theirs, &peer->imm.guid);
	take(&theirs, &peer->guid);
	take_text(&theirs, cli_json_string(daemon, "peer_guid", ""));
	*ret_own = own;
	*ret_peer = theirs;
}
