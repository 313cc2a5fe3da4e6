/*
 * scan: what is really in the workspace at an output's path: a file's id, or a folder's manifest as it would be written now.
 *
 * Files whose stamp the index knows are not read; others are hashed on the pool (only where `hash` asks for it) and remembered in the index (the caller
 * commits it). What a dialect cannot keep (links, empty folders, sockets, foreign names) is listed, not dropped silently.
 */
#ifndef WORKSPACE_SCAN_H
#define WORKSPACE_SCAN_H

#include "base/stamp.h"
#include "store/manifest.h"
#include "workspace/workspace.h"

enum scan_kind { SCAN_ABSENT, SCAN_FILE, SCAN_DIR, SCAN_LINK, SCAN_OTHER };

/* One file that was looked at. `fresh`: its bytes were read now, or never yet: the index did not know it. */
struct scan_file {
	const char *path;   /* relative to the project; owned by the scan */
	struct stamp stamp;
	struct oid oid;     /* OID_NONE if not hashed (no_hash) */
	uint8_t mode;       /* enum manifest_mode */
	bool fresh;
};

struct scan {
	enum scan_kind kind;
	struct oid oid;            /* of the file, or of the manifest */
	struct stamp stamp;        /* of the path itself */
	struct manifest *manifest; /* SCAN_DIR: paths relative to the output */
	GArray *files;             /* of struct scan_file, sorted by path: all files seen */
	GPtrArray *unkept;         /* lines for people: what this dialect cannot record ("'x': is a socket") */
	GPtrArray *temps;          /* paths of left-over temporary names of ours */
	uint64_t size;             /* of all files, bytes */
	uint64_t hashed, hashed_bytes; /* what had to be read */
	struct scan_strings *strings;  /* private */
};

/* How to look. */
struct scan_options {
	const char *path;     /* relative to the project */
	const char *inside;   /* only this part of a folder; "" or NULL for all */
	enum oid_algo algo;   /* to hash with; OID_MD5_2X for entries of DVC 2.x */
	const struct manifest *known; /* the recorded manifest, or NULL: modes and links are compared with its entries where the dialect does not keep them */
	bool no_hash;         /* do not read files that the index does not know: their oid stays OID_NONE and scan->manifest has no oid of its own */
};

/* Look at one path. Errors: what cannot be read, naming it; ERROR_CANCELLED. Progress goes to ws->watch. */
struct scan *scan_path(struct workspace *ws, const struct scan_options *options, GError **error);

/* Free it. */
void scan_free(struct scan *scan);

AUTO_DEFINE(scan, scan_free);

#endif
