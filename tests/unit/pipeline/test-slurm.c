#include "pipeline/slurm-poll.h"
#include "pipeline/slurm-resources.h"
#include "pipeline/slurm-run.h"
#include "pipeline/slurm-script.h"

#include "../tap.h"
#include "base/error.h"
#include "base/path.h"
#include "doc/yaml.h"

#include <string.h>

/* The options for resources written so, joined by blanks. New string. */
static char *options(const char *yaml, GError **error)
{
	autoptr(doc) doc = yaml_read(yaml, strlen(yaml), "test", NULL);
	g_auto(GStrv) list = slurm_resources(doc->root, error);

	return list ? g_strjoinv(" ", list) : NULL;
}

static void assert_options(const char *yaml, const char *expected)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *found = options(yaml, &error);

	g_assert_no_error(error);
	g_assert_cmpstr(found, ==, expected);
}

static void assert_refused(const char *yaml, const char *expected)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *found = options(yaml, &error);

	g_assert_null(found);
	g_assert_true(error_is(error, ERROR_INVALID));
	g_assert_nonnull(strstr(error->message, expected));
}

static void resources(void)
{
	g_auto(GStrv) none = slurm_resources(NULL, NULL);

	g_assert_null(none[0]);
	assert_options("{}", "");
	assert_options("{time: 90, cpus: 4, mem: 8G}", "--cpus-per-task=4 --mem=8G --time=90");
	assert_options("{mem: 8G, cpus: 4, time: 90}", "--cpus-per-task=4 --mem=8G --time=90");
	assert_options("{cpus_per_task: '4', time: '1:30:00'}", "--cpus-per-task=4 --time=1:30:00");
	assert_options("time: 1:30:00", "--time=1:30:00");
	assert_options("time: 2-12", "--time=2-12");
	assert_options("{exclusive: true}", "--exclusive");
	assert_options("{exclusive: false}", "");
	assert_options("{nice: -5, gres: 'gpu:a100:2', constraint: 'a&b|[c*2]', nodelist: 'n[1-3,5]'}",
		       "--constraint=a&b|[c*2] --gres=gpu:a100:2 --nice=-5 --nodelist=n[1-3,5]");
}

/* What is no need of a stage, or not written as one, is told with its line, and all of it at once. */
static void refused_resources(void)
{
	assert_refused("wrap: rm -rf /", "line 1: meta.slurm has no key 'wrap'");
	assert_refused("mem: 8G\ncpu: 4\ntime: soon", "line 2: meta.slurm has no key 'cpu'; line 3: 'time' wants minutes");
	assert_refused("{cpus: 4, cpus-per-task: 4, cpus_per_task: 5}", "'cpus_per_task' is there twice");
	assert_refused("cpus: 0", "'cpus' wants a number above 0");
	assert_refused("cpus: 1.5", "'cpus' wants");
	assert_refused("cpus: [1]", "'cpus' wants");
	assert_refused("cpus:", "'cpus' wants");
	assert_refused("mem: 8GB", "'mem' wants");
	assert_refused("mem: -1", "'mem' wants");
	assert_refused("time: '1:'", "'time' wants");
	assert_refused("time: '1:2:3:4'", "'time' wants");
	assert_refused("partition: ''", "'partition' wants");
	assert_refused("partition: 'a b'", "'partition' wants");
	assert_refused("partition: \"a\\nb\"", "'partition' wants");
	assert_refused("partition: --wrap=x", "'partition' wants");
	assert_refused("exclusive: user", "'exclusive' wants");
	assert_refused("1: 2", "meta.slurm has no key 'an integer'");
	assert_refused("[cpus]", "meta.slurm is a list, not a map");
}

static void states(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GHashTable) found = slurm_parse_states("12|RUNNING\n13_0|TIMEOUT\n13_17|CANCELLED by 1000\n\n14|COMPLETED\n", &error);
	const struct slurm_state *state;

	g_assert_no_error(error);
	g_assert_cmpuint(g_hash_table_size(found), ==, 4);
	state = g_hash_table_lookup(found, "12");
	g_assert_true(state->alive);
	state = g_hash_table_lookup(found, "13_0");
	g_assert_false(state->alive);
	g_assert_cmpstr(state->reason, ==, "time limit");
	state = g_hash_table_lookup(found, "13_17");
	g_assert_cmpstr(state->reason, ==, "cancelled");
	state = g_hash_table_lookup(found, "14");
	g_assert_false(state->alive);
	g_assert_null(state->reason);
	g_assert_true(slurm_state_of("COMPLETING")->alive);
	g_assert_true(slurm_state_of("A_NEW_ONE")->alive);
	g_assert_cmpstr(slurm_state_of("NODE_FAIL")->reason, ==, "node lost");
	g_assert_cmpstr(slurm_state_of("OUT_OF_MEMORY")->reason, ==, "out of memory");
}

