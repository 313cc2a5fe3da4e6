#include "exec-conformance.h"

#include "base/cancel.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/path.h"

#include <signal.h>
#include <string.h>

#define WAIT_MS 20000
#define JOBS 3

/* A job with what it borrows. */
struct order {
	struct exec_job job;
	char *log, *dir;
	char **commands, **environment;
};

struct bench {
	const struct exec_body *body;
	void *exec;
	GPtrArray *orders; /* of struct order */
};

static void order_free(void *data)
{
	struct order *order = data;

	g_free(order->log);
	g_free(order->dir);
	g_strfreev(order->commands);
	g_strfreev(order->environment);
	g_free(order);
}

/* Open the body; false if it cannot be tested here, which is said. */
static bool set_up(struct bench *bench, const struct exec_body *body)
{
	g_autofree char *here = g_get_current_dir(), *state = path_join(here, "state");
	struct exec_options options = {.jobs = JOBS, .state_dir = state};
	g_autoptr(GError) error = NULL;
	const char *why;

	g_assert_true(file_make_dirs(state, &error));
	why = body->prepare ? body->prepare(&options) : NULL;
	if (why) {
		g_test_skip(why);
		return false;
	}
	*bench = (struct bench){.body = body, .orders = g_ptr_array_new_with_free_func(order_free)};
	bench->exec = body->ops->open(&options, &error);
	g_assert_no_error(error);
	g_assert_nonnull(bench->exec);
	return true;
}

static void tear_down(struct bench *bench)
{
	bench->body->ops->close(bench->exec);
	g_ptr_array_unref(bench->orders);
}

/* A job of these commands (separated by '|'). */
static struct order *order(struct bench *bench, const char *commands)
{
	static const char *const environment[] = {"MLV_STAGE=a stage", "MLV_ROOT=/r", NULL};
	struct order *order = g_new0(struct order, 1);
	g_autofree char *name = g_strdup_printf("log %u", bench->orders->len);

	order->dir = g_get_current_dir();
	order->log = path_join(order->dir, name);
	order->commands = g_strsplit(commands, "|", -1);
	order->environment = g_strdupv((char **)environment);
	order->job = (struct exec_job){
		.title = "test",
		.commands = (const char *const *)order->commands,
		.dir = order->dir,
		.environment = (const char *const *)order->environment,
		.log = order->log,
		.tag = order,
	};
	g_ptr_array_add(bench->orders, order);
	return order;
}

static void start(struct bench *bench, struct order *one)
{
	struct exec_job *job = &one->job;
	g_autoptr(GError) error = NULL;

	g_assert_true(bench->body->ops->start(bench->exec, &job, 1, &error));
	g_assert_no_error(error);
}

/* The next job that ends, its status; *reason (may be NULL) is to be freed. */
static struct order *next(struct bench *bench, int *status, char **reason)
{
	int64_t deadline = clock_steady_us() + (int64_t)(bench->body->wait_ms ? bench->body->wait_ms : WAIT_MS) * 1000;
	struct exec_result result = {0};
	g_autoptr(GError) error = NULL;

	while (!bench->body->ops->wait(bench->exec, 100, &result, &error)) {
		g_assert_no_error(error);
		g_assert_cmpint(clock_steady_us(), <, deadline);
	}
	*status = result.status;
	if (reason)
		*reason = result.reason;
	else
		g_free(result.reason);
	return result.job->tag;
}

/* Run these commands; their status. */
static int run(struct bench *bench, struct order *one)
{
	int status;

	start(bench, one);
	g_assert_true(next(bench, &status, NULL) == one);
	return status;
}

static void assert_log(const struct order *one, const char *expected)
{
	g_autofree char *text = NULL;
	g_autoptr(GError) error = NULL;

	file_read(one->log, 1 << 20, &text, NULL, &error);
	g_assert_no_error(error);
	g_assert_cmpstr(text, ==, expected);
}

