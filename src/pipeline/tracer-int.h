/*
 * tracer-int: what the files of the tracer share: the system calls that it stops at, and what it makes of them.
 */
#ifndef PIPELINE_TRACER_INT_H
#define PIPELINE_TRACER_INT_H

#include "pipeline/trace-report.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* What a system call does to files, as far as we care. */
enum call_kind {
	CALL_OPEN,   /* flags say how */
	CALL_OPEN2,  /* openat2: a struct says how */
	CALL_CREATE, /* creat, mknod, symlink, truncate: writes the path */
	CALL_RENAME,
	CALL_LINK,
	CALL_EXEC,
	CALL_LIST,  /* reads names from an open folder */
	CALL_URING, /* opens a way past all of this */
};

/* One system call: which of its arguments are what; -1: it has no such. */
struct call {
	int nr;
	enum call_kind kind;
	signed char dir, path, flags; /* the descriptor that a path starts at; the path; flags or struct */
	signed char to_dir, to_path;  /* the second path of two */
};

/* The calls to stop at; *count of them. A stop tells the index. */
const struct call *tracer_calls(size_t *count);

/* Whether this processor is one that we know how to filter calls of. */
bool tracer_knows_processor(void);

/* From now on, stop this thread and what it starts at those calls. Wants a tracer. 0 or -1 and errno. */
int tracer_filter(void);

/* One who watches. */
struct tracer;

/* Make one for the project at `root` (absolute, without links). */
struct tracer *tracer_new(const char *root);

/* A thread is about to make call `index` with these arguments. Whether tracer_leave() must be told how it went. */
bool tracer_enter(struct tracer *tracer, pid_t tid, size_t index, const uint64_t *args);

/* The call of that thread succeeded with `result`, or failed. */
void tracer_leave(struct tracer *tracer, pid_t tid, int64_t result, bool failed);

/* The thread, which was `former` before, runs another program now. */
void tracer_executed(struct tracer *tracer, pid_t tid, pid_t former);

/* The thread is gone. */
void tracer_gone(struct tracer *tracer, pid_t tid);

/* What was seen. */
const struct trace_report *tracer_report(const struct tracer *tracer);

#endif
