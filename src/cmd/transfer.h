/*
 * transfer: what push, fetch, pull and status --remote do alike: which objects are meant, and telling what came of them.
 */
#ifndef CMD_TRANSFER_H
#define CMD_TRANSFER_H

#include "cli/command.h"
#include "sync/sync.h"

/* Which revisions, besides or instead of the workspace. All unset: the workspace (HEAD in a bare repository). */
struct transfer_scope {
	bool all_branches, all_tags, all_commits;
	char **revisions; /* --rev; NULL-terminated, or NULL */
};

/*
 * The wanted objects of the command's arguments in `scope`: a list for sync. *problems (may be NULL) counts pointers of the workspace that could not
 * be read; each was printed. In other revisions an unreadable pointer is printed as a warning and counted, too.
 */
GPtrArray *transfer_wants(struct context *context, const struct transfer_scope *scope, bool glob, enum sync_use use,
			  const char *remote, size_t *problems, GError **error);

/* A sync_visit that prints "<verb> <path>"; user is the context. For --dry-run and -v. */
void transfer_print(const char *path, const struct oid *oid, uint64_t size, void *user);

/* Print what came of the runs of the run cache; the exit code. */
int transfer_report_runs(struct context *context, const char *verb, const struct sync_result *result, bool dry_run);

/* Fetch the run cache, want what its runs made, and print what came of it; the exit code, -1 with the error set. */
int transfer_fetch_runs(struct context *context, GPtrArray *wants, const struct sync_options *how, GError **error);

/* Print the failures, each with its path, and how many were not kept. */
void transfer_failures(struct context *context, const struct sync_result *result);

/*
 * Print failures, with the number that were not kept, and one line of summary ("sent 12 objects (3.4 MiB), 100 were there already").
 * `problems` files could not be read, so that nothing is known of their data. EXIT_DIFFERENT if there were any, or failures, else
 * EXIT_DONE.
 */
int transfer_report(struct context *context, const char *verb, const struct sync_result *result, bool dry_run,
		    size_t problems);

/* The `-j`, `-r`, `--dry-run` part of sync_options from a command's own. */
struct sync_options transfer_options(const char *remote, int64_t jobs, bool dry_run, struct context *context);

#endif
