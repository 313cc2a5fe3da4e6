/*
 * webdav: a WebDAV server (RFC 4918) as a remote: webdav://host/path over HTTP, webdavs://host/path over TLS.
 *
 * An object is sent to .mlv/tmp/<name> and moved to its key when all of it is there, so that nobody sees half of one;
 * where a server cannot move, it is sent to its key, and its last bytes leave only when the hash is right. Missing
 * collections are made before something is moved there. Listing walks collections with Depth 1, which all servers
 * allow. What a broken upload leaves is deleted at the end, or by a later gc.
 */
#ifndef BACKEND_WEB_WEBDAV_H
#define BACKEND_WEB_WEBDAV_H

#include "remote/remote.h"

extern const struct remote_ops remote_webdav;  /* webdav://host/path */
extern const struct remote_ops remote_webdavs; /* webdavs://host/path */

#endif
