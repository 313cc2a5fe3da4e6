/*
 * http: any web server as a remote: read by GET and HEAD, written by PUT, or by POST if the option `method` says so. No
 * listing, moving or deleting: that takes WebDAV (webdav.h).
 *
 * An object is looked for before it is sent. The last bytes of an upload leave only when its hash is right, so that a
 * server never has a whole wrong object. The first upload of a connection is looked for afterwards, too: a server may
 * answer 200 to what it throws away.
 */
#ifndef BACKEND_WEB_HTTP_H
#define BACKEND_WEB_HTTP_H

#include "remote/remote.h"

extern const struct remote_ops remote_http;  /* http://host/path */
extern const struct remote_ops remote_https; /* https://host/path */

#endif
