/*
 * error: one GError domain for the whole program, and the hint that travels with an error.
 *
 * A function that can fail takes `GError **error` last and returns false or NULL with the error set. On the way up a
 * caller adds what it was doing with g_prefix_error(), so that the text reads from the outside in:
 * "check out 'data/a.csv': open 'data': Permission denied". The hint is the one command that helps; it is set by the
 * function that knows it and printed on a line of its own. Errors hold no secrets: callers redact before they format.
 * Any thread may make an error; an error belongs to one thread at a time.
 */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include <glib.h>
#include <stdbool.h>

/* Why something failed, as far as a caller may want to act on it. */
enum error_code {
	ERROR_FAILED,    /* no better word */
	ERROR_IO,        /* a system call failed; the text ends with strerror */
	ERROR_NOT_FOUND, /* a file, object, revision, remote … does not exist */
	ERROR_CORRUPT,   /* bytes do not match their hash, or a document cannot be parsed */
	ERROR_UNSAFE,    /* hostile or forbidden: a path that leaves the project, a size over its limit */
	ERROR_CONFLICT,  /* going on would overwrite or lose unsaved data; nothing was touched */
	ERROR_BUSY,      /* another process holds a lock */
	ERROR_DENIED,    /* permission or credentials */
	ERROR_TRANSIENT, /* may heal by itself: worth a retry */
	ERROR_USAGE,     /* the command line or a setting is wrong */
	ERROR_INVALID,   /* a document that can be parsed says what cannot be: a circle of stages, an output of two, a loop */
	ERROR_CANCELLED, /* the user interrupted */
};

#define MLV_ERROR (error_quark())

/* The domain of every error this program makes. */
GQuark error_quark(void);

/* Set *error (which may be NULL, then nothing happens; else must point to NULL) to `code` and the formatted text. */
void error_set(GError **error, enum error_code code, const char *format, ...) G_GNUC_PRINTF(3, 4);

/*
 * As error_set(), with ": " and strerror(errnum) appended. The code follows errnum: ENOENT and ENOTDIR give
 * ERROR_NOT_FOUND, EACCES, EPERM and EROFS ERROR_DENIED, all else ERROR_IO.
 */
void error_set_errno(GError **error, int errnum, const char *format, ...) G_GNUC_PRINTF(3, 4);

/* Give the error a hint (replacing one that it has). A NULL or unset error, or a foreign one, is left alone. */
void error_hint(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* The error's hint, owned by the error; NULL if it has none. */
const char *error_get_hint(const GError *error);

/*
 * All errors of a list (of GError) as one: true if there are none, else false with their messages, a line each, in order. The first
 * sets the code and the hint; beyond twenty only their number is told.
 */
bool error_join(const GPtrArray *list, GError **error);

/* Whether the error is of our domain and has this code; false for NULL. */
bool error_is(const GError *error, enum error_code code);

#endif
