#include "exec-conformance.h"

#include "../remote/server.h"
#include "../tap.h"
#include "base/clock.h"
#include "base/error.h"
#include "doc/yaml.h"

#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

/* How long Slurm may take. */
#define PATIENCE_US (60 * G_USEC_PER_SEC)

static const char *const environment[] = {NULL};

/* Have a Slurm; why not, if there is none. */
static const char *prepare(struct exec_options *options G_GNUC_UNUSED)
{
	const char *why = NULL;
	struct server *server = server_get("slurm", &why);

	if (!server)
		return why;
	g_setenv("SLURM_CONF", server_value(server, "SLURM_CONF"), TRUE);
	return NULL;
}

struct bench {
	struct exec_options options;
	void *exec;
	GPtrArray *orders;
};

/* A job with what it borrows. */
struct order {
	struct exec_job job;
	const char *commands[2];
	char *log;
};

static void order_free(void *data)
{
	struct order *order = data;

	g_free(order->log);
	g_free(order);
}

static bool set_up(struct bench *bench)
{
	g_autoptr(GError) error = NULL;
	const char *why;

	*bench = (struct bench){.options = {.jobs = 1, .state_dir = tap_tmpdir()}};
	why = prepare(&bench->options);
	if (why) {
		g_test_skip(why);
		return false;
	}
	bench->exec = exec_slurm.open(&bench->options, &error);
	g_assert_no_error(error);
	bench->orders = g_ptr_array_new_with_free_func(order_free);
	return true;
}

static void tear_down(struct bench *bench)
{
	g_autoptr(GDir) left = NULL;

	exec_slurm.close(bench->exec);
	g_ptr_array_unref(bench->orders);
	left = g_dir_open("slurm", 0, NULL);
	g_assert_null(g_dir_read_name(left));
}

static struct exec_job *order(struct bench *bench, const char *command, const char *group)
{
	struct order *order = g_new0(struct order, 1);

	order->commands[0] = command;
	order->log = g_strdup_printf("%s/log-%u", tap_tmpdir(), bench->orders->len);
	order->job = (struct exec_job){
		.title = command,
		.group = group,
		.commands = order->commands,
		.dir = tap_tmpdir(),
		.environment = environment,
		.log = order->log,
	};
	g_ptr_array_add(bench->orders, order);
	return &order->job;
}

static struct exec_result next(struct bench *bench)
{
	int64_t deadline = clock_steady_us() + PATIENCE_US;
	struct exec_result result = {0};
	g_autoptr(GError) error = NULL;

	while (!exec_slurm.wait(bench->exec, 1000, &result, &error)) {
		g_assert_no_error(error);
		g_assert_cmpint(clock_steady_us(), <, deadline);
	}
	return result;
}

/* The text of a file that a job writes, once it ends with a newline. New string. */
static char *await_line(const char *path)
{
	int64_t deadline = clock_steady_us() + PATIENCE_US;
	char *text = NULL;

	while (!file_read(path, 100, &text, NULL, NULL) || !strchr(text, '\n')) {
		g_assert_cmpint(clock_steady_us(), <, deadline);
		g_clear_pointer(&text, g_free);
		g_usleep(20000);
	}
	return g_strchomp(text);
}

/* Jobs of one group are tasks of one array, those with other needs are not. */
static void arrays(void)
{
	static const char tell[] = "echo \"${SLURM_ARRAY_JOB_ID-none} ${SLURM_ARRAY_TASK_COUNT-none}\" >$(mktemp task.XXXXXX)";
	static const char needs[] = "time: 10";
	struct exec_job *jobs[4];
	struct bench bench;
	g_autoptr(GDir) here = NULL;
	autoptr(doc) doc = yaml_read(needs, strlen(needs), "needs", NULL);
	const char *name;
	guint tasks = 0, others = 0;

	if (!set_up(&bench))
		return;
	for (guint i = 0; i < G_N_ELEMENTS(jobs); i++)
		jobs[i] = order(&bench, tell, "grid");
	jobs[1]->resources = doc->root;
	g_assert_true(exec_slurm.start(bench.exec, jobs, G_N_ELEMENTS(jobs), NULL));
	g_assert_cmpuint(exec_slurm.room(bench.exec), <, 1000);
	for (guint i = 0; i < G_N_ELEMENTS(jobs); i++)
		g_assert_cmpint(next(&bench).status, ==, 0);
	g_assert_cmpuint(exec_slurm.room(bench.exec), ==, 1000);
	here = g_dir_open(".", 0, NULL);
	while ((name = g_dir_read_name(here))) {
		g_autofree char *text = g_str_has_prefix(name, "task.") ? await_line(name) : NULL;

		tasks += text && g_str_has_suffix(text, " 3");
		others += g_strcmp0(text, "none none") == 0;
	}
	g_assert_cmpuint(tasks, ==, 3);
	g_assert_cmpuint(others, ==, 1);
	tear_down(&bench);
}

