#include "daemon/cli_setup.h"

#include "daemon/cli_text.h"
#include "daemon/cli_write.h"
#include "lib/config.h"
#include "lib/net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <netdb.h>
#include <nss.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

int
cli_setup_sets(const struct cli_options *options, struct setup *setup)
{
	char why[SETUP_TEXT], names[1024] = "names:";

	for (unsigned i = 0; i < options->set_count; i++) {
		if (!setup_set(setup, options->sets[i], why))
			continue;
		for (unsigned k = 0; k < SETUP_KEYS; k++) {
			size_t used = strlen(names);

			(void)snprintf(names + used, sizeof(names) - used, " %s", setup_key_name((enum setup_key)k));
		}
		cli_error(why, names);
		return CLI_EXIT_USAGE;
	}
	return CLI_EXIT_GOOD;
}

static bool
on_terminal(void)
{
	return isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1;
}

bool
cli_setup_ask(struct setup *setup, enum setup_key key)
{
	char question[SETUP_TEXT], line[SETUP_TEXT], assignment[2 * SETUP_TEXT], why[SETUP_TEXT];
	const char *proposal = setup->value[key];

	if (!on_terminal())
		return false;
	for (;;) {
		(void)fprintf(stderr, "%s%s%s%s: ", setup_question(setup, key, question),
			proposal[0] != '\0' ? " [" : "", proposal, proposal[0] != '\0' ? "]" : "");
		(void)fflush(stderr);
		if (!fgets(line, sizeof(line), stdin))
			return false;
		line[strcspn(line, "\n")] = '\0';
		if (line[0] == '\0')
			return true;
		(void)snprintf(assignment, sizeof(assignment), "%s=%s", setup_key_name(key), line);
		if (!setup_set(setup, assignment, why))
			return true;
		(void)fprintf(stderr, "%s\n", why);
	}
}

void
cli_setup_ask_missing(struct setup *setup)
{
	for (unsigned key = 0; key < SETUP_KEYS; key++)
		if (setup_missing(setup, (enum setup_key)key) && !cli_setup_ask(setup, (enum setup_key)key))
			return;
}

/* The primary IPv4 address of an interface of this machine: the one that keepalived sends from. */
static void
own_address(const char *interface, char *ret)
{
	struct ifaddrs *list = NULL;

	if (getifaddrs(&list) < 0)
		return;
	for (struct ifaddrs *at = list; at && ret[0] == '\0'; at = at->ifa_next)
		if (at->ifa_addr && at->ifa_addr->sa_family == AF_INET && strcmp(at->ifa_name, interface) == 0)
			(void)inet_ntop(
				AF_INET, &((struct sockaddr_in *)(void *)at->ifa_addr)->sin_addr, ret, SETUP_TEXT);
	freeifaddrs(list);
}

/* /etc/hosts only: nothing is asked over the network. */
static void
address_in_hosts(const char *name, char *ret)
{
	struct addrinfo hints = { .ai_family = AF_INET, .ai_socktype = SOCK_DGRAM }, *list = NULL;

	if (__nss_configure_lookup("hosts", "files") != 0 || getaddrinfo(name, NULL, &hints, &list) != 0)
		return;
	const struct in_addr *address = &((struct sockaddr_in *)(void *)list->ai_addr)->sin_addr;

	if ((ntohl(address->s_addr) >> 24) != 127)
		(void)inet_ntop(AF_INET, address, ret, SETUP_TEXT);
	freeaddrinfo(list);
}

static bool
is_this_machine(const char *name)
{
	char host[SETUP_TEXT] = "";

	if (gethostname(host, sizeof(host) - 1) < 0)
		return false;
	size_t length = strcspn(host, ".");

	return strcasecmp(host, name) == 0 || (strlen(name) == length && strncasecmp(host, name, length) == 0);
}

void
cli_setup_find_addresses(struct setup *setup)
{
	for (unsigned at = 0; at < 2; at++) {
		char *address = setup->value[SETUP_ADDRESS_A + at];
		const char *name = setup->value[SETUP_NODE_A + at], *interface = setup->value[SETUP_INTERFACE_A + at];

		if (interface[0] == '\0')
			interface = setup->value[SETUP_INTERFACE];
		if (address[0] == '\0' && name[0] != '\0' && is_this_machine(name))
			own_address(interface, address);
		if (address[0] == '\0' && name[0] != '\0')
			address_in_hosts(name, address);
	}
}

unsigned
cli_setup_say_missing(const struct setup *setup)
{
	char question[SETUP_TEXT];
	unsigned missing = 0;

	for (unsigned key = 0; key < SETUP_KEYS; key++) {
		if (!setup_missing(setup, (enum setup_key)key))
			continue;
		if (missing++ == 0)
			(void)fputs("To be filled in (or given with --set):\n", stderr);
		(void)fprintf(stderr, "  %-12s %s\n", setup_key_name((enum setup_key)key),
			setup_question(setup, (enum setup_key)key, question));
	}
	return missing;
}

/* Our own reader has the last word: what it does not take must not look finished. */
static int
prove(const char *path)
{
	struct config *config = NULL;
	struct config_problems *problems = NULL;
	int r = config_load(path, NULL, CONFIG_NO_LOCAL, &config, &problems);

	for (unsigned i = 0; r < 0 && problems && config_problems_text(problems, i); i++)
		(void)fprintf(stderr, "%s\n", config_problems_text(problems, i));
	config_problems_free(problems);
	config_free(config);
	if (r < 0)
		cli_error("the file is written, but not usable as it is",
			"correct what is named above, then ha-fence check-config");
	return r < 0 ? CLI_EXIT_FAILED : CLI_EXIT_GOOD;
}

int
cli_setup_save(const struct setup *setup, const char *path, bool complete)
{
	if (!path) {
		setup_write(setup, stdout);
		return CLI_EXIT_GOOD;
	}
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	FILE *out = fd < 0 ? NULL : fdopen(fd, "w");

	if (!out)
		return cli_write_failed(path, -errno, CLI_SETUP_EXISTS);
	setup_write(setup, out);
	if (fclose(out) != 0)
		return cli_write_failed(path, -errno, CLI_SETUP_EXISTS);
	return complete ? prove(path) : CLI_EXIT_GOOD;
}
