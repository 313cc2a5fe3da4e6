/*
 * lfs-int: what the files of the LFS body share: lfs.c (steps of a transfer), lfs-group.c (questions about many objects
 * at once), lfs-conn.c (the connection, who we are to whom), lfs-ssh.c (git-lfs-authenticate).
 */
#ifndef BACKEND_LFS_LFS_INT_H
#define BACKEND_LFS_LFS_INT_H

#include "backend/lfs/lfs-batch.h"
#include "backend/lfs/lfs-endpoint.h"
#include "backend/lfs/lfs.h"
#include "remote/credential.h"

#include <pthread.h>

/* What git-lfs-authenticate told. */
struct lfs_login {
	struct lfs_action action;
	unsigned number; /* 0: it was not asked yet */
};

struct remote_conn {
	struct remote_spec *spec;      /* for the endpoint */
	struct remote_spec *elsewhere; /* for servers that the endpoint sends us to: no options of the remote */
	struct lfs_endpoint *endpoint;
	char *origin;                  /* of its URL */
	char *ssh_program;             /* as lfs_ssh_argv() wants it */
	bool upload;                   /* may ask for uploads */
	struct access *access;         /* to the endpoint */
	GHashTable *accesses;          /* see lfs_access(), owned */
	struct credential *credential; /* for the endpoint */
	pthread_mutex_t logging_in;    /* held while ssh asks */
	pthread_mutex_t mutex;         /* guards login */
	struct lfs_login login;
	GQueue waiting;                /* of struct transfer, borrowed: to be asked about */
	unsigned asking;               /* groups under way */
	unsigned group_max;            /* members of one; fewer once the server has complained */
};

/* What a transfer needs to know: transfer->state. */
struct lfs_task {
	struct lfs_want want;
	bool size_known;
	struct lfs_group *group;   /* that it is asked about in; NULL: none */
	bool queued;               /* in conn->waiting */
	struct lfs_object *object; /* the answer; NULL: none yet */
	GError *refused;           /* what cannot be done at all */
	unsigned login;            /* that its last request carried */
	unsigned logins, renewals; /* tried so far */
	unsigned failures;         /* of the server about this object, after which it was asked anew */
	bool left_out;             /* of an answer once */
};

/* --- lfs-conn.c --- */

/* remote_ops.open() and close(). */
struct remote_conn *lfs_open(const struct remote_spec *spec, enum remote_mode mode, GError **error);
void lfs_close(struct remote_conn *conn);

/* Whether who we are must be found out before the first request: by lfs_login(). */
bool lfs_login_is_due(struct remote_conn *conn);

/* [any] Get another login than number `refused`; may take long and ask. ERROR_DENIED if there is none. */
bool lfs_login(struct remote_conn *conn, unsigned refused, GError **error);

/* A 401: note what the server wants to know. */
void lfs_challenge(struct remote_conn *conn, const struct reply *reply);

/* A login of that number was accepted. */
void lfs_accept(struct remote_conn *conn, unsigned login);

/* A POST of JSON to `path` below the endpoint, and the number of the login that it carries. */
struct request *lfs_api_request(struct remote_conn *conn, const char *path, const GString *body, unsigned *login);

/* A GET of an object's address below the endpoint itself, and the number of its login. */
struct request *lfs_direct_request(struct remote_conn *conn, const char *oid, unsigned *login);

/*
 * A request to where an action sends us, with its headers; only at the endpoint's own origin, and without an
 * Authorization of the action's own, with our login. ERROR_UNSAFE for http where the endpoint is https.
 */
struct request *lfs_action_request(struct remote_conn *conn, const char *method, const struct lfs_action *action,
				   unsigned *login, GError **error);

/* Whether a login of ours would be of use there. */
bool lfs_is_ours(struct remote_conn *conn, const struct lfs_action *action);

/* Whether an action has run out, or is about to. */
bool lfs_has_expired(const struct lfs_action *action);

/* --- lfs-ssh.c --- */

/* Which ssh Git would run: a command for the shell behind '!', else a program. New string. */
char *lfs_ssh_program(const struct config *git);

/* The command line (NULL-terminated, of new strings) that asks the endpoint's host about `operation`. */
GStrv lfs_ssh_argv(const struct lfs_endpoint *endpoint, const char *program, const char *operation);

/* [any] Ask, and read the answer. ERROR_DENIED with what the host said if it does not answer. */
bool lfs_ssh_ask(const struct lfs_endpoint *endpoint, const char *program, bool upload, struct lfs_action *action,
		 GError **error);

/* --- lfs-group.c --- */

/* Whether the transfer may ask now, alone or in the name of others: then it leads a group. Else it waits. */
bool lfs_group_lead(struct remote_conn *conn, struct transfer *transfer);

/* The question that the leader's group asks, and the number of the login that it carries. */
struct request *lfs_group_request(struct remote_conn *conn, struct transfer *leader);

/*
 * Hand the answer out to all members, who then have an object, ask anew or are refused. ERROR_CORRUPT if it cannot be read:
 * then the group stays.
 */
bool lfs_group_answer(struct remote_conn *conn, struct transfer *leader, const struct reply *reply, GError **error);

/* The question failed. If the leader gives up, the others have failed of the same. `error` is copied. */
void lfs_group_blame(struct transfer *leader, const GError *error);

/*
 * The server did not like the question: have all members ask anew, in smaller groups from now on. False if it was about
 * the leader alone.
 */
bool lfs_group_split(struct remote_conn *conn, struct transfer *leader);

/* The transfer ends, or asks anew: it leaves its group, which ends with its leader, and the queue. */
void lfs_group_leave(struct remote_conn *conn, struct transfer *transfer);

#endif
