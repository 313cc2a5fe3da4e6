/*
 * project: a real Git repository with a project in it, and shorthands that fail the test instead of returning an error.
 */
#ifndef TESTS_UNIT_WORKSPACE_PROJECT_H
#define TESTS_UNIT_WORKSPACE_PROJECT_H

#include "../repo/kit.h"
#include "base/error.h"
#include "workspace/checkout.h"
#include "workspace/outputs.h"
#include "workspace/target.h"
#include "workspace/track.h"
#include "workspace/workspace.h"

struct project {
	char *dir;  /* the work tree's top, which is the current directory, too */
	char *root; /* of the project */
	struct repo *repo;
	struct config *config;
	struct workspace *ws;
};

/* For g_test_add(): `dialect` is one of the two. A fresh repository with a project at its top. */
void project_set_up(struct project *project, gconstpointer dialect);
void project_tear_down(struct project *project, gconstpointer dialect);

/* Open everything anew, as the next command would. */
void project_reopen(struct project *project);

/* Go on in the project at this folder below the top, which is made one. */
void project_enter(struct project *project, const char *below);

/* Write, read, look at and delete (with all below) a path of the project. */
void project_write(struct project *project, const char *path, const char *text);
char *project_read(struct project *project, const char *path);
bool project_has(struct project *project, const char *path);
void project_delete(struct project *project, const char *path);

/* That the file has exactly this text. */
void project_assert(struct project *project, const char *path, const char *text);

/* What is tracked now. */
struct outputs *project_outputs(struct project *project);

/* What stands in the project, as the given id; absent: none. */
struct oid project_oid(struct project *project, const char *path);

/* track_add() of the paths up to NULL; the result. */
struct track_result *project_add_some(struct project *project, const char *path, ...) G_GNUC_NULL_TERMINATED;
#define project_add(...) track_result_free(project_add_some(__VA_ARGS__, NULL))

/* track_add() of one path must fail with this code; the message. New string. */
char *project_refuse(struct project *project, const char *path, enum error_code code);

/* The targets that these arguments name: for the outputs given. */
GPtrArray *project_targets(struct project *project, struct outputs *outputs, const char *argument);

/* Plan a checkout of everything. */
struct checkout_plan *project_plan(struct project *project, const struct checkout_options *options);

/* Plan and run one; there may be no failed step. How many conflicts and missing objects there were. */
size_t project_checkout(struct project *project, const struct checkout_options *options);

/* Commit all that Git sees. */
void project_commit(struct project *project, const char *message);

/* Take the object of this text out of the store, as if it had never come. */
void project_lose(struct project *project, const struct oid *oid);

#endif