static void ends_well(const void *data)
{
	struct bench bench;
	char *reason = NULL;
	int status;

	if (!set_up(&bench, data))
		return;
	start(&bench, order(&bench, "true|true"));
	next(&bench, &status, &reason);
	g_assert_cmpint(status, ==, 0);
	g_assert_null(reason);
	tear_down(&bench);
}

static void no_commands(const void *data)
{
	struct bench bench;

	if (!set_up(&bench, data))
		return;
	g_assert_cmpint(run(&bench, order(&bench, "")), ==, 0);
	tear_down(&bench);
}

static void first_failure_ends(const void *data)
{
	struct bench bench;

	if (!set_up(&bench, data))
		return;
	g_assert_cmpint(run(&bench, order(&bench, "true|exit 3|exit 4")), ==, 3);
	tear_down(&bench);
}

static void output_is_logged(const void *data)
{
	struct bench bench;
	struct order *one;

	if (!set_up(&bench, data))
		return;
	one = order(&bench, "echo one; echo two >&2|exit 3|echo three");
	g_assert_true(g_file_set_contents(one->log, "what was in the file before is replaced, however long it is\n", -1, NULL));
	g_assert_cmpint(run(&bench, one), ==, 3);
	assert_log(one, "> echo one; echo two >&2\none\ntwo\n> exit 3\n");
	tear_down(&bench);
}

/* Each command is one shell, whatever is in it. */
static void odd_commands(const void *data)
{
	struct bench bench;
	struct order *one;

	if (!set_up(&bench, data))
		return;
	one = order(&bench, "x='it'\\''s %s $HOME'\nprintf '%s\\n' \"$x\"|printf '%s ' \"[$x]\" '\xc3\xa9' \\\\n");
	g_assert_cmpint(run(&bench, one), ==, 0);
	assert_log(one, "> x='it'\\''s %s $HOME'\nprintf '%s\\n' \"$x\"\nit's %s $HOME\n> printf '%s ' \"[$x]\" '\xc3\xa9' \\\\n\n[] \xc3\xa9 \\n ");
	tear_down(&bench);
}

static void place_and_environment(const void *data)
{
	g_autofree char *here = g_get_current_dir(), *dir = path_join(here, "a 'folder' \xff");
	g_autofree char *expected = g_strconcat("> pwd; echo \"$MLV_STAGE,$MLV_ROOT,$KEPT\"\n", dir, "\na stage,/r,kept\n", NULL);
	struct bench bench;
	struct order *one;

	g_setenv("MLV_STAGE", "to be replaced", TRUE);
	g_setenv("KEPT", "kept", TRUE);
	if (!set_up(&bench, data))
		return;
	g_assert_true(file_make_dirs(dir, NULL));
	one = order(&bench, "pwd; echo \"$MLV_STAGE,$MLV_ROOT,$KEPT\"");
	g_free(one->dir);
	one->job.dir = one->dir = g_strdup(dir);
	g_assert_cmpint(run(&bench, one), ==, 0);
	assert_log(one, expected);
	tear_down(&bench);
}

/* Commands cannot hang on a question to nobody. */
static void no_input(const void *data)
{
	struct bench bench;

	if (!set_up(&bench, data))
		return;
	g_assert_cmpint(run(&bench, order(&bench, "test -z \"$(cat)\"")), ==, 0);
	tear_down(&bench);
}

static void killed_by_signal(const void *data)
{
	struct bench bench;

	if (!set_up(&bench, data))
		return;
	g_assert_cmpint(run(&bench, order(&bench, "kill -KILL $$|true")), ==, 128 + SIGKILL);
	tear_down(&bench);
}

static void folder_is_gone(const void *data)
{
	struct bench bench;
	struct order *one;
	char *reason = NULL;
	int status;

	if (!set_up(&bench, data))
		return;
	one = order(&bench, "true");
	g_free(one->dir);
	one->job.dir = one->dir = g_strdup("/nowhere/at all");
	start(&bench, one);
	next(&bench, &status, &reason);
	g_assert_cmpint(status, !=, 0);
	g_free(reason);
	tear_down(&bench);
}

