/*
 * trace-report: which files inside a project a command used, as the tracer notes it, writes it down and `repro` reads it back.
 *
 * The text of a report is a sequence of records of three NUL-terminated fields, in blocks of one for each command of the stage:
 *
 *	"r" | "w" | "l", several together in this order; path; what the path resolves to, or ""
 *	"note"; why something may be missing, for people; ""
 *	"end"; how many records the block has before this one, decimal; ""
 *
 * Paths are relative to the project and normal ("" is its root). Reads of what was written before are left out: a temporary file
 * is neither an input nor an output. Plain values; one thread.
 */
#ifndef PIPELINE_TRACE_REPORT_H
#define PIPELINE_TRACE_REPORT_H

#include "base/auto.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

/* The longest report that is read, in bytes, and how many files one holds; what goes beyond is told by a note. */
#define TRACE_REPORT_LIMIT ((size_t)256 << 20)
#define TRACE_REPORT_FILES 250000

/* What was done with a file. */
enum trace_use {
	TRACE_READ = 1 << 0, /* its content, from before the stage ran */
	TRACE_WROTE = 1 << 1,
	TRACE_LISTED = 1 << 2, /* a folder: its names */
	TRACE_MADE = 1 << 3,   /* private: written by another of its names */
};

struct trace_file {
	char *path; /* as it was named, if that is inside the project, else what it resolves to */
	char *real; /* what it resolves to, inside the project too; NULL if that is the same or outside */
	unsigned use; /* of enum trace_use */
};

struct trace_report {
	GHashTable *files; /* path -> struct trace_file, owned */
	GHashTable *notes; /* set of char *, owned */
};

/* An empty one. */
struct trace_report *trace_report_new(void);

/* A file was read, written, or a folder listed, at this moment. `real` may be NULL. Strings are copied. */
void trace_report_read(struct trace_report *report, const char *path, const char *real);
void trace_report_wrote(struct trace_report *report, const char *path, const char *real);
void trace_report_listed(struct trace_report *report, const char *path);

/* A file or folder got another name; NULL for one that lies outside. */
void trace_report_renamed(struct trace_report *report, const char *from, const char *to);

/* Something that the reader must know. */
void trace_report_note(struct trace_report *report, const char *text);

/* Append the report to `out` as one block, sorted by path. */
void trace_report_write(const struct trace_report *report, GString *out);

/* Read a text of any number of blocks. ERROR_CORRUPT if it is cut off or no report. */
struct trace_report *trace_report_parse(const char *text, size_t length, GError **error);

/* The files, sorted by path: GPtrArray of struct trace_file, borrowed from the report. */
GPtrArray *trace_report_list(const struct trace_report *report);

/* Free it. */
void trace_report_free(struct trace_report *report);

AUTO_DEFINE(trace_report, trace_report_free);

#endif
