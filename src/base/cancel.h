/*
 * cancel: the one flag that Ctrl-C sets, and whether it is heeded now. The only file-scope variables of the program that change.
 */
#ifndef BASE_CANCEL_H
#define BASE_CANCEL_H

#include <glib.h>
#include <stdbool.h>

/*
 * Catch SIGINT, SIGTERM and SIGHUP from now on (a second one ends the process at once), except those that the parent
 * had ignored; ignore SIGPIPE; have SIGCHLD at its default, which proc needs. Main thread.
 */
void cancel_install(void);

/* Whether the user asked to stop. Any thread; cheap. */
bool cancel_requested(void);

/* Ask to stop, as a signal would. Any thread; for tests and for a fatal error in a pool. */
void cancel_request(void);

/* Which signal came, 0 if none: a process that was interrupted ends with 128 + this. */
int cancel_signal(void);

/*
 * While deferred, nobody is asked to stop: what is under way has to be finished, such as recording what was done before Ctrl-C.
 * A second signal ends the process all the same. Main thread; calls nest.
 */
void cancel_defer(void);
void cancel_resume(void);

/* false with ERROR_CANCELLED "interrupted" set if cancel_requested(), else true. */
bool cancel_check(GError **error);

#endif
