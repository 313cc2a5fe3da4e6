/*
 * sftp-list: the listing of a directory as libcurl gives it for sftp: lines like those of `ls -al`, as servers make
 * them. Pure; any thread.
 */
#ifndef BACKEND_SFTP_SFTP_LIST_H
#define BACKEND_SFTP_SFTP_LIST_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What an entry is. Of others, symbolic links among them, the size is not that of what they lead to. */
enum sftp_kind { SFTP_FILE, SFTP_DIR, SFTP_OTHER };

/* What a directory has; the name is borrowed for the call. */
typedef void (*sftp_entry_fn)(const char *name, enum sftp_kind kind, uint64_t size, void *user);

/*
 * Tell every entry but "." and "..". A line that is none, as after a newline in a name, belongs to the name before it.
 * Names that cannot be one component of a path are left out. False if some line cannot be read, so that what is missing
 * here may be there.
 */
bool sftp_list_parse(const char *text, size_t length, sftp_entry_fn tell, void *user);

#endif