/* A line that is not understood is not taken for a job that is gone. */
static void odd_states(void)
{
	g_autoptr(GHashTable) none = slurm_parse_states("", NULL);
	static const char *const odd[] = {"12_[0-5]|PENDING\n", "12\n", "|RUNNING\n", "12_|RUNNING\n", "squeue: no\n", "12 |X\n"};

	for (size_t i = 0; i < G_N_ELEMENTS(odd); i++) {
		g_autoptr(GError) error = NULL;

		g_assert_null(slurm_parse_states(odd[i], &error));
		g_assert_true(error_is(error, ERROR_FAILED));
	}
	g_assert_cmpuint(g_hash_table_size(none), ==, 0);
}

static void submitted(void)
{
	g_autofree char *plain = slurm_parse_submitted("12\n", NULL), *cluster = slurm_parse_submitted("12;big\n", NULL);
	g_autoptr(GError) error = NULL;

	g_assert_cmpstr(plain, ==, "12");
	g_assert_cmpstr(cluster, ==, "12");
	g_assert_null(slurm_parse_submitted("Submitted batch job 12\n", &error));
	g_assert_nonnull(strstr(error->message, "Submitted batch job 12"));
	g_assert_null(slurm_parse_submitted("12", NULL));
}

static void array_limit(void)
{
	g_assert_cmpuint(slurm_parse_array_limit("A = 1\nMaxArraySize            = 1001\nMaxB = 7\n"), ==, 1001);
	g_assert_cmpuint(slurm_parse_array_limit("MaxArraySize = 0\n"), ==, 1);
	g_assert_cmpuint(slurm_parse_array_limit("MaxArraySize = 99999999999999999999\n"), ==, 4000000);
	g_assert_cmpuint(slurm_parse_array_limit(""), ==, 1);
}

static void complaints(void)
{
	g_autofree char *last = slurm_complaint("sbatch: error: a\nsbatch: error: b\n\n"), *none = slurm_complaint("");

	g_assert_cmpstr(last, ==, "sbatch: error: b");
	g_assert_cmpstr(none, ==, "");
}

/* Nothing in a stage leaves the words that it is written in. */
static void script(void)
{
	static const char *const commands[] = {"echo 'it'\nexit 1", NULL}, *const environment[] = {"A=b 'c' $d", NULL};
	static const char *const shell[] = {"/bin/sh", "-c", NULL};
	const struct exec_job job = {.title = "t\nrm", .commands = commands, .dir = "/d $x", .environment = environment, .log = "/l'g"};
	const struct slurm_place place = {.dir = "/run a", .shell = shell, .number = 7};
	g_autofree char *text = slurm_script(&job, &place);
	g_autofree char *array = slurm_starter("/run a", 7, true), *plain = slurm_starter("/run a", 7, false);

	g_assert_cmpstr(text, ==,
			"#!/bin/sh\n"
			"woken= terminated=\n"
			"trap 'woken=1' CONT\n"
			"trap 'terminated=143' TERM\n"
			"end() {\n"
			"\t[ -z \"$woken\" ] || sleep 1\n"
			"\tset -- \"${terminated:-$1}\"\n"
			"\tprintf '%s\\n' \"$1\" >'/run a/7.end.new' && mv -f '/run a/7.end.new' '/run a/7.end'\n"
			"\texit \"$1\"\n"
			"}\n"
			"echo \"$SLURM_JOB_ID\" >'/run a/7.start' || exit 1\n"
			"true >'/l'\\''g' || end 1\n"
			"exec >>'/l'\\''g' 2>&1 </dev/null\n"
			"cd '/d $x' || end 1\n"
			"export 'A=b '\\''c'\\'' $d'\n"
			"printf '> %s\\n' 'echo '\\''it'\\''\nexit 1'\n"
			"'/bin/sh' '-c' 'echo '\\''it'\\''\nexit 1' || end $?\n"
			"end 0\n");
	g_assert_cmpstr(array, ==, "#!/bin/sh\nexec /bin/sh '/run a'/$((7 + SLURM_ARRAY_TASK_ID)).sh\n");
	g_assert_cmpstr(plain, ==, "#!/bin/sh\nexec /bin/sh '/run a'/7.sh\n");
}

/* The exit status that a script with this command leaves. */
static int status_left(const char *command)
{
	const char *commands[] = {command, NULL};
	static const char *const environment[] = {NULL}, *const shell[] = {"/bin/sh", "-c", NULL};
	g_autofree char *log = path_join(tap_tmpdir(), "log");
	const struct exec_job job = {.title = "t", .commands = commands, .dir = tap_tmpdir(), .environment = environment, .log = log};
	const struct slurm_place place = {.dir = tap_tmpdir(), .shell = shell, .number = 1};
	g_autofree char *text = slurm_script(&job, &place);
	const char *argv[] = {"/bin/sh", "-c", text, NULL};

	g_assert_true(g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL));
	return slurm_run_status(tap_tmpdir(), 1);
}

