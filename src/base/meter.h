/*
 * meter: bytes that workers have dealt with, for the main thread to read while a large file is still under way.
 */
#ifndef BASE_METER_H
#define BASE_METER_H

#include <stdatomic.h>
#include <stdint.h>

/* Zeroed by whoever holds it; it must live as long as workers may add to it. */
struct meter {
	_Atomic uint64_t bytes;
};

/* Count more bytes; a NULL meter counts nothing. Any thread. */
static inline void meter_add(struct meter *meter, uint64_t bytes)
{
	if (meter)
		atomic_fetch_add_explicit(&meter->bytes, bytes, memory_order_relaxed);
}

/* What was counted since the last call. Main thread. */
static inline uint64_t meter_take(struct meter *meter)
{
	return atomic_exchange_explicit(&meter->bytes, 0, memory_order_relaxed);
}

#endif
