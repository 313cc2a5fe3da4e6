/*
 * gc: the options of `git mlv gc`, shared by its local body and the one in the network program (--cloud).
 */
#ifndef CMD_GC_H
#define CMD_GC_H

#include "cli/command.h"
#include "workspace/roots.h"

struct gc_arguments {
	bool workspace, all_branches, all_tags, all_commits, all_experiments;
	bool dry_run, yes, undelete, cloud;
	char **revisions, *since, *prune, *remote;
	int64_t ancestors, jobs;
};

/* The option table of `gc`, and its synopsis lines. */
extern const struct option_spec gc_specs[];
extern const char gc_synopsis[];

/* The scope that the options name: all roots of DESIGN 4 without any of -w, -a, -T, -A, --rev …; *narrow tells if there was one. */
void gc_scope(const struct gc_arguments *options, struct roots_scope *scope, bool *narrow);

/* --prune=now: at once; unset: the setting's grace period. ERROR_USAGE for another word. */
bool gc_prune(const struct gc_arguments *options, bool *now, GError **error);

/* The live objects of the scope, with what could not be read printed as warnings. */
struct roots *gc_roots(struct context *context, const struct roots_scope *scope, GError **error);

#endif
