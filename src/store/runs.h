/*
 * runs: what a store remembers of runs, beside its objects: small texts by a key and a value, both 64 hexadecimal digits,
 * at <root>/runs/<k[:2]>/<k>/<v>, as DVC lays its run cache out (dvc-formats 9). What they say is none of the store's business.
 *
 * A text appears under its name whole. After a power failure it may be empty or gone: whoever reads it takes it for absent, and
 * whoever makes it again replaces it. Collection leaves runs alone. Main thread only.
 */
#ifndef STORE_RUNS_H
#define STORE_RUNS_H

#include "store/store.h"

/* Length of a key or value. */
#define RUNS_HEX 64

/* Longest text accepted, in bytes. */
#define RUNS_SIZE_LIMIT ((size_t)16 << 20)

/* The folder below the root of a store, or of a remote, where they are. */
#define RUNS_FOLDER "runs"

/* "runs/ab/ab…/v", as it is below the root of a store and of a remote. New string. */
char *runs_path(const char *key, const char *value);

/* The key and the value of such a path, which are its last parts; false if it is none. Points into path; the value ends it. */
bool runs_parse(const char *path, char key[RUNS_HEX + 1], const char **value);

/* The values kept under a key, newest first: new strings in an array that frees them; empty if there are none. */
GPtrArray *runs_values(const struct store *store, const char *key);

/* One text; NULL without the error set if it is absent. ERROR_UNSAFE over the limit. New string. */
char *runs_read(const struct store *store, const char *key, const char *value, size_t *length, GError **error);

/* Whether a text of that length is there. */
bool runs_has(const struct store *store, const char *key, const char *value, size_t length);

/* Called for each text. Return false to stop with *error set. */
typedef bool (*runs_visit)(const char *key, const char *value, uint64_t size, void *user, GError **error);

/* Visit all texts, in the order of their names. */
bool runs_each(const struct store *store, runs_visit visit, void *user, GError **error);

/* Texts on their way in. */
struct runs_writer;

/* Begin to add some. */
struct runs_writer *runs_begin(struct store *store, GError **error);

/* Add one; nothing if one of that length is there. */
bool runs_add(struct runs_writer *writer, const char *key, const char *value, const char *text, size_t length,
	      GError **error);

/* End. */
void runs_end(struct runs_writer *writer);

AUTO_DEFINE(runs_writer, runs_end);

#endif
