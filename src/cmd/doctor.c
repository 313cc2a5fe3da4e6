#include "base/error.h"
#include "base/lock.h"
#include "base/proc.h"
#include "cmd/show.h"
#include "repo/hook.h"
#include "repo/worktree.h"
#include "store/part.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/statvfs.h>
#include <unistd.h>

static const struct option_spec doctor_specs[] = { OPT_END };

/* The outcome of the check-up so far. */
struct check_up {
	struct context *context;
	unsigned bad;
};

enum verdict { FINE, NOTABLE, WRONG };

/* One line: what was looked at, what was found, and for what is wrong the command that mends it (NULL: none). */
static void tell(struct check_up *check_up, enum verdict verdict, const char *what, const char *found, const char *mend)
{
	static const struct {
		const char *word;
		enum view_style style;
	} looks[] = { [FINE] = { "ok", VIEW_OK }, [NOTABLE] = { "note", VIEW_MODIFIED }, [WRONG] = { "WRONG", VIEW_BAD } };
	struct view *view = check_up->context->view;

	check_up->bad += verdict == WRONG;
	view_print(view, looks[verdict].style, "%-6s", looks[verdict].word);
	view_print(view, VIEW_PLAIN, "%-18s%s\n", what, found);
	if (mend)
		view_print(view, VIEW_DIM, "      %-18s%s\n", "", mend);
}

static void check_git(struct check_up *check_up)
{
	static const char *const argv[] = { "git", "--version", NULL };
	struct proc_result result = { 0 };
	g_autoptr(GError) error = NULL;

	if (!proc_run(argv, NULL, NULL, 0, 4096, &result, &error)) {
		tell(check_up, WRONG, "git", error->message, "apt-get install git");
		return;
	}
	tell(check_up, FINE, "git", g_strchomp(result.out), NULL);
	proc_result_clear(&result);
}

static void check_repository(struct check_up *check_up)
{
	static const struct {
		unsigned trait;
		const char *text;
	} traits[] = {
		{ REPO_SHALLOW, "a shallow clone: gc --remote is refused here" },
		{ REPO_PARTIAL, "a partial clone: gc --remote is refused here" },
		{ REPO_SINGLE_BRANCH, "a single-branch clone: gc --remote is refused here" },
		{ REPO_SPARSE, "sparse checkout: only data of files in the cone is checked out" },
	};
	const struct repo *repo = check_up->context->repo;
	unsigned have = repo_traits(repo);

	tell(check_up, FINE, "repository", repo->git_dir, NULL);
	for (gsize i = 0; i < G_N_ELEMENTS(traits); i++)
		if (have & traits[i].trait)
			tell(check_up, NOTABLE, "repository", traits[i].text, NULL);
}

