/*
 * file: whole files, safely. Reading with a limit, replacing atomically and durably, opening and creating below a
 * directory without being led out of it by a symbolic link, copying.
 *
 * Anything that changes what the user has goes through file_replace() or a temporary name made here, so that a kill at
 * any instant leaves the old or the new content. All functions may be called from any thread.
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Names that start so are ours, half-made, and may be removed once no process that could have made them runs. */
#define FILE_TEMP_PREFIX ".mlv-tmp-"

/*
 * Read the whole file into *data (NUL-terminated for comfort, g_free() it) and its length into *length (may be NULL).
 * ERROR_UNSAFE if it has more than `limit` bytes or is not a regular file; errno errors name the path.
 */
bool file_read(const char *path, size_t limit, char **data, size_t *length, GError **error);

/*
 * Replace or create `path` with exactly these bytes: temporary name beside it, write, fsync, rename, fsync of the
 * directory. An existing file keeps its permission bits, a new one gets `mode` & ~umask. Follows a symbolic link at
 * `path` itself (the file it points to is replaced). The directory must exist.
 */
bool file_replace(const char *path, const void *data, size_t length, mode_t mode, GError **error);

/* fsync the directory, so that renames and creations in it are durable. */
bool file_sync_dir(const char *dir, GError **error);

/*
 * rename() of a file, link or directory that refuses to replace: -1 with EEXIST. In one step where the file system can do that,
 * elsewhere (many network file systems) after a look. 0 or -1 and errno.
 */
int file_rename_new(int from_dir, const char *from, int to_dir, const char *to);

/* syncfs() of the file system that holds fd: everything written there so far is on disk, or an error says not. */
bool file_sync_fs(int fd, GError **error);

/* mkdir -p with mode 0777 & ~umask. */
bool file_make_dirs(const char *dir, GError **error);

/*
 * Open relative path `path` below directory `root` without following any symbolic link on the way or at the end and
 * without leaving root (openat2 RESOLVE_BENEATH|RESOLVE_NO_SYMLINKS; component-wise O_NOFOLLOW where the kernel lacks
 * it). `flags` and `mode` as for open(); O_CLOEXEC and O_NOFOLLOW are added. "" opens root itself again. -1 and an
 * error: ERROR_UNSAFE where a link stands in the way, else by errno.
 */
int file_open_beneath(int root, const char *path, int flags, mode_t mode, GError **error);

/* Make the directories of `path` below `root` (all components), never through a link. As file_open_beneath(). */
bool file_make_dirs_beneath(int root, const char *path, GError **error);

/*
 * Open the directory that holds `path` below `root`, never through a link, and point *name at the last component
 * (inside path). With `create`, missing directories are made. The caller closes the result. -1 and an error otherwise.
 */
int file_open_parent(int root, const char *path, bool create, const char **name, GError **error);

/*
 * Create a new empty file with a fresh FILE_TEMP_PREFIX name in dirfd, mode 0600, open for reading and writing.
 * *name becomes the name (g_free() it). Returns the descriptor or -1.
 */
int file_make_temp(int dirfd, char **name, GError **error);

/* A fresh FILE_TEMP_PREFIX name (not created), for link(), symlink() and mkdir(). New string. */
char *file_temp_name(void);

/*
 * The temporary name for what is to become `name` in the same directory: always the same, so that whoever does the work again
 * after a kill finds what was left. For callers that hold a lock under which nobody else makes `name`. New string.
 */
char *file_temp_name_for(const char *name);

/* Whether a name is one that the functions above make: a left-over of ours where nobody is at work. */
bool file_is_temp_name(const char *name);

/*
 * Remove a temporary file in dirfd if no process holds it, as file_replace() does until the rename; with `dry_run` only find
 * that out. Whether it was (would be) removed; never where the file system knows no locks.
 */
bool file_drop_dead(int dirfd, const char *name, bool dry_run);

/*
 * Copy all bytes from the position of `from` to `to`: copy_file_range() where it works, else read and write. Holes may
 * be kept. *copied (may be NULL) counts bytes. Stops with ERROR_CANCELLED when cancel_requested().
 */
bool file_copy(int from, int to, uint64_t *copied, GError **error);

/* Write all of it, however often write() is short or interrupted. */
bool file_write_all(int fd, const void *data, size_t length, GError **error);

/*
 * rm -r of `name` in dirfd (a file, link or directory; a path as for file_open_beneath(), so not absolute); never
 * follows a link; absent is fine.
 */
bool file_remove_tree(int dirfd, const char *name, GError **error);

#endif
