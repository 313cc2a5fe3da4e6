/*
 * revision: commits by name, and the files in their trees.
 */
#ifndef REPO_REVISION_H
#define REPO_REVISION_H

#include "repo/repo.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

/* Longest id text with its NUL (sha256). */
#define REVISION_ID_MAX 65

/*
 * The commit that `rev` names (branch, tag, HEAD~1, @{u}, an abbreviated id …) as hex text in id. ERROR_NOT_FOUND
 * quotes rev. A `rev` that begins with '-' is refused.
 */
bool revision_resolve(struct repo *repo, const char *rev, char id[REVISION_ID_MAX], GError **error);

/* Whether HEAD names a commit yet. */
bool revision_has_head(struct repo *repo);

/* The short name of the branch that is checked out, also if it has no commit yet; NULL for a detached HEAD. New string. */
char *revision_branch(struct repo *repo);

/* One file of a tree. Valid during the visit only. */
struct revision_file {
	const char *path;   /* relative to the work tree's top */
	const char *id;     /* blob id, hex; of a commit for a submodule */
	unsigned mode;      /* 0100644, 0100755, 0120000, 0160000 */
	const char *commit; /* whose tree is walked, hex; NULL for a file of an index */
};

/* Called for each file in path order; return false to stop with *error set. */
typedef bool (*revision_visit)(const struct revision_file *file, void *user, GError **error);

/* Decides if a directory (relative path) is entered; NULL enters all. */
typedef bool (*revision_enter)(const char *dir, void *user);

/*
 * Visit every file of the tree of commit `id` below directory `path` ("" for all; absent, or no directory: none).
 * ERROR_CORRUPT for a tree that git could not have made, ERROR_CANCELLED.
 */
bool revision_walk(struct repo *repo, const char *id, const char *path, revision_enter enter, revision_visit visit,
		   void *user, GError **error);

/*
 * revision_walk() over the whole trees of many commits, in order, but a directory that was walked before with the same
 * content is left out, so that the cost follows what changed between them. A file may be visited again if another one
 * beside it changed.
 */
bool revision_walk_many(struct repo *repo, GPtrArray *ids, revision_enter enter, revision_visit visit, void *user,
			GError **error);

/*
 * The bytes of `path` in commit `id`: *data NUL-terminated (g_free()), *length (may be NULL). ERROR_NOT_FOUND if it is
 * not there or is no blob; ERROR_UNSAFE over `limit` bytes. A partial clone fetches what is missing through git.
 */
bool revision_read(struct repo *repo, const char *id, const char *path, size_t limit, char **data, size_t *length,
		   GError **error);

/* The bytes of a blob by its id; as revision_read(). */
bool revision_read_blob(struct repo *repo, const char *blob, size_t limit, char **data, size_t *length, GError **error);

/* The id of the tree of a commit, to tell commits with equal trees: hex text. */
bool revision_tree(struct repo *repo, const char *id, char tree[REVISION_ID_MAX], GError **error);

/* Which commits to list. */
enum revision_scope {
	REVISION_BRANCHES = 1 << 0,    /* tips of refs/heads */
	REVISION_TAGS = 1 << 1,        /* commits of refs/tags */
	REVISION_REMOTES = 1 << 2,     /* tips of refs/remotes */
	REVISION_ALL_COMMITS = 1 << 3, /* every commit reachable from any ref and the HEAD of any worktree, and from
					* what the other scopes name */
	REVISION_OTHER_REFS = 1 << 4,  /* tips of all other refs: stash, experiments, notes … that are commits */
	REVISION_REFLOGS = 1 << 5,     /* every commit in any reflog of any worktree, the stash's among them */
	REVISION_HISTORY = 1 << 7,     /* every commit reachable from HEAD, branches, tags and remote-tracking refs: what people
					* look back at, not stashes and experiments */
	REVISION_HEADS =
		1 << 6, /* HEAD, ORIG_HEAD, MERGE_HEAD, CHERRY_PICK_HEAD, REVERT_HEAD, REBASE_HEAD, FETCH_HEAD and the
			 * commits named in rebase-merge/, rebase-apply/ and sequencer/, of every worktree */
};

/*
 * The commits of a set of scopes, each once, as a GPtrArray of hex strings (owned by the caller with its strings). A
 * ref whose object is missing is an error; reflogs and heads may name objects that are gone, which are left out.
 */
GPtrArray *revision_list(struct repo *repo, unsigned scopes, GError **error);

/*
 * The commits before and with `tips` that change a file of one of `paths` (pathspecs), without those that `known` or a
 * remote-tracking branch of `remote` reaches. tips and known: ids, of which those that are not here are passed over; remote: a name,
 * or an URL or NULL, which have no such branches. As revision_list().
 */
GPtrArray *revision_beyond(struct repo *repo, const GPtrArray *tips, const GPtrArray *known, const char *remote,
			   const char *const *paths, GError **error);

/* Every commit reachable from a ref that is not older than `when`, in any form that git log --since takes. As
 * revision_list(). */
GPtrArray *revision_since(struct repo *repo, const char *when, GError **error);

/* Names of refs below `prefix` ("refs/heads/"), full names sorted; strings owned by the array. */
GPtrArray *revision_refs(struct repo *repo, const char *prefix, GError **error);

#endif
