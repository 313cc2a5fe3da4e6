#include "fake-exec.h"

#include "base/cancel.h"

#include <stdlib.h>
#include <string.h>

struct fake {
	unsigned jobs;
	GPtrArray *running; /* of struct exec_job */
	int signal;
};

static void *fake_open(const struct exec_options *options, GError **error G_GNUC_UNUSED)
{
	struct fake *fake = g_new0(struct fake, 1);

	fake->jobs = options->jobs;
	fake->running = g_ptr_array_new();
	return fake;
}

static unsigned fake_room(void *exec)
{
	const struct fake *fake = exec;

	return fake->jobs - MIN(fake->jobs, fake->running->len);
}

static bool fake_start(void *exec, struct exec_job *const *jobs, guint count, GError **error G_GNUC_UNUSED)
{
	struct fake *fake = exec;

	for (guint i = 0; i < count; i++)
		g_ptr_array_add(fake->running, jobs[i]);
	return true;
}

/* How the job ends; -1 if it goes on. */
static int status_of(const struct exec_job *job)
{
	for (const char *const *command = job->commands; *command; command++) {
		if (g_str_has_prefix(*command, "exit "))
			return atoi(*command + strlen("exit "));
		if (g_str_has_prefix(*command, "sleep "))
			return -1;
	}
	return 0;
}

static bool fake_wait(void *exec, int timeout_ms G_GNUC_UNUSED, struct exec_result *result, GError **error)
{
	struct fake *fake = exec;

	for (guint i = 0; i < fake->running->len; i++) {
		struct exec_job *job = g_ptr_array_index(fake->running, i);
		int status = status_of(job);

		if (status < 0 && !fake->signal)
			continue;
		*result = (struct exec_result){.job = job, .status = status};
		if (status < 0) {
			result->status = 128 + fake->signal;
			result->reason = g_strdup("cancelled");
		}
		g_ptr_array_remove_index(fake->running, i);
		return true;
	}
	if (!fake->signal)
		cancel_check(error);
	return false;
}

static void fake_stop(void *exec, int number)
{
	struct fake *fake = exec;

	fake->signal = number;
}

static void fake_close(void *exec)
{
	struct fake *fake = exec;

	if (!fake)
		return;
	g_ptr_array_unref(fake->running);
	g_free(fake);
}

const struct exec_ops fake_exec = {
	.name = "fake",
	.open = fake_open,
	.room = fake_room,
	.start = fake_start,
	.wait = fake_wait,
	.stop = fake_stop,
	.close = fake_close,
};
