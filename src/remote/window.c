#include "remote/window.h"

#include <glib.h>

#define START 8.0

/* Requests that were under way together are refused together. */
#define ONE_COMPLAINT_US ((int64_t)1000000)

void window_init(struct window *window, unsigned limit)
{
	*window = (struct window){.limit = MAX(limit, 1), .halved_us = INT64_MIN / 2};
	window->size = MIN(START, window->limit);
}

void window_grow(struct window *window)
{
	window->size += window->complained ? 1.0 / window->size : 1.0;
	window->size = MIN(window->size, window->limit);
}

void window_halve(struct window *window, int64_t now_us)
{
	if (now_us - window->halved_us < ONE_COMPLAINT_US)
		return;
	window->complained = true;
	window->halved_us = now_us;
	window->size = MAX(window->size / 2, 1.0);
}

unsigned window_size(const struct window *window)
{
	return (unsigned)window->size;
}
