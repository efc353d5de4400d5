/* The control socket's promise: who may only read keeps nobody out who may command, and commands nothing; and what
 * ha-fence asks there before a power-down by hand. */
#include "daemon/cli_fence.h"
#include "daemon/control.h"
#include "test/unit/suite.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOBODY 65534
#define TURNS  200

static sd_event *event;
static struct control *control;
static char directory[64];
static unsigned requests;

static void
on_request(void *userdata, const struct request *request, uint32_t token)
{
	(void)userdata;
	(void)request;
	requests++;
	control_answer(control, token, 0, "done", NULL, NULL);
}

static void
setup(void)
{
	char path[128];
	requests = 0;
	strcpy(directory, "/tmp/ha-test-control.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(directory));
	ck_assert_int_eq(chmod(directory, 0755), 0);
	ck_assert_int_ge(sd_event_new(&event), 0);
	ck_assert_int_eq(control_open(event, directory, on_request, NULL, &control), 0);
	snprintf(path, sizeof(path), "%s/" CONTROL_SOCKET, directory);
	ck_assert_int_eq(chmod(path, 0666), 0); /* the reader of the test is in no group */
}

static void
teardown(void)
{
	control_close(control);
	sd_event_unref(event);
	rmdir(directory);
}

/* Who connects is who the kernel says that he was then. */
static int
connect_as(uid_t user)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/" CONTROL_SOCKET, directory);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(seteuid(user), 0);
	int r = connect(fd, (struct sockaddr *)&address, sizeof(address));
	ck_assert_int_eq(seteuid(0), 0);
	ck_assert_int_eq(r, 0);
	return fd;
}

static void
turn(void)
{
	for (unsigned i = 0; i < TURNS && sd_event_run(event, 0) > 0; i++)
		;
}

/* What it was told: the text, "" if nothing, "closed" if the connection ended. */
static const char *
ask(int fd, const char *request)
{
	static char answer[512];
	if (send(fd, request, strlen(request), MSG_NOSIGNAL) < 0)
		return "closed";
	turn();
	ssize_t n = recv(fd, answer, sizeof(answer) - 1, 0);
	if (n == 0 || (n < 0 && errno == ECONNRESET))
		return "closed";
	answer[n > 0 ? n : 0] = '\0';
	return answer;
}

START_TEST(readers_only_read)
{
	int reader = connect_as(NOBODY), root = connect_as(0);
	ck_assert_ptr_nonnull(strstr(ask(reader, "{\"request\":\"version\"}\n"), "done"));
	ck_assert_ptr_nonnull(strstr(ask(reader, "{\"request\":\"standby\"}\n"), "may command"));
	ck_assert_uint_eq(requests, 1);
	ck_assert_ptr_nonnull(strstr(ask(root, "{\"request\":\"standby\"}\n"), "done"));
	close(reader);
	close(root);
}
END_TEST

START_TEST(readers_make_room)
{
	int readers[CONTROL_CLIENTS], late, root;
	for (unsigned i = 0; i < CONTROL_CLIENTS; i++) {
		readers[i] = connect_as(NOBODY);
		turn();
	}
	/* The first has something to say, so that the second is the quietest. */
	ck_assert_ptr_nonnull(strstr(ask(readers[0], "{\"request\":\"version\"}\n"), "done"));
	late = connect_as(NOBODY);
	ck_assert_str_eq(ask(late, "{\"request\":\"version\"}\n"), "closed");
	root = connect_as(0);
	ck_assert_ptr_nonnull(
		strstr(ask(root, "{\"request\":\"confirm-off\",\"node\":\"NodeA\",\"dry\":true}\n"), "done"));
	ck_assert_str_eq(ask(readers[1], "{\"request\":\"version\"}\n"), "closed");
	ck_assert_ptr_nonnull(strstr(ask(readers[0], "{\"request\":\"version\"}\n"), "done"));
	ck_assert_ptr_nonnull(strstr(ask(readers[2], "{\"request\":\"version\"}\n"), "done"));
	for (unsigned i = 0; i < CONTROL_CLIENTS; i++)
		close(readers[i]);
	close(late);
	close(root);
}
END_TEST