/* What the file system of `dir` can do for links, tried with files of our own in the store. */
static void check_links(struct check_up *check_up, const struct store *store)
{
	g_autofree char *tried = NULL;
	auto_fd int from = openat(store->fd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	auto_fd int to = openat(store->fd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	bool reflinks = from >= 0 && to >= 0 && write(from, "x", 1) == 1 && ioctl(to, FICLONE, from) == 0;
	g_autoptr(GString) wanted = g_string_new(NULL);

	for (unsigned i = 0; i < store->options.link_count; i++)
		g_string_append_printf(wanted, "%s%s", i > 0 ? ", " : "", link_kind_name(store->options.links[i]));
	tried = g_strdup_printf("%s (reflinks %s here)", wanted->str, reflinks ? "work" : "do not work");
	tell(check_up, FINE, "links", tried,
	     reflinks || store->options.links[0] != LINK_REFLINK
		     ? NULL
		     : "data takes its space twice; git config mlv.links hardlink,copy saves it, with read-only files");
}

/* Downloads that were broken off and wait for the next fetch. */
static void check_parts(struct check_up *check_up, const struct store *store)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *text = NULL, *count = NULL;
	struct part_usage usage;
	char size[16];

	if (!part_survey(store, &usage, &error)) {
		tell(check_up, WRONG, "downloads", error->message, error_get_hint(error));
		return;
	}
	if (usage.parts == 0)
		return;
	count = show_count(usage.parts, "was broken off", "were broken off");
	text = g_strdup_printf("%s, with %s received", count, view_size(size, usage.bytes));
	tell(check_up, NOTABLE, "downloads", text, "git mlv fetch goes on with them; git mlv gc removes them when they are old");
}

static void check_store(struct check_up *check_up)
{
	g_autoptr(GError) error = NULL;
	struct store *store = workspace_store(check_up->context->ws, &error);
	struct statvfs fs;
	char size[16];

	if (!store) {
		tell(check_up, WRONG, "store", error->message, error_get_hint(error));
		return;
	}
	tell(check_up, access(store->root, W_OK) == 0 ? FINE : WRONG, "store", store->root,
	     access(store->root, W_OK) == 0 ? NULL : "make it writable, or set mlv.store to another folder");
	if (fstatvfs(store->fd, &fs) == 0) {
		g_autofree char *text = NULL;
		uint64_t left = (uint64_t)fs.f_bavail * fs.f_frsize;

		text = g_strdup_printf("%s left", view_size(size, left));
		tell(check_up, left > (1 << 30) ? FINE : NOTABLE, "disk", text, left > (1 << 30) ? NULL : "git mlv gc");
	}
	check_links(check_up, store);
	check_parts(check_up, store);
}

static void check_data(struct check_up *check_up)
{
	g_autoptr(GError) error = NULL;
	autoptr(outputs) outputs = outputs_load(check_up->context->ws, NULL, &error);
	g_autofree char *text = NULL;

	if (!outputs) {
		tell(check_up, WRONG, "pointers", error->message, error_get_hint(error));
		return;
	}
	for (guint i = 0; i < outputs->problems->len; i++) {
		const GError *problem = g_ptr_array_index(outputs->problems, i);

		tell(check_up, WRONG, "pointers", problem->message, error_get_hint(problem));
	}
	text = show_count(outputs->list->len, "tracked file or folder", "tracked files and folders");
	tell(check_up, FINE, "tracked", text, NULL);
}

static void check_remotes(struct check_up *check_up)
{
	const struct settings *settings = check_up->context->ws->settings;

	if (settings->remotes->len == 0)
		tell(check_up, NOTABLE, "remotes", "none", "git mlv remote add -d <name> <url>");
	for (guint i = 0; i < settings->remotes->len; i++) {
		const struct remote_spec *spec = g_ptr_array_index(settings->remotes, i);
		bool is_default = settings->default_remote && strcmp(settings->default_remote, spec->name) == 0;
		g_autofree char *text = g_strdup_printf("%s%s: %s", spec->name, is_default ? " (default)" : "", spec->url);
		bool gone = *spec->url == '/' && !g_file_test(spec->url, G_FILE_TEST_IS_DIR);

		tell(check_up, gone ? NOTABLE : FINE, "remote", text, gone ? "the folder does not exist yet; git mlv push makes it" : NULL);
	}
}

static void check_hooks(struct check_up *check_up)
{
	bool installed = hook_is_installed(check_up->context->repo, "pre-push") &&
			 hook_is_installed(check_up->context->repo, "post-checkout");

	tell(check_up, installed ? FINE : NOTABLE, "hooks", installed ? "installed" : "not installed: data does not follow Git by itself",
	     installed ? NULL : "git mlv install");
}

static void check_lock(struct check_up *check_up)
{
	g_autoptr(GError) error = NULL;

	if (workspace_lock(check_up->context->ws, "git mlv doctor", false, &error))
		tell(check_up, FINE, "lock", "free", NULL);
	else
		tell(check_up, error_is(error, ERROR_BUSY) ? NOTABLE : WRONG, "lock", error->message, error_get_hint(error));
}

static int doctor_run(struct context *context, GError **error G_GNUC_UNUSED)
{
	struct check_up check_up = { .context = context };

	check_git(&check_up);
	check_repository(&check_up);
	tell(&check_up, FINE, "project", context->ws->root ? context->ws->root : "(bare)", NULL);
	tell(&check_up, FINE, "dialect", context->ws->dialect->name, NULL);
	check_store(&check_up);
	check_data(&check_up);
	check_remotes(&check_up);
	check_hooks(&check_up);
	if (context->ws->root)
		check_lock(&check_up);
	return check_up.bad > 0 ? EXIT_DIFFERENT : EXIT_DONE;
}

const struct command cmd_doctor = {
	.name = "doctor",
	.group = "Care",
	.summary = "Check the set-up and say how to mend it",
	.needs = NEEDS_WORKSPACE,
	.options = doctor_specs,
	.run = doctor_run,
};
