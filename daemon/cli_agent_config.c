/* The options as a configuration: what starts the fence process knows no other way, and that process alone reads the
 * password (S11). */
#include "daemon/cli_agent.h"

#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define TEXT_MAX 4096

static bool
resolve(const struct cli_agent_options *options, char *ret, size_t size)
{
	const char *name = options->values[AGENT_IP];
	struct addrinfo hints = { .ai_socktype = SOCK_DGRAM }, *found = NULL;
	int r;

	if (cli_agent_options_flag(options, AGENT_INET4))
		hints.ai_family = AF_INET;
	else if (cli_agent_options_flag(options, AGENT_INET6))
		hints.ai_family = AF_INET6;
	r = getaddrinfo(name, NULL, &hints, &found);
	if (r == 0) {
		r = getnameinfo(found->ai_addr, found->ai_addrlen, ret, (socklen_t)size, NULL, 0, NI_NUMERICHOST);
		freeaddrinfo(found);
	}
	if (r != 0)
		cli_agent_error("ip: \"%.60s\" is no address: %s", name, gai_strerror(r));
	return r == 0;
}

/* Standard output of the command; the first line without its end. */
static bool
run_script(struct cli_agent_options *options)
{
	FILE *script = popen(options->values[AGENT_PASSWORD_SCRIPT], "re");
	char *line = NULL;
	size_t size = 0;
	ssize_t length = script ? getline(&line, &size, script) : -1;
	int status = script ? pclose(script) : -1;

	if (length <= 0 || status != 0) {
		cli_agent_error("password_script has failed");
		if (line)
			explicit_bzero(line, size);
		free(line);
		return false;
	}
	line[strcspn(line, "\r\n")] = '\0';
	options->values[AGENT_PASSWORD] = line;
	return true;
}

static bool
is_number(const char *text, double low, double high)
{
	char *end;
	double value = strtod(text, &end);

	return end != text && *end == '\0' && strspn(text, "0123456789.") == strlen(text) && value >= low &&
	       value <= high;
}

static const char *
privilege_of(const char *word)
{
	static const char *const words[][2] = { { "user", "user" }, { "operator", "operator" },
		{ "administrator", "admin" }, { "admin", "admin" } };

	for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcasecmp(word, words[i][0]) == 0)
			return words[i][1];
	}
	return NULL;
}

static bool
is_guid(const char *text)
{
	return strcmp(text, "none") == 0 || (strlen(text) == 36 && strspn(text, "0123456789abcdefABCDEF-") == 36);
}

static bool
is_text(const char *text, size_t most)
{
	size_t length = text ? strlen(text) : 0;

	return length >= 1 && length <= most;
}

/* What is wrong with them, or NULL. */
static const char *
check(const struct cli_agent_options *options)
{
	char *const *v = options->values;

	if (!v[AGENT_IP] || *v[AGENT_IP] == '\0')
		return "ip is missing: the address of the IMM";
	if (!is_text(v[AGENT_USERNAME], 16))
		return "username is missing or longer than 16 bytes";
	if (!v[AGENT_PASSWORD] && !v[AGENT_PASSWORD_SCRIPT])
		return "password is missing (or password_script)";
	if (v[AGENT_PASSWORD] && !is_text(v[AGENT_PASSWORD], 20))
		return "password is empty or longer than 20 bytes";
	if (!is_number(v[AGENT_IPPORT], 1, 65535) || strchr(v[AGENT_IPPORT], '.'))
		return "ipport is a number from 1 to 65535";
	if (strcmp(v[AGENT_CIPHER], "3") != 0)
		return "cipher: 3 is the only suite that this agent speaks";
	if (!privilege_of(v[AGENT_PRIVLVL]))
		return "privlvl is operator, administrator or user";
	if (strcasecmp(v[AGENT_METHOD], "onoff") != 0)
		return "method: only onoff; a chassis cycle does not prove that the machine was off";
	if (!is_number(v[AGENT_LOGIN_TIMEOUT], 0.5, 60))
		return "login_timeout is from 0.5 to 60 seconds";
	if (!is_number(v[AGENT_POWER_TIMEOUT], 1, 300))
		return "power_timeout is from 1 to 300 seconds";
	if (!is_number(v[AGENT_DELAY], 0, 3600))
		return "delay is from 0 to 3600 seconds";
	if (!is_guid(v[AGENT_GUID]))
		return "guid is none or xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
	if (v[AGENT_HEXADECIMAL_KG] &&
		(!is_text(v[AGENT_HEXADECIMAL_KG], 40) || strlen(v[AGENT_HEXADECIMAL_KG]) % 2 != 0 ||
			strspn(v[AGENT_HEXADECIMAL_KG], "0123456789abcdefABCDEF") != strlen(v[AGENT_HEXADECIMAL_KG])))
		return "hexadecimal_kg is 2 to 40 hexadecimal digits";
	return NULL;
}

