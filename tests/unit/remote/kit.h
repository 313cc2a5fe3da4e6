/*
 * kit: what tests of remotes share: transfers of bytes in memory, and running them.
 */
#ifndef TESTS_REMOTE_KIT_H
#define TESTS_REMOTE_KIT_H

#include "remote/engine.h"

/* This side's bytes of a transfer: what to send, or what came. Goes in transfer->user. */
struct load {
	GBytes *bytes; /* what to send; after a GET that went well, what came */
	bool dropped;  /* the GET was told that what came is not whole */
};

/* An end over struct load. */
extern const struct transfer_end load_end;

/* A PUT of text under the key of its sha256; the load is the caller's. */
struct transfer *kit_put(struct load *load, const void *data, size_t length);

/* A GET of the object that has these bytes. */
struct transfer *kit_get(struct load *load, const void *data, size_t length);

/* A transfer of `kind` for the key of the object that has these bytes. */
struct transfer *kit_transfer(enum transfer_kind kind, const void *data, size_t length);

/* The sha256 id of a buffer. */
struct oid kit_oid(const void *data, size_t length);

/* Free a load's bytes. */
void load_clear(struct load *load);

/* An engine that gives up quickly. */
struct engine *kit_engine(void);

/* Run one transfer; how it ended. */
enum transfer_status kit_run(struct engine *engine, struct remote *remote, struct transfer *transfer);

/* Run many, a GPtrArray of struct transfer; true as engine_run(). */
bool kit_run_all(struct engine *engine, struct remote *remote, GPtrArray *transfers, GError **error);

#endif
