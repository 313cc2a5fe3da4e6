/*
 * memory-remote: a remote in memory with faults on demand, for tests: URL memory://…, from memory_place_url(); with "#N"
 * behind it, of client number N, which the turnstile is told.
 *
 * A place outlives the connections to it. All functions may be called from any thread.
 */
#ifndef TESTS_MEMORY_REMOTE_H
#define TESTS_MEMORY_REMOTE_H

#include "remote/remote.h"

/* What goes wrong. */
enum fault_kind {
	FAULT_TRANSIENT, /* an error worth a retry */
	FAULT_DENY,      /* an error that is not */
	FAULT_CORRUPT,   /* GET: a bit is wrong */
	FAULT_SHORT,     /* GET: the last byte does not come, and nothing says so */
	FAULT_CUT,       /* GET: half of what is missing comes, then an error worth a retry */
	FAULT_VANISH,    /* the key is gone from now on */
};

#define FAULT_ANY_KIND (-1)

struct fault {
	enum fault_kind what;
	int kind;        /* enum transfer_kind or FAULT_ANY_KIND */
	const char *key; /* NULL: any */
	unsigned times;  /* how often; 0: always */
};

struct memory_place;

/* An empty place. */
struct memory_place *memory_place_new(void);

/* Free it; nobody is connected any more. */
void memory_place_free(struct memory_place *place);

AUTO_DEFINE(memory_place, memory_place_free);

/* Its URL. New string. */
char *memory_place_url(const struct memory_place *place);

/* Have this go wrong from now on (fault copied, its key borrowed). The first fault that fits a step is the one that
 * strikes. */
void memory_place_fault(struct memory_place *place, const struct fault *fault);

/* No more faults. */
void memory_place_heal(struct memory_place *place);

/* Have flushes fail, or no longer. */
void memory_place_break_flush(struct memory_place *place, bool broken);

/* Have listings tell no sizes, or tell them again. */
void memory_place_hide_sizes(struct memory_place *place, bool hidden);

/* Have this called, on a worker, before each step; it may wait. Set while nobody is connected. */
void memory_place_turnstile(struct memory_place *place, void (*turnstile)(unsigned who, void *user), void *user);

/* How many transfers of a kind were begun, retries included. */
unsigned memory_place_count(struct memory_place *place, enum transfer_kind kind);

/* How many bytes GETs were given. */
uint64_t memory_place_given(struct memory_place *place);

/* Put bytes there behind everybody's back; NULL removes the key. */
void memory_place_plant(struct memory_place *place, const char *key, const char *text);

/* The bytes under a key; NULL if there are none. A new reference. */
GBytes *memory_place_look(struct memory_place *place, const char *key);

/* A table for remote_open() with only this body. */
extern const struct remote_ops *const memory_table[];
extern const struct remote_ops memory_remote;

#endif