/* Jobs of one group, and others, started together: each ends once, with its own status. */
static void several_at_once(const void *data)
{
	static const char *const commands[JOBS] = {"exit 1", "exit 2", "true"};
	struct exec_job *jobs[JOBS];
	struct bench bench;
	int status, seen = 0;

	if (!set_up(&bench, data))
		return;
	g_assert_cmpuint(bench.body->ops->room(bench.exec), >=, JOBS);
	for (guint i = 0; i < JOBS; i++) {
		jobs[i] = &order(&bench, commands[i])->job;
		jobs[i]->group = i < 2 ? "a group" : NULL;
	}
	g_assert_true(bench.body->ops->start(bench.exec, jobs, JOBS, NULL));
	for (guint i = 0; i < JOBS; i++) {
		const struct order *one = next(&bench, &status, NULL);
		int expected = g_str_equal(one->commands[0], "true") ? 0 : one->commands[0][strlen("exit ")] - '0';

		g_assert_cmpint(status, ==, expected);
		seen |= 1 << expected;
	}
	g_assert_cmpint(seen, ==, 7);
	tear_down(&bench);
}

static void stopped(const void *data)
{
	struct exec_result result = {0};
	struct bench bench;
	g_autoptr(GError) error = NULL;
	g_autofree char *reason = NULL;
	int status;

	if (!set_up(&bench, data))
		return;
	start(&bench, order(&bench, "sleep 300|true"));
	g_assert_false(bench.body->ops->wait(bench.exec, 200, &result, &error));
	g_assert_no_error(error);
	bench.body->ops->stop(bench.exec, SIGTERM);
	next(&bench, &status, &reason);
	g_assert_cmpint(status, !=, 0);
	g_assert_cmpstr(reason, ==, "cancelled");
	tear_down(&bench);
}

/* Ctrl-C is told at once, and after stop() no longer: jobs still end with a result. In a process of its own. */
static void interrupted(const void *data)
{
	struct exec_result result = {0};
	struct bench bench;
	g_autoptr(GError) error = NULL;
	int status;

	if (g_test_subprocess()) {
		if (!set_up(&bench, data))
			return;
		start(&bench, order(&bench, "sleep 300"));
		cancel_request();
		g_assert_false(bench.body->ops->wait(bench.exec, 10000, &result, &error));
		g_assert_true(error_is(error, ERROR_CANCELLED));
		bench.body->ops->stop(bench.exec, SIGINT);
		next(&bench, &status, NULL);
		g_assert_cmpint(status, !=, 0);
		tear_down(&bench);
		return;
	}
	/* A process that skips its only test has not passed. */
	if (!set_up(&bench, data))
		return;
	tear_down(&bench);
	g_test_trap_subprocess(NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
	g_test_trap_assert_passed();
}

void exec_conformance_add(const struct exec_body *body)
{
	static const struct {
		const char *name;
		void (*run)(const void *body);
		bool real; /* asks for commands that really run */
	} tests[] = {
		{"ends-well", ends_well, false},
		{"no-commands", no_commands, false},
		{"first-failure-ends", first_failure_ends, false},
		{"several-at-once", several_at_once, false},
		{"stopped", stopped, false},
		{"interrupted", interrupted, false},
		{"output-is-logged", output_is_logged, true},
		{"odd-commands", odd_commands, true},
		{"place-and-environment", place_and_environment, true},
		{"no-input", no_input, true},
		{"killed-by-signal", killed_by_signal, true},
		{"folder-is-gone", folder_is_gone, true},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(tests); i++) {
		g_autofree char *path = g_strdup_printf("/exec/%s/%s", body->ops->name, tests[i].name);

		if (!tests[i].real || !body->imitates)
			g_test_add_data_func(path, body, tests[i].run);
	}
}
