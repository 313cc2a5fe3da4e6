/*
 * roots: everything that refers to objects - in the workspace, in Git's index, in commits, refs and reflogs, in every
 * worktree (DESIGN 4, "Roots for gc") - and the set of objects that are alive because of it. gc, push and fsck ask
 * here.
 *
 * Pointers and lock files that are the same blob in many commits are read once. Main thread.
 */
#ifndef WORKSPACE_ROOTS_H
#define WORKSPACE_ROOTS_H

#include "workspace/outputs.h"

/* Which places to look at. All false: nothing. */
struct roots_scope {
	bool workspace;    /* -w: pointers on disk in this worktree */
	bool worktrees;    /* the same of all other worktrees, and all their Git indexes */
	bool branches;     /* -a: tips of local branches */
	bool remotes;      /* tips of remote-tracking branches */
	bool tags;         /* -T */
	bool commits;      /* -A: every commit reachable from a ref or HEAD */
	bool experiments;  /* --all-experiments */
	bool other_refs;   /* stash and all refs else */
	bool reflogs;      /* every commit in a reflog */
	bool heads;        /* HEAD, merges and rebases in progress */
	char **revisions;  /* --rev, NULL-terminated, or NULL */
	int64_t ancestors; /* -n: so many more commits, first parents, back from each of revisions */
	const char *since; /* --date: commits not older than this (any form that git takes); NULL for none */
};

/* All roots of DESIGN 4: what `git mlv gc` without scope flags keeps. */
extern const struct roots_scope roots_scope_all;

/*
 * Called for each recorded output, once for each text that records it. `where` says in words where that is ("commit
 * 1a2b3c4", "the index of /w2", "the workspace"). false stops with *error set.
 */
typedef bool (*roots_visit)(const struct output *output, const char *where, void *user, GError **error);

/* What could not be read. */
struct roots_problem {
	char *where;  /* as above */
	char *file;   /* relative to the work tree's top; "" if it is about no file */
	char *text;   /* why */
	bool current; /* in the workspace, HEAD, an index or a worktree that will be back: collection must not go on */
	char *source; /* the unreadable text itself, to be searched for hashes; NULL if it could not be had at all */
};

/* Free one. */
void roots_problem_free(struct roots_problem *problem);

/*
 * Visit all outputs in scope. Files that cannot be read go into problems (GPtrArray of struct roots_problem with its
 * free function; may be NULL: then the first one is the error).
 */
bool roots_each(struct workspace *ws, const struct roots_scope *scope, roots_visit visit, void *user,
		GPtrArray *problems, GError **error);

/*
 * Take those of `wanted` (set of struct oid) out of it that a commit, a reflog, an index of Git or a pointer somewhere records: what
 * is left cannot be had back through Git.
 */
bool roots_strike_recorded(struct workspace *ws, GHashTable *wanted, GError **error);

struct roots {
	GHashTable *live;    /* set of struct oid *: objects and, through their manifests, files; owned */
	GPtrArray *problems; /* of struct roots_problem; what looked like a hash in their text is in live */
	GPtrArray *unknown;  /* of struct oid, owned: manifests that are recorded but not in the store, so that their
				files are not known */
};

/*
 * The live objects of scope. ERROR_CORRUPT if a pointer in the workspace, HEAD or an index cannot be read, or a locked
 * worktree is not there, naming it: nothing may be collected then.
 */
struct roots *roots_collect(struct workspace *ws, const struct roots_scope *scope, GError **error);

/* Free them. */
void roots_free(struct roots *roots);

AUTO_DEFINE(roots, roots_free);

#endif
