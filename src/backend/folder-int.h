/*
 * folder-int: the connection of a folder remote: its directory, and the batch directory for files in the making.
 */
#ifndef BACKEND_FOLDER_INT_H
#define BACKEND_FOLDER_INT_H

#include "remote/remote.h"

#include <glib.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/* Below this prefix lies what is ours and not the remote's content. */
#define FOLDER_OURS ".mlv/"

struct remote_conn {
	char *root; /* absolute */
	int fd;     /* of root, open before anything is written: a flush reports errors since then */
	enum remote_mode mode;
	int lock; /* shared by who writes, exclusive for who collects; -1 if there is none to be had here */
	bool shared_group;     /* option `shared = group`: directories are 02775 */
	pthread_mutex_t mutex; /* guards the making of the batch */
	char *batch_path;      /* below root; NULL as long as nothing is sent */
	int batch;             /* its directory; -1 as long as nothing is sent */
	int batch_lock;        /* the lock file in it, flock()ed: in use as long as this is open */
	uint64_t serial;       /* atomic: of the last name in the batch */
};

/* remote_ops.open(): find the directory, or make it for REMOTE_WRITE if the one above it is there. */
struct remote_conn *folder_open(const struct remote_spec *spec, enum remote_mode mode, GError **error);

/* remote_ops.close(). */
void folder_close(struct remote_conn *conn);

/* [any] Make the batch directory on first call, after removing those of processes that are gone. */
bool folder_batch_open(struct remote_conn *conn, GError **error);

/* [any] A fresh name in the batch. New string. */
char *folder_batch_name(struct remote_conn *conn);

/* [any] Make the missing directories above a key; false with errno. */
bool folder_make_parents(const struct remote_conn *conn, const char *key);

/* [any] Remove the directories above a key of ours that are empty now. */
void folder_prune_parents(const struct remote_conn *conn, const char *key);

#endif
