/*
 * folder: a directory as a remote: a disk of this machine, a network mount. Readable by DVC as its local remote.
 *
 * Objects are written to <root>/.mlv/tmp/<batch>/, flushed together and then renamed, mode 0444. Sound means what it
 * means to DVC: right size and no write permission; whatever else is hashed before it is believed.
 */
#ifndef BACKEND_FOLDER_H
#define BACKEND_FOLDER_H

#include "remote/remote.h"

extern const struct remote_ops remote_folder;      /* /absolute/path */
extern const struct remote_ops remote_folder_file; /* file:///absolute/path, percent-encoded */

#endif
