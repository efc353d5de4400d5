/* Keys and passwords: each process gets those it asked for, and only from files that others cannot read (S11). */
#include "lib/config_internal.h"
#include "lib/secret.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
report_file(struct config_loader *loader, const void *field, const void *group, const char *path, int error,
	const char *what, enum config_severity severity)
{
	char hint[2 * CONFIG_PATH_MAX + 64], text[256];

	snprintf(hint, sizeof(hint), "fix: chmod 600 %s", path);
	switch (error) {
	case -EPERM:
		snprintf(text, sizeof(text), "others can read or write this file");
		break;
	case -ENODATA:
		snprintf(text, sizeof(text), "the file holds no %s", what);
		snprintf(hint, sizeof(hint), "write the %s in it", what);
		break;
	case -EMSGSIZE:
		snprintf(text, sizeof(text), "too long");
		snprintf(
			hint, sizeof(hint), "IPMI 2.0 passwords have at most 20 bytes; the first line is the password");
		break;
	case -EILSEQ:
		snprintf(text, sizeof(text), "it holds a control character");
		snprintf(hint, sizeof(hint), "the first line is the password");
		break;
	default:
		snprintf(text, sizeof(text), "%s", strerror(-error));
		if (error == -EACCES)
			snprintf(hint, sizeof(hint),
				"run this as root; for the service: chgrp ha-fenced %s; chmod 640 %s", path, path);
		else
			snprintf(hint, sizeof(hint), "write the file, mode 600");
	}
	if (severity == CONFIG_ERROR)
		config_error_at(loader, field, group, hint, "%s: %s", path, text);
	else
		config_warning_at(loader, field, group, hint, "%s: %s", path, text);
}

/* systemd hands the service its credentials in a directory that nobody else can read. */
static int
read_credential(const struct config_node *node, char *buffer, size_t size)
{
	const char *directory = getenv("CREDENTIALS_DIRECTORY");
	char path[CONFIG_PATH_MAX + CONFIG_NAME_MAX];
	int length;

	if (!directory)
		return -ENOENT;
	length = snprintf(path, sizeof(path), "%s/%s.imm", directory, node->name);
	if (length < 0 || (size_t)length >= sizeof(path))
		return -ENAMETOOLONG;
	return secret_read_line(path, buffer, size);
}

/* The peer's password is what fencing needs; without the own one only the own IMM cannot be looked at. */
static void
load_password(struct config_loader *loader, unsigned index)
{
	struct config_node *node = &loader->config->nodes[index];
	struct config_imm *imm = &node->imm;
	bool own = index == loader->config->local && !(loader->flags & CONFIG_NO_LOCAL);
	enum config_severity severity = own ? CONFIG_WARNING : CONFIG_ERROR;
	char name[CONFIG_NAME_MAX + 8];
	int r;

	if (!imm->configured || config_field_is_set(loader, imm->password))
		return;
	if (imm->password_file[0] != '\0' && !(loader->flags & CONFIG_PASSWORDS)) {
		if (secret_look(imm->password_file) == -EPERM)
			report_file(
				loader, imm->password_file, imm, imm->password_file, -EPERM, "password", CONFIG_ERROR);
		return;
	}
	if (!(loader->flags & CONFIG_PASSWORDS))
		return;
	if (imm->password_file[0] != '\0') {
		r = secret_read_line(imm->password_file, imm->password, sizeof(imm->password));
		if (r < 0)
			report_file(loader, imm->password_file, imm, imm->password_file, r, "password",
				r == -EPERM ? CONFIG_ERROR : severity);
		return;
	}
	r = read_credential(node, imm->password, sizeof(imm->password));
	if (r == 0)
		return;
	snprintf(name, sizeof(name), "%s.imm", node->name);
	if (r != -ENOENT)
		report_file(loader, imm, imm, name, r, "password", severity);
	else if (own)
		config_warning_at(
			loader, imm, imm, "set nodes.imm.password_file", "the IMM of %s has no password", node->name);
	else
		config_error_at(loader, imm, imm,
			"set nodes.imm.password_file, or give the service the credential NODE.imm",
			"the IMM of %s has no password", node->name);
}

