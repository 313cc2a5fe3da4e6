/*
 * scan: what is really in the workspace at an output's path: a file's id, or a folder's manifest as it would be written
 * now.
 *
 * Files whose stamp the index knows are not read; others are hashed on the pool (unless `no_hash`) and put into the
 * index (the caller commits it). What a dialect cannot keep (links, sockets, foreign names) is listed in `unkept`, not
 * dropped silently. Main thread; memory is about 250 bytes a file.
 */
#ifndef WORKSPACE_SCAN_H
#define WORKSPACE_SCAN_H

#include "base/stamp.h"
#include "store/manifest.h"
#include "workspace/workspace.h"

enum scan_kind {
	SCAN_ABSENT,
	SCAN_FILE,
	SCAN_DIR,
	SCAN_LINK,  /* a symbolic link that does not lead to a file of the store (native) or to any file (DVC) */
	SCAN_OTHER, /* socket, fifo, device */
};

/* One thing that is kept. */
struct scan_file {
	const char *path;          /* relative to the output, "" for a single file; owned by the scan */
	const struct stamp *stamp; /* of the file itself; of what it leads to where a link is followed */
	struct oid oid;            /* OID_NONE if not known (no_hash), and for an empty folder */
	uint8_t mode;              /* enum manifest_mode */
	bool fresh;                /* the index did not know it */
	bool followed;             /* it is a symbolic link, taken as the file that it leads to */
	bool object;               /* followed, and leads to an object of our own store */
};

struct scan {
	char *path;   /* of the output, relative to the project */
	char *inside; /* what part of it was looked at; "" for all */
	enum oid_algo algo;
	enum scan_kind kind; /* of the output itself */
	struct oid oid;      /* of the file or the manifest; OID_NONE until scan_seal() */
	struct stamp stamp;  /* lstat of the output itself */
	struct manifest
		*manifest; /* SCAN_DIR: paths relative to the output, also with `inside`; NULL until scan_seal() */
	GArray *files;     /* of struct scan_file, sorted by path */
	GPtrArray *unkept; /* lines for people: what this dialect cannot record ("'x' is a socket") */
	char *refusal;    /* why this dialect cannot track it as it is (a name that is not UTF-8 …); NULL if it can */
	GHashTable *unread; /* with `some`: path relative to the output -> GError, owned: files, which have no id, and folders */
	GPtrArray *temps; /* left-over temporary names of ours, relative to the project */
	uint64_t size;    /* of all files, bytes */
	uint64_t hashed, hashed_bytes; /* what had to be read */
	struct scan_private *private;
};

/* How to look. */
struct scan_options {
	const char *path;   /* relative to the project */
	const char *inside; /* only this part of a folder; "" or NULL for all */
	enum oid_algo algo; /* to hash with; OID_MD5_2X for entries of DVC 2.x */
	bool some;    /* what cannot be read is in scan->unread and no error; then there is no manifest and no id */
	bool no_hash; /* do not read files that the index does not know; the caller fills files[].oid, then scan_seal()
		       */
};

/*
 * Look at one path. Errors: what cannot be read, naming it; a file that keeps changing while it is hashed;
 * ERROR_CANCELLED. Progress goes to ws->watch.
 */
struct scan *scan_path(struct workspace *ws, const struct scan_options *options, GError **error);

/* Make scan->manifest and scan->oid from the files' ids. scan_path() has done so unless no_hash. */
void scan_seal(struct scan *scan);

/* File i. */
struct scan_file *scan_get(const struct scan *scan, size_t i);

/* Set what was found out about file i: its id and, if it is another one by now, its stamp. */
void scan_set(struct scan *scan, size_t i, const struct oid *oid, const struct stamp *stamp);

/* The path of a file relative to the project: scan->path, '/', its own. New string. */
char *scan_file_path(const struct scan *scan, const struct scan_file *file);

/* Whether a single file has an x bit. */
bool scan_is_exec(const struct scan *scan);

/* Free it. */
void scan_free(struct scan *scan);

AUTO_DEFINE(scan, scan_free);

#endif
