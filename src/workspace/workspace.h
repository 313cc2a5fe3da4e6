/*
 * workspace: a project with its repository, settings, store, index and ignore rules: the handle that everyone above
 * takes.
 *
 * Store and index are opened on first use. Paths of outputs are relative to the project root; Git's are relative to the
 * work tree's top: workspace_git_path() goes from one to the other. Main thread only.
 */
#ifndef WORKSPACE_WORKSPACE_H
#define WORKSPACE_WORKSPACE_H

#include "base/auto.h"
#include "base/lock.h"
#include "base/watch.h"
#include "format/dialect.h"
#include "format/ignore.h"
#include "index/index.h"
#include "repo/config.h"
#include "repo/repo.h"
#include "store/store.h"
#include "workspace/settings.h"

#include <glib.h>
#include <stdbool.h>

struct workspace {
	struct repo *repo;           /* borrowed */
	const struct config *config; /* borrowed */
	const struct dialect *dialect;
	char *root;       /* of the project, absolute; NULL in a bare repository */
	int root_fd;      /* open directory, -1 in a bare repository */
	char *git_prefix; /* the root below the work tree's top, "" at the top */
	char *cwd;        /* the current directory below root; "" at or above it */
	char *state_dir;  /* $GIT_DIR/mlv or .dvc/tmp/mlv: index, locks; made on first use */
	struct settings *settings;
	struct watch *watch;         /* progress; may be NULL */
	struct workspace_lazy *lazy; /* private: store, index, ignore, locks */
};

/*
 * Open the project that holds the current directory: nearest `.mlvconfig` or `.dvc` upward, not above the work tree.
 * ERROR_NOT_FOUND hints at `git mlv init`. In a bare repository the project at the top of HEAD's tree counts.
 */
struct workspace *workspace_open(struct repo *repo, const struct config *config, GError **error);

/*
 * Where that project is (*root: a new string; NULL in a bare repository) and which dialect it speaks, without reading its settings: for
 * commands that mend them. Errors as workspace_open().
 */
bool workspace_locate(struct repo *repo, char **root, const struct dialect **dialect, GError **error);

/* Open the project rooted at an absolute directory. */
struct workspace *workspace_open_at(struct repo *repo, const struct config *config, const char *root, GError **error);

/* Close it; releases its locks. */
void workspace_free(struct workspace *ws);

AUTO_DEFINE(workspace, workspace_free);

/* The store, opened on first call. Owned by the workspace. */
struct store *workspace_store(struct workspace *ws, GError **error);

/* How many changed objects made way for right ones since the store was opened; what they held lies in the store's trash. */
unsigned workspace_set_aside(const struct workspace *ws);

/* The index, opened on first call; never NULL with the error unset. */
struct index *workspace_index(struct workspace *ws, GError **error);

/*
 * The ignore rules of the whole project, read on first call from the ignore files that are not below an ignored
 * directory. Nested projects (a folder with a marker of its own) count as ignored.
 */
struct ignore *workspace_ignore(struct workspace *ws, GError **error);

/*
 * Take the worktree's lock for writing, waiting up to 30 s (`wait`: for ever) with a note that names the holder. In a
 * DVC project it is DVC's own .dvc/tmp/lock, and entries of other programs in .dvc/tmp/rwlock that overlap the root are
 * waited for too (dvc-formats 17.3). With it goes the store's shared lock, which keeps collection out. Held until
 * workspace_free(). `what` is the command line for others to read.
 */
bool workspace_lock(struct workspace *ws, const char *what, bool wait, GError **error);

/*
 * The same for who has claimed the paths that it works on in the table of rwlock.h and takes the lock again and again for a
 * moment: waits for ever, and for nobody's paths.
 */
bool workspace_lock_briefly(struct workspace *ws, const char *what, GError **error);

/* Whether one of these was taken and not given free. */
bool workspace_is_locked(const struct workspace *ws);

/* Give free what these took; nothing if it is not held. What was cached of the project may be old when it is taken again. */
void workspace_unlock(struct workspace *ws);

/* Path relative to the work tree's top, from one relative to the project. New string. */
char *workspace_git_path(const struct workspace *ws, const char *path);

/*
 * A path given on the command line, relative to cwd or absolute, as one relative to the project: normal, "" for the
 * root. ERROR_USAGE if it lies outside. Symbolic links in the directories that lead to the project are resolved, those
 * below it are not. Without a work tree: relative to the top of the tree. New string.
 */
char *workspace_path(const struct workspace *ws, const char *argument, GError **error);

/* The same path as the user would type it from cwd. New string. */
char *workspace_show_path(const struct workspace *ws, const char *path);

/* Find the root and dialect of the project that holds `dir` (absolute), not above `top`. NULL if none; *dialect is set
 * else. New string. */
char *workspace_find_root(const char *dir, const char *top, const struct dialect **dialect);

#endif
