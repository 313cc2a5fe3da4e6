/*
 * multistatus: reads what a WebDAV server answers to PROPFIND with Depth 1 (RFC 4918 13): the members of a collection.
 *
 * Hostile until proven otherwise: the caller has bounded the text. Members are told by their own name alone; what does
 * not lie right in the collection, or whose name would lead elsewhere, is passed over. Pure.
 */
#ifndef BACKEND_WEB_MULTISTATUS_H
#define BACKEND_WEB_MULTISTATUS_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The size was not told. */
#define MULTISTATUS_NO_SIZE UINT64_MAX

struct multistatus_member {
	char *name; /* decoded: one component, neither "." nor "..", without '/' */
	bool is_collection;
	uint64_t size;    /* of a file; MULTISTATUS_NO_SIZE if it was not told */
	int64_t modified; /* seconds since the epoch; 0 if it was not told */
};

/*
 * The members, a GPtrArray with its free function, in the server's order. `path` is the percent-encoded path that was
 * asked for; a server behind a proxy may know it by another one. ERROR_CORRUPT if it is no such text, ERROR_UNSAFE for
 * what is nested beyond reason.
 */
GPtrArray *multistatus_read(const char *text, size_t length, const char *path, GError **error);

#endif