/* A device that lacks its password fails by itself; the IMM is not to fail with it. */
static void
load_device_secrets(struct config_loader *loader, struct config_device *device)
{
	int r;

	if (device->password_file[0] == '\0')
		return;
	if (loader->flags & CONFIG_PASSWORDS)
		r = secret_read_options(device->password_file, device->secrets, sizeof(device->secrets));
	else
		r = secret_look(device->password_file);
	if (r == -EILSEQ)
		config_warning_at(loader, device->password_file, device,
			"the first line is the password; further lines are secrets: snmp_priv_passwd=..., "
			"community=..., "
			"token=...; everything else goes into options",
			"%s: a line that is no secret option", device->password_file);
	else if (r == -EMSGSIZE)
		config_warning_at(loader, device->password_file, device, "at most 500 bytes in all", "%s: too long",
			device->password_file);
	else if (r < 0)
		report_file(loader, device->password_file, device, device->password_file, r, "password",
			r == -EPERM ? CONFIG_ERROR : CONFIG_WARNING);
}

static void
load_keys(struct config_loader *loader)
{
	struct config *config = loader->config;
	const char *path = config->authkey_file;
	unsigned line = 0;
	int r;

	if (path[0] == '\0')
		return; /* missing: said already */
	if (!(loader->flags & CONFIG_AUTHKEYS)) {
		if (secret_look(path) == -EPERM)
			report_file(loader, path, config, path, -EPERM, "key", CONFIG_ERROR);
		return;
	}
	r = secret_read_keys(path, config->keys, &config->key_count, &line);
	if (r == -EILSEQ)
		config_error_at(loader, path, config,
			"a key is a line of 64 hexadecimal digits, as ha-fence keygen writes it",
			"%s:%u: this is no key", path, line);
	else if (r == -EMSGSIZE)
		config_error_at(loader, path, config, "delete old keys; the first one signs, all verify",
			"%s: more than %d keys", path, CONFIG_KEYS);
	else if (r == -ENOENT || r == -ENODATA)
		config_error_at(loader, path, config,
			"make it once, with: ha-fence keygen; then copy it to the other node, mode 600", "%s: %s", path,
			r == -ENOENT ? strerror(ENOENT) : "the file holds no key");
	else if (r < 0)
		report_file(loader, path, config, path, r, "key", CONFIG_ERROR);
}

/* A password in a configuration file that others can read is no secret. */
static void
check_file_modes(struct config_loader *loader)
{
	const struct config_origins *origins = loader->config->origins;

	for (size_t i = 0; i < origins->count; i++) {
		const struct config_origin *origin = &origins->list[i];
		const struct config_file *file = &loader->text.files[origin->file];
		char hint[CONFIG_PATH_MAX + 64];

		if (!origin->spec || file->stat.st_mode == 0 || secret_mode_is_safe(&file->stat))
			continue;
		snprintf(hint, sizeof(hint), "fix: chmod 600 %.*s", CONFIG_PATH_MAX, file->path);
		if (origin->spec->flags & CONFIG_SECRET)
			config_error_at(loader, origin->field, NULL, hint,
				"nodes.imm.%s in a file that others can read", origin->spec->name);
		else if (origin->spec->flags & CONFIG_MASKED)
			config_warning_at(loader, origin->field, NULL, hint, "vrrp.%s in a file that others can read",
				origin->spec->name);
	}
}

void
config_load_secrets(struct config_loader *loader)
{
	check_file_modes(loader);
	if (loader->no_system)
		return;
	load_keys(loader);
	load_password(loader, 0);
	load_password(loader, 1);
	for (unsigned i = 0; i < 2; i++)
		for (unsigned d = 0; d < loader->config->nodes[i].device_count; d++)
			load_device_secrets(loader, &loader->config->nodes[i].devices[d]);
}
