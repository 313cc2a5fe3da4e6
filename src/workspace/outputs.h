/*
 * outputs: everything that is tracked: the outputs of all pointers, pipelines and lock files of a project, in the
 * workspace or at a revision.
 *
 * An immutable list sorted by path. Problems of single files are kept beside it, so that one broken pointer does not
 * hide the rest; a caller to whom completeness matters (gc, push) must treat any problem as its own failure:
 * outputs_check().
 */
#ifndef WORKSPACE_OUTPUTS_H
#define WORKSPACE_OUTPUTS_H

#include "format/lockfile.h"
#include "format/pipeline.h"
#include "format/pointer.h"
#include "workspace/workspace.h"

/* One tracked file or folder. */
struct output {
	char *path;     /* relative to the project */
	char *file;     /* the pointer, or the pipeline file (not the lock), relative to the project */
	char *stage;    /* name of the stage; NULL for a pointer */
	const char *wdir; /* of the stage, relative to its file; owned by the outputs' documents. NULL for a pointer */
	char *address;  /* as DVC prints it, seen from the current directory: "data.dvc", "train", "sub/dvc.yaml:train"
			 */
	struct oid oid; /* OID_NONE if nothing is recorded */
	struct oid promised; /* what the origin of an import had that was never downloaded; OID_NONE for all others */
	bool has_size, has_nfiles, isexec;
	uint64_t size, nfiles;
	bool no_cache, no_push, persist;
	bool import;      /* of a frozen import */
	bool repo_import; /* never pushed */
	bool frozen;
	bool left_out;             /* sparse checkout leaves its pointer out of the work tree */
	char *remote;              /* override, or NULL */
	const struct entry *entry; /* where it came from; owned by the outputs' documents */
	struct pointer *pointer;   /* its document, NULL for a stage; shared by the outputs of one pointer */
	const struct node *place;  /* where its path stands in the pipeline file, for messages; NULL for a pointer */
};

/* One pipeline file and the lock beside it. */
struct outputs_pipeline {
	char *file; /* relative to the project */
	struct pipeline *pipeline;
	struct lockfile *lock; /* empty if there is none; NULL if it cannot be read, which is among the problems */
};

/* One pointer file. */
struct outputs_pointer {
	char *file; /* relative to the project */
	struct pointer *pointer;
};

struct outputs {
	GPtrArray *list; /* of struct output, sorted by path; owned */
	GPtrArray *pipelines; /* of struct outputs_pipeline, owned, in the order of their files */
	GPtrArray *pointers;  /* of struct outputs_pointer, owned, in the order of their files */
	GPtrArray
		*problems;  /* of GError, owned: files that could not be read, unsafe paths, outputs that are ignored */
	GPtrArray *clashes; /* of GError, owned: data that two outputs claim; both are listed */
	GPtrArray *locks; /* private: lock files that were read alone */
};

/*
 * Load them from the workspace (revision NULL) or from a commit (hex id). In the workspace, pointer files that Git or
 * the ignore rules ignore do not count; a file that Git's sparse checkout leaves out is read from the index. ERROR for
 * what concerns all (Git fails), not for single files.
 */
struct outputs *outputs_load(struct workspace *ws, const char *revision, GError **error);

/* The document of the pipeline file at this path, relative to the project; NULL if there is none. Borrowed. */
const struct doc *outputs_doc(const struct outputs *outputs, const char *file);

/* The text of a pipeline file as it would be. */
struct outputs_draft {
	const char *path; /* relative to the project */
	const char *text;
	size_t length;
};

/* outputs_load() of the workspace as if this were written already: what a change would lead to, before it is made. */
struct outputs *outputs_load_draft(struct workspace *ws, const struct outputs_draft *draft, GError **error);

/*
 * Only the outputs of one text - a pointer or a lock file - for hooks and gc, which read them from Git's index: `path`
 * is relative to the project. The paths of a lock's outputs are a guess where stages have a wdir. ERROR_CORRUPT if it
 * cannot be read; unsafe outputs are problems.
 */
struct outputs *outputs_read(struct workspace *ws, const char *path, const char *text, size_t length, GError **error);

/* true if there are no problems, else false with all of them in one error. */
bool outputs_check(const struct outputs *outputs, GError **error);

/* The same for clashes, for whoever changes data or pointers: whose is what two outputs claim? */
bool outputs_check_clashes(const struct outputs *outputs, GError **error);

/* What should be there, as far as it is known: what is recorded, or promised. */
const struct oid *output_expected(const struct output *output);

/* The output at exactly this path (one of them, should they clash), NULL if none. */
struct output *outputs_find(const struct outputs *outputs, const char *path);

/* The output at this path or above it; *inside (may be NULL) points at what is left of path ("" at the output itself).
 */
struct output *outputs_covering(const struct outputs *outputs, const char *path, const char **inside);

/* Free them. */
void outputs_free(struct outputs *outputs);

AUTO_DEFINE(outputs, outputs_free);

#endif
