#include "repo/hook.h"
#include "repo/plumbing-int.h"

#include "base/error.h"
#include "base/file.h"
#include "base/path.h"
#include "base/quote.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The line that tells our scripts from others. */
#define MARKER "# Written by git-mlv. 'git mlv install' renews it, 'git mlv uninstall' takes it out."

/* What a hook is renamed to that was there before. */
#define CHAINED ".mlv-chained"

/* The largest hook that is looked into for the marker. */
#define HOOK_LIMIT ((size_t)1 << 20)

/* The start of every script: its name goes in at %s. */
static const char script_head[] = "#!/bin/sh\n" MARKER "\n"
				  "name=%s\n"
				  "chained=${0%%/*}/$name" CHAINED "\n"
				  "if ! command -v git-mlv >/dev/null 2>&1; then\n"
				  "	echo >&2 \"git-mlv is not in PATH, and the hook $0 needs it\"\n"
				  "	exit 1\n"
				  "fi\n";

/* Hand over to git mlv when there is nothing to run before it. */
static const char script_alone[] = "test -x \"$chained\" || exec git mlv hook \"$name\" \"$@\"\n";

/* Run the chained hook first. */
static const char script_plain[] = "\"$chained\" \"$@\" || exit\n"
				   "exec git mlv hook \"$name\" \"$@\"\n";

/* The same where git writes to the hook: both are to read it. */
static const char script_with_input[] = "input=$(mktemp \"${TMPDIR:-/tmp}/mlv-hook.XXXXXX\") || exit\n"
					"trap 'rm -f \"$input\"' EXIT\n"
					"trap 'exit 129' HUP INT TERM\n"
					"cat >\"$input\" || exit\n"
					"\"$chained\" \"$@\" <\"$input\" || exit\n"
					"git mlv hook \"$name\" \"$@\" <\"$input\"\n";

/* Where the parts of one hook lie. */
struct hook {
	char *dir, *path, *chained;
};

static void hook_clear(struct hook *hook)
{
	g_free(hook->dir);
	g_free(hook->path);
	g_free(hook->chained);
}

/* hook_dir() that tells why not. */
static char *find_dir(struct repo *repo, GError **error)
{
	const char *const args[] = {"rev-parse", "--git-path", "hooks", NULL};
	g_autofree char *out = plumbing_output(repo, args, NULL, error), *joined = NULL;
	size_t length;

	if (!out)
		return NULL;
	length = strlen(out);
	if (length > 0 && out[length - 1] == '\n')
		out[length - 1] = '\0';
	joined = path_join(plumbing_dir(repo), out);
	return path_normal(joined);
}

char *hook_dir(struct repo *repo)
{
	return find_dir(repo, NULL);
}

static bool hook_init(struct hook *hook, struct repo *repo, const char *name, GError **error)
{
	hook->dir = find_dir(repo, error);
	if (!hook->dir)
		return false;
	hook->path = path_join(hook->dir, name);
	hook->chained = g_strconcat(hook->path, CHAINED, NULL);
	return true;
}

/* Whether anything, be it a broken link, has this name. */
static bool exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

/* The script for a hook. New string. */
static char *script_for(const char *name)
{
	static const char *const with_input[] = {"pre-push",     "post-rewrite",          "pre-receive",
						 "post-receive", "reference-transaction", NULL};
	GString *script = g_string_new(NULL);

	g_string_printf(script, script_head, name);
	g_string_append(script, script_alone);
	g_string_append(script, g_strv_contains(with_input, name) ? script_with_input : script_plain);
	return g_string_free(script, FALSE);
}

/* What the hook contains if it is one of ours, else NULL. New string. */
static char *read_ours(const struct hook *hook)
{
	char *text = NULL;

	if (file_read(hook->path, HOOK_LIMIT, &text, NULL, NULL) && !strstr(text, "\n" MARKER "\n"))
		g_clear_pointer(&text, g_free);
	return text;
}

/* Give a file another name that must not be taken. */
static bool move(const char *from, const char *to, GError **error)
{
	g_autofree char *shown = NULL;

	if (!file_rename_new(AT_FDCWD, from, AT_FDCWD, to))
		return true;
	shown = quote_path(from);
	if (errno != EEXIST) {
		error_set_errno(error, errno, "rename '%s'", shown);
		return false;
	}
	error_set(error, ERROR_CONFLICT, "the hook '%s' is not ours, and '%s' is kept from an earlier one", shown,
		  path_base(to));
	error_hint(error, "merge the two into one, then install again");
	return false;
}

static bool write_script(const struct hook *hook, const char *script, GError **error)
{
	g_autofree char *shown = NULL;
	mode_t mask;

	if (!file_make_dirs(hook->dir, error) || !file_replace(hook->path, script, strlen(script), 0777, error))
		return false;
	/* An older script of ours keeps its mode when it is replaced, and Git passes over a hook that cannot be run. */
	mask = umask(0);
	umask(mask);
	if (chmod(hook->path, 0777 & ~mask) == 0)
		return true;
	shown = quote_path(hook->path);
	error_set_errno(error, errno, "make '%s' executable", shown);
	return false;
}

/* Install where everything lies; *result tells what was found. */
static bool install(const struct hook *hook, const char *name, enum hook_result *result, GError **error)
{
	g_autofree char *ours = read_ours(hook), *script = script_for(name);

	*result = HOOK_WRITTEN;
	if (ours) {
		*result = strcmp(ours, script) == 0 && access(hook->path, X_OK) == 0 ? HOOK_PRESENT : HOOK_WRITTEN;
	} else if (exists(hook->path)) {
		if (!move(hook->path, hook->chained, error))
			return false;
		*result = HOOK_CHAINED;
	} else if (exists(hook->chained)) {
		*result = HOOK_CHAINED; /* killed between the rename and the write */
	}
	return *result == HOOK_PRESENT || write_script(hook, script, error);
}

bool hook_install(struct repo *repo, const char *name, enum hook_result *result, GError **error)
{
	struct hook hook = {0};
	bool done = hook_init(&hook, repo, name, error) && install(&hook, name, result, error);

	hook_clear(&hook);
	g_prefix_error(error, "install hook %s: ", name);
	return done;
}

/* Take ours away, or let a chained one replace it. */
static bool uninstall(const struct hook *hook, enum hook_result *result, GError **error)
{
	g_autofree char *ours = read_ours(hook), *shown = NULL;
	bool is_free = !exists(hook->path);

	*result = HOOK_ABSENT;
	if (!ours && !is_free)
		return true;
	if (exists(hook->chained)) {
		*result = HOOK_RESTORED;
		if (rename(hook->chained, hook->path) == 0)
			return true;
	} else if (is_free) {
		return true;
	} else {
		*result = HOOK_REMOVED;
		if (unlink(hook->path) == 0)
			return true;
	}
	shown = quote_path(hook->path);
	error_set_errno(error, errno, "take out '%s'", shown);
	return false;
}

bool hook_uninstall(struct repo *repo, const char *name, enum hook_result *result, GError **error)
{
	struct hook hook = {0};
	bool done = hook_init(&hook, repo, name, error) && uninstall(&hook, result, error);

	hook_clear(&hook);
	g_prefix_error(error, "uninstall hook %s: ", name);
	return done;
}

bool hook_is_installed(struct repo *repo, const char *name)
{
	struct hook hook = {0};
	g_autofree char *ours = hook_init(&hook, repo, name, NULL) ? read_ours(&hook) : NULL;
	bool installed = ours && access(hook.path, X_OK) == 0;

	hook_clear(&hook);
	return installed;
}
