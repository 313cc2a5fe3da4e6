/*
 * lfs: a Git LFS server as a remote, through the batch API with basic transfers.
 *
 * Its ids are sha256, so native objects fit as they are; a folder's manifest <sha256>.dir is the object <sha256> there.
 * Objects of DVC's md5 cannot be kept there. The API has no listing, deletion or renaming, so such a remote is never
 * collected.
 *
 * One question is about up to LFS_BATCH_MAX objects: transfers that begin while one is under way gather for the next.
 *
 * The API wants each object's size. Files have it in pointers and manifests, manifests themselves do not. Most servers
 * (GitLab, JGit, the reference server) do not look at it for downloads, so 0 is sent. Those that do (Gitea, Forgejo)
 * answer 422; they serve GET <endpoint>/objects/<id> without asking for a size.
 */
#ifndef BACKEND_LFS_LFS_H
#define BACKEND_LFS_LFS_H

#include "remote/remote.h"

extern const struct remote_ops remote_lfs; /* lfs::… */

#endif
