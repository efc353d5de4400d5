#include "daemon/import.h"

#include <string.h>

/* A path; ha-fenced adds what keepalived adds, and nothing else. */
static void
take_script(struct import *import, struct keepalived_item *from, const char *keyword, enum setup_key key)
{
	struct keepalived_item *item = keepalived_find(from, keyword);

	if (!item)
		return;
	if (keepalived_word(item, 1)[0] != '/' || strpbrk(keepalived_word(item, 1), " \t")) {
		import_lost(import, item,
			"the full path of a script, without arguments, is needed: put them into the script");
		return;
	}
	if (import->setup->value[key][0] != '\0' && strcmp(import->setup->value[key], keepalived_word(item, 1)) != 0) {
		import_lost(import, item,
			"another such script was carried already, of the sync group or of the first node");
		return;
	}
	import_set(import, item, key, keepalived_word(item, 1));
	if (item->words.count > 2)
		import_set(import, item, SETUP_SCRIPT_USER, keepalived_word(item, 2));
}

void
import_notify(struct import *import, struct keepalived_item *root, struct keepalived_item *instance)
{
	struct keepalived_item *global = keepalived_find(root, "global_defs");
	struct keepalived_item *user = global ? keepalived_find(global, "script_user") : NULL;

	take_script(import, instance, "notify", SETUP_NOTIFY);
	take_script(import, instance, "notify_master", SETUP_NOTIFY_MASTER);
	take_script(import, instance, "notify_backup", SETUP_NOTIFY_BACKUP);
	take_script(import, instance, "notify_fault", SETUP_NOTIFY_FAULT);
	take_script(import, instance, "notify_stop", SETUP_NOTIFY_STOP);
	if (global) {
		take_script(import, global, "notify_fifo", SETUP_NOTIFY_FIFO);
		take_script(import, global, "vrrp_notify_fifo", SETUP_NOTIFY_FIFO);
	}
	if (user && import->setup->value[SETUP_SCRIPT_USER][0] == '\0')
		import_set(import, user, SETUP_SCRIPT_USER, keepalived_word(user, 1));
}