/* A libconfig string, whatever is in it. */
static void
put_string(FILE *out, const char *text)
{
	(void)fputc('"', out);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			(void)fputc('\\', out);
		(void)fputc(*text, out);
	}
	(void)fputc('"', out);
}

/* A number as libconfig wants a setting in seconds: with a point. */
static double
seconds(const struct cli_agent_options *options, enum cli_agent_key key)
{
	return strtod(options->values[key], NULL);
}

static void
write_text(FILE *out, const struct cli_agent_options *options, const char *address)
{
	char *const *v = options->values;

	(void)fputs("cluster: { name = \"agent\"; authkey_file = \"/nonexistent/authkey\"; };\n"
		    "nodes = (\n  { name = \"" CLI_AGENT_HERE "\"; priority = 100;\n"
		    "    links = ( { address = \"192.0.2.1\"; } ); },\n"
		    "  { name = \"" CLI_AGENT_TARGET "\"; priority = 90;\n"
		    "    links = ( { address = \"192.0.2.2\"; } );\n    imm: { address = ",
		out);
	put_string(out, address);
	(void)fprintf(out, "; port = %s; privlvl = \"%s\"; guid = \"%s\";\n", v[AGENT_IPPORT],
		privilege_of(v[AGENT_PRIVLVL]), v[AGENT_GUID]);
	if (v[AGENT_HEXADECIMAL_KG])
		(void)fprintf(out, "      hexadecimal_kg = \"%s\";\n", v[AGENT_HEXADECIMAL_KG]);
	(void)fputs("      username = ", out);
	put_string(out, v[AGENT_USERNAME]);
	(void)fputs("; password = ", out);
	put_string(out, v[AGENT_PASSWORD]);
	(void)fprintf(out,
		"; }; } );\n"
		"vrrp = ( { name = \"agent\"; interface = \"lo\"; virtual_router_id = 1;\n"
		"           virtual_ipaddress = ( \"192.0.2.3/24\" ); } );\n"
		"fence: { login_timeout = %.3f; power_timeout = %.3f; };\n",
		seconds(options, AGENT_LOGIN_TIMEOUT), seconds(options, AGENT_POWER_TIMEOUT));
}

/* Not on a disk, and gone with the last process that has it. */
static int
write_file(const char *text, size_t length)
{
	int fd = memfd_create(CLI_AGENT_NAME, MFD_CLOEXEC);

	if (fd >= 0 && fchmod(fd, S_IRUSR | S_IWUSR) == 0 && write(fd, text, length) == (ssize_t)length)
		return fd;
	cli_agent_error("no memory file: %s", strerror(errno));
	if (fd >= 0)
		(void)close(fd);
	return -1;
}

int
cli_agent_config_open(const struct cli_agent_options *given)
{
	struct cli_agent_options options = *given;
	const char *wrong = check(&options);
	char address[128], text[TEXT_MAX];
	FILE *out;
	int fd = -1;
	bool own = false; /* the password is of the script, and ours to wipe */

	if (wrong) {
		cli_agent_error("%s", wrong);
		return -1;
	}
	if (!resolve(&options, address, sizeof(address)))
		return -1;
	if (!options.values[AGENT_PASSWORD]) {
		own = run_script(&options);
		if (!own)
			return -1;
	}
	out = is_text(options.values[AGENT_PASSWORD], 20) ? fmemopen(text, sizeof(text), "w") : NULL;
	if (out) {
		setbuf(out, NULL);
		write_text(out, &options, address);
		bool good = ferror(out) == 0;
		long length = ftell(out);
		(void)fclose(out);
		fd = good && length > 0 ? write_file(text, (size_t)length) : -1;
		explicit_bzero(text, sizeof(text));
	} else {
		cli_agent_error("the password is empty or longer than 20 bytes");
	}
	if (own) {
		explicit_bzero(options.values[AGENT_PASSWORD], strlen(options.values[AGENT_PASSWORD]));
		free(options.values[AGENT_PASSWORD]);
	}
	return fd;
}

void
cli_agent_config_close(int fd)
{
	const char zeros[TEXT_MAX] = { 0 };

	if (fd < 0)
		return;
	(void)!pwrite(fd, zeros, sizeof(zeros), 0);
	(void)close(fd);
}
