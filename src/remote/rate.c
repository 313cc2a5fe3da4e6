#include "remote/rate.h"

#include "base/cancel.h"
#include "base/clock.h"

#include <pthread.h>

/* What may move at once after a pause, in us worth of the rate. */
#define RATE_BURST_US ((int64_t)500000)

/* The longest sleep between two looks at the cancel flag. */
#define RATE_NAP_US ((int64_t)100000)

/*
 * The bucket is kept as the moment at which everything taken so far has been paid for; it never lags behind now by more
 * than the burst. That needs no refilling by a timer.
 */
struct rate {
	pthread_mutex_t mutex;
	double us_per_byte;
	double paid_until_us;
};

struct rate *rate_new(uint64_t bytes_per_second)
{
	struct rate *rate = g_new0(struct rate, 1);
	pthread_mutex_init(&rate->mutex, NULL);
	rate->us_per_byte = 1e6 / (double)MAX(bytes_per_second, 1);
	return rate;
}

int64_t rate_take(struct rate *rate, uint64_t bytes, int64_t now_us)
{
	pthread_mutex_lock(&rate->mutex);
	double from = MAX(rate->paid_until_us, (double)(now_us - RATE_BURST_US));
	rate->paid_until_us = from + (double)bytes * rate->us_per_byte;
	double pause = rate->paid_until_us - (double)now_us;
	pthread_mutex_unlock(&rate->mutex);
	return pause > 0 ? (int64_t)pause : 0;
}

int64_t rate_delay(struct rate *rate, int64_t now_us)
{
	pthread_mutex_lock(&rate->mutex);
	double pause = rate->paid_until_us - (double)now_us;
	pthread_mutex_unlock(&rate->mutex);
	return pause > 0 ? (int64_t)pause : 0;
}

bool rate_wait(struct rate *rate, uint64_t bytes, GError **error)
{
	int64_t now = clock_steady_us();
	int64_t end = now + rate_take(rate, bytes, now);
	for (; now < end; now = clock_steady_us()) {
		if (!cancel_check(error))
			return false;
		g_usleep((gulong)MIN(end - now, RATE_NAP_US));
	}
	return true;
}

void rate_free(struct rate *rate)
{
	if (!rate)
		return;
	pthread_mutex_destroy(&rate->mutex);
	g_free(rate);
}
