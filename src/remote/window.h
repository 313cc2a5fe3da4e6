/*
 * window: how many requests at once a remote bears: grows while all goes well, is halved when the remote says that it
 * is too much (additive increase, multiplicative decrease: RFC 5681 does so for TCP; growth is fast until the first
 * complaint). Plain arithmetic, no clock of its own. A window is embedded by its owner.
 */
#ifndef REMOTE_WINDOW_H
#define REMOTE_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

struct window {
	double size;
	unsigned limit;
	bool complained;   /* the remote has complained: grow slowly */
	int64_t halved_us; /* when it last did */
};

/* A window that starts small and never grows over `limit`, at least 1. */
void window_init(struct window *window, unsigned limit);

/* A request went well. */
void window_grow(struct window *window);

/* The remote was overloaded at `now_us` (steady clock). Complaints within the same second count once. */
void window_halve(struct window *window, int64_t now_us);

/* How many requests may be under way, at least 1. */
unsigned window_size(const struct window *window);

#endif
