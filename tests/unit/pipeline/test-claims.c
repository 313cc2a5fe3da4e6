#include "pipeline-kit.h"
#include "pipeline/claims.h"
#include "workspace/rwlock.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>

static const char pipeline[] = "stages:\n"
			       "  a:\n    cmd: a\n    deps: [in]\n    outs: [a.out]\n"
			       "  b:\n    cmd: b\n    deps: [a.out, in]\n    outs: [b.out]\n"
			       "  c:\n    cmd: c\n    outs: [c.out]\n";

static void load(struct loaded *loaded, struct project *project)
{
	project_write(project, project->ws->dialect->pipeline_name, pipeline);
	kit_load(loaded, project);
}

static enum claims_answer take(struct claims *claims, const struct stage *stage, bool *disturbed)
{
	g_autofree char *holder = NULL;
	g_autoptr(GError) error = NULL;
	enum claims_answer answer = claims_take(claims, stage, &holder, disturbed, &error);

	g_assert_no_error(error);
	g_assert_cmpint(holder != NULL, ==, answer == CLAIMS_BUSY);
	return answer;
}

static enum claims_answer look(struct claims *claims, const struct stage *stage)
{
	g_autofree char *holder = NULL;
	g_autoptr(GError) error = NULL;
	enum claims_answer answer = claims_look(claims, stage, &holder, &error);

	g_assert_no_error(error);
	return answer;
}

static void drop(struct claims *claims, const struct stage *stage)
{
	g_autoptr(GPtrArray) stages = g_ptr_array_new();

	g_ptr_array_add(stages, (void *)stage);
	g_assert_true(claims_drop(claims, stages, NULL));
}

static void assert_table(struct project *project, const char *part, bool there)
{
	g_autofree char *path = rwlock_path(project->ws), *text = NULL;

	g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
	g_assert_cmpint(strstr(text, part) != NULL, ==, there);
}

/* A child that claims this stage and holds it until it is killed; it runs when this returns. */
static pid_t hold(struct project *project, const struct loaded *loaded, const char *name)
{
	int ready[2];
	char byte;
	pid_t pid;

	g_assert_cmpint(pipe(ready), ==, 0);
	pid = fork();
	g_assert_cmpint(pid, >=, 0);
	if (!pid) {
		struct claims *claims = claims_new(project->ws, "git mlv repro");
		bool disturbed;

		if (take(claims, kit_stage(loaded, name), &disturbed) == CLAIMS_FREE && write(ready[1], "x", 1) == 1)
			pause();
		_exit(1);
	}
	close(ready[1]);
	g_assert_cmpint(read(ready[0], &byte, 1), ==, 1);
	close(ready[0]);
	return pid;
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* What two stages of ours read stays claimed until both are done. */
static void ours_are_counted(struct project *project, gconstpointer dialect)
{
	autoptr(claims) claims = claims_new(project->ws, "git mlv repro");
	struct loaded loaded;
	bool disturbed;

	(void)dialect;
	load(&loaded, project);
	g_assert_cmpint(take(claims, kit_stage(&loaded, "a"), &disturbed), ==, CLAIMS_FREE);
	g_assert_false(disturbed);
	g_assert_cmpint(take(claims, kit_stage(&loaded, "b"), &disturbed), ==, CLAIMS_FREE);
	g_assert_false(disturbed);
	drop(claims, kit_stage(&loaded, "a"));
	assert_table(project, "/in\"", true);
	assert_table(project, "/b.out\"", true);
	/* One that was never claimed takes nothing from the others. */
	drop(claims, kit_stage(&loaded, "a"));
	assert_table(project, "/in\"", true);
	drop(claims, kit_stage(&loaded, "b"));
	assert_table(project, "git mlv", false);
	g_clear_pointer(&claims, claims_free);
	kit_unload(&loaded);
}

static void the_rest_is_given_up_at_the_end(struct project *project, gconstpointer dialect)
{
	struct claims *claims = claims_new(project->ws, "git mlv repro");
	struct loaded loaded;
	bool disturbed;

	(void)dialect;
	load(&loaded, project);
	g_assert_cmpint(take(claims, kit_stage(&loaded, "b"), &disturbed), ==, CLAIMS_FREE);
	claims_free(claims);
	assert_table(project, "git mlv", false);
	kit_unload(&loaded);
}

/* Others are waited for where paths meet, and noticed. */
static void others_are_heeded(struct project *project, gconstpointer dialect)
{
	struct claims *claims = claims_new(project->ws, "git mlv repro");
	struct loaded loaded;
	bool disturbed;
	pid_t pid;

	(void)dialect;
	load(&loaded, project);
	pid = hold(project, &loaded, "a");
	g_assert_cmpint(look(claims, kit_stage(&loaded, "a")), ==, CLAIMS_BUSY);
	g_assert_cmpint(look(claims, kit_stage(&loaded, "b")), ==, CLAIMS_BUSY);
	g_assert_cmpint(look(claims, kit_stage(&loaded, "c")), ==, CLAIMS_FREE);
	g_assert_cmpint(take(claims, kit_stage(&loaded, "c"), &disturbed), ==, CLAIMS_FREE);
	g_assert_true(disturbed);
	g_assert_cmpint(take(claims, kit_stage(&loaded, "b"), &disturbed), ==, CLAIMS_BUSY);
	g_assert_false(disturbed);
	/* Nothing of what cannot be had as a whole is claimed. */
	assert_table(project, "/b.out\"", false);
	end(pid);
	g_assert_cmpint(look(claims, kit_stage(&loaded, "b")), ==, CLAIMS_FREE);
	g_assert_cmpint(take(claims, kit_stage(&loaded, "b"), &disturbed), ==, CLAIMS_FREE);
	claims_free(claims);
	kit_unload(&loaded);
}

#define ADD(test)                                                                                                      \
	do {                                                                                                           \
		g_test_add("/claims/native/" #test, struct project, &dialect_native, project_set_up, test,             \
			   project_tear_down);                                                                         \
		g_test_add("/claims/dvc/" #test, struct project, &dialect_dvc, project_set_up, test,                   \
			   project_tear_down);                                                                         \
	} while (0)

int main(int argc, char **argv)
{
	kit_init(argc, argv);
	ADD(ours_are_counted);
	ADD(the_rest_is_given_up_at_the_end);
	ADD(others_are_heeded);
	return g_test_run();
}
