/*
 * s3: buckets of Amazon's S3 and of all who speak its language, as remotes. Readable by DVC as its S3 remote.
 *
 * An object appears whole or not at all, so no temporary names are needed. Large ones go in parts and go on where they
 * stopped. ETags are opaque; what arrives is checked by hash at both ends.
 */
#ifndef BACKEND_S3_S3_H
#define BACKEND_S3_S3_H

#include "remote/remote.h"

extern const struct remote_ops remote_s3; /* s3://bucket/prefix */
extern const struct remote_ops remote_gs; /* gs://bucket/prefix: Google's storage by its S3-like interface, HMAC keys */

#endif
