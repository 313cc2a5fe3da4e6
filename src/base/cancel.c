#include "base/cancel.h"
#include "base/error.h"

#include <signal.h>
#include <stdatomic.h>

/* Asked to stop, but not by a signal. */
#define BY_REQUEST (-1)

/* 0, BY_REQUEST, or the signal that came first. Lock-free, so a signal handler may touch it. */
static atomic_int state;

/* How many cancel_defer() are to be resumed. */
static atomic_int deferred;

static void on_signal(int number)
{
	int none = 0;

	if (atomic_compare_exchange_strong(&state, &none, number) || none == BY_REQUEST)
		return;
	/* A second one: the user means it. Delivered with the default action as soon as this handler returns. */
	signal(number, SIG_DFL);
	raise(number);
}

void cancel_install(void)
{
	static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
	struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
	struct sigaction old;

	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++) {
		/* Under nohup, or in the background of a script, the parent wants it ignored. */
		if (sigaction(numbers[i], NULL, &old) == 0 && old.sa_handler == SIG_IGN)
			continue;
		sigaction(numbers[i], &action, NULL);
	}
	signal(SIGPIPE, SIG_IGN);
	/* Some parents leave it ignored, and the kernel then forgets how our children ended. */
	signal(SIGCHLD, SIG_DFL);
}

bool cancel_requested(void)
{
	return atomic_load_explicit(&state, memory_order_relaxed) != 0 &&
	       atomic_load_explicit(&deferred, memory_order_relaxed) == 0;
}

void cancel_defer(void)
{
	atomic_fetch_add(&deferred, 1);
}

void cancel_resume(void)
{
	atomic_fetch_sub(&deferred, 1);
}

void cancel_request(void)
{
	int none = 0;

	atomic_compare_exchange_strong(&state, &none, BY_REQUEST);
}

int cancel_signal(void)
{
	int value = atomic_load(&state);

	return value == BY_REQUEST ? 0 : value;
}

bool cancel_check(GError **error)
{
	if (!cancel_requested())
		return true;
	error_set(error, ERROR_CANCELLED, "interrupted");
	return false;
}