/* A command that is being worked on keeps its place whoever comes. */
START_TEST(commanders_stay)
{
	int fds[CONTROL_CLIENTS], late;
	for (unsigned i = 0; i < CONTROL_CLIENTS; i++) {
		fds[i] = connect_as(0);
		turn();
	}
	late = connect_as(0);
	ck_assert_str_eq(ask(late, "{\"request\":\"version\"}\n"), "closed");
	for (unsigned i = 0; i < CONTROL_CLIENTS; i++) {
		ck_assert_ptr_nonnull(strstr(ask(fds[i], "{\"request\":\"version\"}\n"), "done"));
		close(fds[i]);
	}
	close(late);
}
END_TEST

/* --- ha-fence, with a daemon that knows better than it did --- */

static const char *said; /* what the daemon answers: facts as JSON; NULL: it does not */

static void
on_facts(void *userdata, const struct request *request, uint32_t token)
{
	(void)userdata;
	ck_assert_int_eq(request->type, REQUEST_TEST);
	if (said != NULL)
		control_answer(control, token, 0, "test", NULL, json_loads(said, 0, NULL));
}

/* A process with a loop of its own; it listens when this returns. */
static pid_t
serve(void)
{
	int ends[2];
	char byte = 0;
	ck_assert_int_eq(pipe(ends), 0);
	pid_t pid = fork();
	if (pid == 0) {
		if (sd_event_new(&event) >= 0 && control_open(event, directory, on_facts, NULL, &control) == 0 &&
			write(ends[1], &byte, 1) == 1)
			(void)sd_event_loop(event);
		_exit(1);
	}
	ck_assert_int_gt(pid, 0);
	ck_assert_int_eq(read(ends[0], &byte, 1), 1);
	close(ends[0]);
	close(ends[1]);
	return pid;
}

#define BACKUP "{\"holding\":true,\"peer\":{\"heard\":true,\"holding\":false}}"
#define HOLDER "{\"holding\":false,\"peer\":{\"heard\":true,\"holding\":true}}"
#define SILENT "{\"holding\":true,\"peer\":{\"heard\":false,\"holding\":false}}"

/* The peer is to be powered down; it was a backup when the test began. */
static const struct {
	const char *before, *now;
	bool force, permitted;
} moments[] = {
	{ BACKUP, BACKUP, false, true },
	{ BACKUP, HOLDER, false, false },
	{ BACKUP, HOLDER, true, true },
	{ BACKUP, SILENT, false, false },
	{ BACKUP, NULL, false, false },
	{ SILENT, SILENT, false, true },
	{ SILENT, BACKUP, false, true },
	{ SILENT, HOLDER, false, false },
	{ HOLDER, BACKUP, false, false },
};

START_TEST(fencing_by_hand_looks_again)
{
	struct cli_options options = { .runtime_dir = directory,
		.given = CLI_OPTION_YES | (moments[_i].force ? CLI_OPTION_FORCE : 0) };
	struct config *config = calloc(1, sizeof(*config));
	json_t *before = json_loads(moments[_i].before, 0, NULL);
	ck_assert_ptr_nonnull(config);
	ck_assert_ptr_nonnull(before);
	strcpy(config->nodes[0].name, "NodeA");
	strcpy(config->nodes[1].name, "NodeB");
	said = moments[_i].now;
	pid_t pid = serve();
	ck_assert_int_eq(cli_fence_permitted(&options, config, before, 1, true), moments[_i].permitted);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	json_decref(before);
	free(config);
}
END_TEST

int
main(void)
{
	if (geteuid() != 0) {
		fputs("control: needs root to connect as another user\n", stderr);
		return 77;
	}
	Suite *suite = suite_create("control");
	TCase *tcase = suite_case(suite, "control");
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, readers_only_read);
	tcase_add_test(tcase, readers_make_room);
	tcase_add_test(tcase, commanders_stay);
	tcase_add_loop_test(tcase, fencing_by_hand_looks_again, 0, sizeof(moments) / sizeof(moments[0]));
	return suite_run(suite);
}
