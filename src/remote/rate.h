/*
 * rate: a limit on bytes per second that all transfers of an engine share: a token bucket that holds half a second's
 * worth. Any thread.
 */
#ifndef REMOTE_RATE_H
#define REMOTE_RATE_H

#include "base/auto.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct rate;

/* A limit of `bytes_per_second`, at least 1. */
struct rate *rate_new(uint64_t bytes_per_second);

/* Account for bytes that move now (time in us of the steady clock); how many us the mover must pause for it. */
int64_t rate_take(struct rate *rate, uint64_t bytes, int64_t now_us);

/* How many us to wait until bytes may move again; 0: now. For who must not block: wait, move, then rate_take(). */
int64_t rate_delay(struct rate *rate, int64_t now_us);

/* rate_take() and the pause. ERROR_CANCELLED as soon as the user interrupts. */
bool rate_wait(struct rate *rate, uint64_t bytes, GError **error);

/* Free it. */
void rate_free(struct rate *rate);

AUTO_DEFINE(rate, rate_free);

#endif
