/*
 * stages: everything that can run or that was added, as nodes of one graph: the stages of all pipeline files and the
 * pointers beside them, each with what it reads and what it writes.
 *
 * Made once from the outputs of a project (outputs.h), which must live as long; never changed. What is recorded of a
 * stage is seen as it was when the outputs were loaded: who runs stages keeps newer records itself (record.h). Main
 * thread only.
 */
#ifndef PIPELINE_STAGES_H
#define PIPELINE_STAGES_H

#include "workspace/outputs.h"

/* One thing that a stage reads. */
struct stage_dep {
	char *path;                   /* relative to the project, normal; NULL for one that is kept elsewhere (a URL) */
	const char *written;          /* as the pipeline file or pointer has it; owned by the outputs */
	const struct entry *recorded; /* what the lock (or the pointer of an import) says of it, NULL: nothing */
};

/* One file of parameters that a stage reads. */
struct stage_params {
	char *path;          /* of the file, relative to the project */
	const char *written; /* as the pipeline file has it */
	char **keys;         /* dotted, NULL-terminated, NULL for the whole file; owned by the outputs */
	const struct node *recorded; /* map of keys to values in the lock, NULL: nothing */
};

/* One thing that a stage writes. */
struct stage_out {
	const struct output *output;  /* NULL for one that is kept elsewhere (a URL, in a DVC project) */
	const char *written;          /* as the pipeline file or pointer has it */
	const struct entry *declared; /* with its flags */
	const struct entry *recorded; /* in the lock (or pointer), NULL: nothing */
	enum pipeline_out_kind kind;
};

struct stage {
	guint index;         /* in stages->list, which is DVC's order: files as outputs_load() meets them, then file order */
	char *address;       /* as DVC prints it, seen from the current directory: "train", "sub/dvc.yaml:train", "data.dvc" */
	const char *file;    /* pipeline file or pointer, relative to the project */
	const char *name;    /* within the pipeline file; NULL for a pointer */
	char *wdir;          /* relative to the project, normal; "" for its root */
	const struct pipeline_stage *body; /* NULL for a pointer */
	const struct lockfile_stage *lock; /* as loaded; NULL for one that never ran, and for a pointer */
	const struct pointer *pointer;     /* NULL for a stage */
	GArray *deps;   /* of struct stage_dep, in the order of the file */
	GArray *params; /* of struct stage_params, as DVC orders files: the default one first, then by name */
	GArray *outs;   /* of struct stage_out, in the order of the file */
	bool frozen, always_changed;
	bool lock_broken; /* the lock file cannot be read (the outputs' problems say why): what is recorded is not known */
};

struct stages {
	struct workspace *ws;          /* borrowed */
	const struct outputs *outputs; /* borrowed */
	GPtrArray *list;               /* of struct stage, owned */
	GPtrArray *problems; /* of GError, owned: unsafe paths, a dependency that is an output of its own stage … */
	struct stages_private *private;
};

/* Make the stages of loaded outputs. */
struct stages *stages_new(struct workspace *ws, const struct outputs *outputs, GError **error);

/* The stage or pointer with this file (relative to the project) and name (NULL: a pointer); NULL if there is none. */
const struct stage *stages_find(const struct stages *stages, const char *file, const char *name);

/* How a stage is called in sentences: "stage 'train'" or "'data.dvc'". New string. */
char *stage_title(const struct stage *stage);

/* Whether it has a command to run. */
bool stage_can_run(const struct stage *stage);

/* Whether nothing tells if it is up to date, so that it runs every time: a command with neither dependencies nor outputs. */
bool stage_is_callback(const struct stage *stage);

/* Free them. */
void stages_free(struct stages *stages);

AUTO_DEFINE(stages, stages_free);

#endif
