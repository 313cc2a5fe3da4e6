/*
 * dialect: what differs between a native project and a DVC project. Everything else is shared; no other file holds one of
 * these names as a string.
 */
#ifndef FORMAT_DIALECT_H
#define FORMAT_DIALECT_H

#include "hash/oid.h"

#include <stdbool.h>

struct dialect {
	const char *name;            /* "native" or "dvc" */
	const char *marker;          /* the file or directory that makes a folder a project: ".mlvconfig" or ".dvc" */
	const char *pointer_suffix;  /* ".mlv" or ".dvc" */
	const char *pipeline_name;   /* "mlv.yaml" or "dvc.yaml" */
	const char *lock_name;       /* "mlv.lock" or "dvc.lock" */
	const char *ignore_name;     /* ".mlvignore" or ".dvcignore" */
	enum oid_algo algo;          /* of new entries */
	bool keeps_links;            /* symbolic links inside a folder are recorded as links */
	bool keeps_modes;            /* exec bits inside a folder are recorded */
	bool keeps_empty_dirs;       /* empty folders inside a folder are recorded */
	bool keeps_any_bytes;        /* names need not be UTF-8 */
	bool text_manifest;          /* manifests are native text, not DVC's JSON */
	const char *plots_dir;       /* where pages of plots go unless told otherwise: "mlv_plots" or "dvc_plots" */
	const char *experiment_refs; /* "refs/mlv/exps/" or "refs/exps/" */
};

/* The two of them. */
extern const struct dialect dialect_native, dialect_dvc;

/* Both, NULL-terminated, for code that looks for either. */
extern const struct dialect *const dialect_all[];

/* Whether the last component of path is a pointer or a pipeline file of this dialect. */
bool dialect_is_pointer(const struct dialect *dialect, const char *path);
bool dialect_is_pipeline(const struct dialect *dialect, const char *path);

#endif