/* Nothing starts if one of the jobs asks for what there is not. */
static void all_or_none(void)
{
	static const char needs[] = "partition: none-such";
	struct exec_job *jobs[2], *later;
	struct bench bench;
	g_autoptr(GError) error = NULL;
	autoptr(doc) doc = yaml_read(needs, strlen(needs), "needs", NULL);

	if (!set_up(&bench))
		return;
	jobs[0] = order(&bench, "touch was-here", NULL);
	jobs[1] = order(&bench, "true", NULL);
	later = order(&bench, "true", NULL);
	jobs[1]->resources = doc->root;
	g_assert_false(exec_slurm.start(bench.exec, jobs, 2, &error));
	g_assert_nonnull(strstr(error->message, "partition"));
	g_assert_cmpuint(exec_slurm.room(bench.exec), ==, 1000);
	/* If it ran, then before one that came later. */
	g_assert_true(exec_slurm.start(bench.exec, &later, 1, NULL));
	g_assert_cmpint(next(&bench).status, ==, 0);
	g_assert_false(g_file_test("was-here", G_FILE_TEST_EXISTS));
	tear_down(&bench);
}

static void needs_are_checked(void)
{
	static const char needs[] = "wrap: evil";
	struct exec_job *job;
	struct bench bench;
	g_autoptr(GError) error = NULL;
	autoptr(doc) doc = yaml_read(needs, strlen(needs), "needs", NULL);

	if (!set_up(&bench))
		return;
	job = order(&bench, "true", NULL);
	job->resources = doc->root;
	g_assert_false(exec_slurm.start(bench.exec, &job, 1, &error));
	g_assert_cmpstr(error->message, ==, "true: line 1: meta.slurm has no key 'wrap'");
	g_assert_nonnull(strstr(error_get_hint(error), "partition"));
	tear_down(&bench);
}

/* Somebody else's scancel, while it runs. */
static void cancelled(void)
{
	struct exec_result result;
	struct exec_job *job;
	struct bench bench;
	g_autofree char *id = NULL, *command = NULL;

	if (!set_up(&bench))
		return;
	job = order(&bench, "echo $SLURM_JOB_ID >id; sleep 300", NULL);
	g_assert_true(exec_slurm.start(bench.exec, &job, 1, NULL));
	id = await_line("id");
	command = g_strconcat("scancel ", id, NULL);
	g_assert_true(g_spawn_command_line_sync(command, NULL, NULL, NULL, NULL));
	result = next(&bench);
	g_assert_cmpint(result.status, !=, 0);
	g_assert_cmpstr(result.reason, ==, "cancelled");
	g_free(result.reason);
	tear_down(&bench);
}

/* Whether the process runs: one that ended and that nobody has asked about does not. */
static bool is_running(const char *pid)
{
	g_autofree char *path = g_strdup_printf("/proc/%s/stat", pid), *text = NULL;

	return g_file_get_contents(path, &text, NULL, NULL) && !strstr(text, ") Z ");
}

/* Jobs of a process that was killed are ended by the next one, before it starts its own. */
static void swept(void)
{
	g_autofree char *process = NULL;
	struct exec_job *job;
	struct bench bench;
	pid_t pid;

	if (!set_up(&bench))
		return;
	exec_slurm.close(bench.exec);
	pid = fork();
	g_assert_cmpint(pid, >=, 0);
	if (!pid) {
		bench.exec = exec_slurm.open(&bench.options, NULL);
		job = order(&bench, "echo $$ >process; exec sleep 300", NULL);
		exec_slurm.start(bench.exec, &job, 1, NULL);
		pause();
	}
	process = await_line("process");
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	g_assert_true(is_running(process));
	bench.exec = exec_slurm.open(&bench.options, NULL);
	g_assert_nonnull(bench.exec);
	g_assert_false(is_running(process));
	tear_down(&bench);
}

/* The files of a job that runs are gone: it ends, and we do not wait for ever. */
static void lost_folder(void)
{
	struct exec_result result;
	struct exec_job *job;
	struct bench bench;

	if (!set_up(&bench))
		return;
	job = order(&bench, "rm slurm/run-*/*.start; chmod -w slurm/run-*; mv slurm/run-* slurm/gone; kill -KILL $PPID", NULL);
	g_assert_true(exec_slurm.start(bench.exec, &job, 1, NULL));
	result = next(&bench);
	g_assert_cmpint(result.status, ==, -1);
	g_assert_nonnull(strstr(result.reason, "left no exit status"));
	g_free(result.reason);
	file_remove_tree(AT_FDCWD, "slurm/gone", NULL);
	tear_down(&bench);
}

static void not_there(void)
{
	struct exec_options options = {.jobs = 1, .state_dir = tap_tmpdir()};
	g_autofree char *path = g_strdup(g_getenv("PATH"));
	g_autoptr(GError) error = NULL;

	g_setenv("PATH", "/nowhere", TRUE);
	g_assert_null(exec_slurm.open(&options, &error));
	g_setenv("PATH", path, TRUE);
	g_assert_true(error_is(error, ERROR_NOT_FOUND));
	g_assert_nonnull(strstr(error_get_hint(error), "mlv.executor"));
}

int main(int argc, char **argv)
{
	static const struct exec_body body = {.ops = &exec_slurm, .wait_ms = 60000, .prepare = prepare};

	tap_init(argc, argv);
	exec_conformance_add(&body);
	g_test_add_func("/exec/slurm/arrays", arrays);
	g_test_add_func("/exec/slurm/all-or-none", all_or_none);
	g_test_add_func("/exec/slurm/needs-are-checked", needs_are_checked);
	g_test_add_func("/exec/slurm/cancelled", cancelled);
	g_test_add_func("/exec/slurm/swept", swept);
	g_test_add_func("/exec/slurm/lost-folder", lost_folder);
	g_test_add_func("/exec/slurm/not-there", not_there);
	return g_test_run();
}
