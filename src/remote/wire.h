/*
 * wire: performs requests, many at once, over curl_multi. It knows HTTP and SFTP as transports, and no remote.
 *
 * Connections are kept and reused, HTTP/2 is multiplexed where offered. It follows redirects (request.redirects) without
 * taking secrets to another origin, never from https to http. Bytes of ranges go through the transfer's stream, so they
 * are hashed, counted, journaled and held to the rate limit. Main thread only, but for wire_wake() and wire_ask().
 */
#ifndef REMOTE_WIRE_H
#define REMOTE_WIRE_H

#include "base/auto.h"
#include "remote/rate.h"
#include "remote/request.h"

#include <glib.h>
#include <stdbool.h>

struct stream;
struct wire;

struct wire_options {
	unsigned connections; /* at most so many to all hosts */
	unsigned stall;       /* drop a transfer that has hardly moved for so many seconds; 0: 60 */
	struct rate *rate;    /* NULL: no limit; borrowed */
};

/* A wire without requests. */
struct wire *wire_new(const struct wire_options *options, GError **error);

/* Drop all requests and connections. */
void wire_free(struct wire *wire);

AUTO_DEFINE(wire, wire_free);

/*
 * Begin a request. It and the stream (NULL unless it sends or takes a range) are borrowed until wire_next() gives `tag`
 * back or wire_drop() was called.
 */
void wire_start(struct wire *wire, const struct request *request, struct stream *stream, void *tag);

/* Forget a request: nothing more is called or told for it. */
void wire_drop(struct wire *wire, void *tag);

/* Move bytes, then wait for something to happen: at most `timeout_ms`, less if wire_wake() is called. */
void wire_turn(struct wire *wire, int timeout_ms);

/* The tag of a finished request and what came of it, to be freed with reply_clear(); NULL if none has finished. */
void *wire_next(struct wire *wire, struct reply *reply);

/* [any] End a wait in wire_turn(). */
void wire_wake(struct wire *wire);

/*
 * [any] Perform one request by itself and wait for it: for tokens, credentials, metadata. No range can be moved.
 * `timeout_ms` limits the whole of it. false with the error set if no whole response came, or on Ctrl-C.
 */
bool wire_ask(const struct request *request, unsigned timeout_ms, struct reply *reply, GError **error);

#endif
