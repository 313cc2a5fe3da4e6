#include "base/clock.h"

#include <glib.h>
#include <time.h>

int64_t clock_file_now(void)
{
	struct timespec now;

	/* The precise clock is ahead of the one that stamps files by up to a tick: fresh files would look old. */
	clock_gettime(CLOCK_REALTIME_COARSE, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int64_t clock_steady_us(void)
{
	return g_get_monotonic_time();
}
