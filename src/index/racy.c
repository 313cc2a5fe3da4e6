#include "index/racy.h"

#define SECOND_NS INT64_C(1000000000)

/* A modification time so far ahead was set by somebody; a clock of a file server that goes wrong is not. */
#define FUTURE_NS (3600 * SECOND_NS)

bool racy_is_short(const struct stamp *stamp)
{
	/* Our own marks have whole modification times, but no whole change times. */
	return stamp->mtime_ns % SECOND_NS != 0 || stamp->ctime_ns % SECOND_NS != 0;
}

bool racy_is_fresh(const struct stamp *stamp, int64_t now_ns)
{
	int64_t old = now_ns - (racy_is_short(stamp) ? RACY_TICK_NS : 2 * SECOND_NS);

	/* No program can set the change time, so it is believed even when it lies ahead. */
	return stamp->ctime_ns > old || (stamp->mtime_ns > old && stamp->mtime_ns < now_ns + FUTURE_NS);
}