/* A job that was told to end has not ended well, even if its command has. Going on after a pause is no reason to fail. */
static void terminated(void)
{
	g_assert_cmpint(status_left("true"), ==, 0);
	g_assert_cmpint(status_left("exit 3"), ==, 3);
	g_assert_cmpint(status_left("kill -CONT $PPID"), ==, 0);
	g_assert_cmpint(status_left("kill -TERM $PPID"), ==, 143);
	g_assert_cmpint(status_left("kill -CONT $PPID; (sleep 0.3; kill -TERM $PPID) & true"), ==, 143);
}

/* Run a command of a script here; its output. New string. */
static char *shell(const char *command)
{
	const char *argv[] = {"/bin/sh", "-c", command, NULL};
	char *out = NULL;
	int status;

	g_assert_true(g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &out, NULL, &status, NULL));
	g_assert_cmpint(status, ==, 0);
	return out;
}

/* Whether the digest of these paths is another one after the command. */
static bool tells(const char *command, char *const *paths)
{
	g_autofree char *look = slurm_look(tap_tmpdir(), paths), *before = shell(look), *after = NULL;

	g_free(shell(command));
	after = shell(look);
	return !g_str_equal(before, after);
}

/* Whatever happens to a file is seen, even if its content, size and mtime are the same afterwards. */
static void look(void)
{
	char *paths[] = {(char *)"a 'dir'", (char *)"-file", (char *)"absent", NULL}, *none[] = {NULL};
	g_autofree char *command = slurm_look(tap_tmpdir(), none), *nothing = shell(command);

	g_free(shell("mkdir \"a 'dir'\" && echo 1 >\"a 'dir'/one\" && echo 2 >./-file && ln -s -- -file \"a 'dir'/link\""));
	g_assert_cmpuint(strlen(nothing), ==, 64 + strlen("  -\n"));
	g_assert_false(tells("true", paths));
	g_assert_false(tells("cat \"a 'dir'/one\" ./-file; touch other", paths));
	g_assert_true(tells("touch -r ./-file stamp; echo 3 >./-file; touch -r stamp ./-file", paths));
	g_assert_true(tells("touch -r ./-file stamp; echo 4 >new; touch -r stamp new; mv new ./-file", paths));
	g_assert_true(tells("echo x >\"a 'dir'/two\"", paths));
	g_assert_true(tells("rm \"a 'dir'/two\"", paths));
	g_assert_true(tells("mkdir \"a 'dir'/empty\"", paths));
	g_assert_false(tells("touch \"a 'dir'\"", paths));
	g_assert_true(tells("touch absent", paths));
	g_assert_true(tells("rm ./-file", paths));
	g_assert_false(tells("touch anything", none));
}

/* What is noted, and when. */
static void noting_script(void)
{
	static const char *const commands[] = {"COMMAND", NULL}, *const environment[] = {NULL}, *const shell_words[] = {"sh", NULL};
	char *inputs[] = {(char *)"in", NULL}, *params[] = {(char *)"p.yaml", NULL}, *outputs[] = {(char *)"out", NULL};
	const struct slurm_notes notes = {.root = "/root", .inputs = inputs, .params = params, .outputs = outputs};
	const struct exec_job job = {.title = "t", .commands = commands, .dir = "/d", .environment = environment, .log = "/l"};
	const struct slurm_place place = {.dir = "/run", .shell = shell_words, .number = 1, .notes = &notes};
	g_autofree char *text = slurm_script(&job, &place);
	static const char *const order[] = {"./'in'", "'/run/1.read'", "./'p.yaml'", "'/run/1.params'",
					    "'/root/p.yaml' >'/run/1.params-0'", "sh' 'COMMAND'",
					    "'/run/1.read-after'", "'/run/1.params-after'", "./'out'", "'/run/1.wrote'", "end 0"};
	const char *at = text;

	for (size_t i = 0; i < G_N_ELEMENTS(order); i++) {
		at = strstr(at, order[i]);
		g_assert_nonnull(at);
	}
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	g_test_add_func("/slurm/resources", resources);
	g_test_add_func("/slurm/refused-resources", refused_resources);
	g_test_add_func("/slurm/states", states);
	g_test_add_func("/slurm/odd-states", odd_states);
	g_test_add_func("/slurm/submitted", submitted);
	g_test_add_func("/slurm/array-limit", array_limit);
	g_test_add_func("/slurm/complaints", complaints);
	g_test_add_func("/slurm/script", script);
	g_test_add_func("/slurm/look", look);
	g_test_add_func("/slurm/terminated", terminated);
	g_test_add_func("/slurm/noting-script", noting_script);
	return g_test_run();
}
