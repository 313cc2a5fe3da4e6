/*
 * file-int: what the file units share, and the parts that tests and walk reach directly. These functions make no
 * GError, because their callers act on errno; a negative result is one, negated.
 */
#ifndef BASE_FILE_INT_H
#define BASE_FILE_INT_H

#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>

/* Set "verb 'path': strerror" with the path quoted, as error_set_errno() does; always false, for the caller's return.
 */
bool file_fail(GError **error, int errnum, const char *verb, const char *path);

/* As file_make_temp(), with the permission bits `mode` & ~umask. */
int file_create_temp(int dirfd, mode_t mode, char **name);

/*
 * The same for what is to replace `base` there: under the name of file_temp_name_for(), over what a killed process left, unless
 * another process is at it. Keep the descriptor open until the rename: it holds the name.
 */
int file_create_temp_for(int dirfd, const char *base, mode_t mode, char **name);

/* As file_open_beneath(); -ELOOP where a link stands in the way, -EXDEV where the path leads out of root. */
int file_open_beneath_raw(int root, const char *path, int flags, mode_t mode);

/* The way of file_open_beneath_raw() on kernels without openat2(): one component after the other. */
int file_open_stepwise(int root, const char *path, int flags, mode_t mode);

/* Set the error of file_open_beneath() for a negative result of the functions above; always -1. */
int file_fail_beneath(GError **error, int result, const char *path);

#endif
