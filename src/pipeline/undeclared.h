/*
 * undeclared: what a stage used without saying so in its pipeline file: a trace report against its declarations, with the
 * line to add for each.
 *
 * Pure but for the questions that it asks through undeclared_world. Git's and our own files, virtual environments and caches
 * of tools are nobody's inputs; where a compiled file of Python was read, its source counts. Many files of one folder become
 * that folder.
 */
#ifndef PIPELINE_UNDECLARED_H
#define PIPELINE_UNDECLARED_H

#include "pipeline/stages.h"
#include "pipeline/trace-report.h"

enum undeclared_kind {
	UNDECLARED_READ,
	UNDECLARED_WRITE,
	UNDECLARED_OWN_INPUT, /* it changed what it declares as its input */
	UNDECLARED_CACHE,     /* a folder that a tool keeps for speed was written: worth knowing, no fault */
};

struct undeclared {
	enum undeclared_kind kind;
	char *path;     /* relative to the project */
	guint files;    /* how many files were used in it, if it stands for a folder; 0 for a file */
	char *owner;    /* address of the stage or pointer whose output it is; NULL: of none */
	const char *section; /* of the stage, where the line goes: "deps", "outs", "params"; NULL: no line would help */
	char *line;     /* "- src/util.py"; NULL without section */
};

/* What is known besides the report. */
struct undeclared_world {
	bool (*exists)(const char *path, void *user); /* whether something is at a path relative to the project, now */
	void *user;
	const struct outputs *outputs; /* of the project; may be NULL */
};

/* What the stage used without declaring it, reads first, each sorted by path: GPtrArray of struct undeclared, owned. */
GPtrArray *undeclared_find(const struct stage *stage, const struct trace_report *report,
			   const struct undeclared_world *world);

/* Whether it is a fault of the pipeline file, not only worth knowing. */
bool undeclared_is_fault(const struct undeclared *one);

/* As a sentence without a full stop: "reads 'src/util.py' undeclared: add '- src/util.py' to deps of 'train' in mlv.yaml". New string. */
char *undeclared_text(const struct stage *stage, const struct undeclared *one);

/* Free one. */
void undeclared_free(void *one);

#endif
