/*
 * points: the rows of one file of plot data, from CSV, TSV, JSON, YAML or TOML: a table of named fields.
 *
 * Never changed once read. Values point into the file's text, which the points own. Any thread.
 */
#ifndef MEASURE_POINTS_H
#define MEASURE_POINTS_H

#include "base/auto.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Most values (rows times fields) of one file, and its most bytes. */
#define POINTS_VALUE_LIMIT ((size_t)16 << 20)
#define POINTS_SIZE_LIMIT ((size_t)128 << 20)

enum point_kind {
	POINT_ABSENT, /* the row has no such field */
	POINT_NULL,
	POINT_TEXT, /* everything from CSV: numbers stay as they are written */
	POINT_INT,
	POINT_FLOAT,
	POINT_BOOL,
};

struct point_value {
	enum point_kind kind;
	union {
		const char *text;
		int64_t integer;
		double real;
		bool boolean;
	};
};

struct points {
	GPtrArray *fields;  /* of names, owned, in the order of the file, each once */
	size_t count;       /* rows */
	char *y;            /* the field that is plotted where none is named: the last; NULL if there is none */
	size_t long_rows;   /* rows that had more values than there are fields: those were dropped */
	struct point_value *values; /* private: rows one after the other */
	void *owned;                /* private: what values point into */
	GDestroyNotify free_owned;
};

/* Whether a file of that name holds plot data: .csv .tsv .json .yaml .yml .toml, in any case. */
bool points_is_name(const char *name);

/*
 * Read data (taken: g_free()d with the points or on failure; a NUL stands behind `length` bytes) by the suffix of `name`, which
 * also stands in messages. A CSV without `header` has fields "0", "1" … In other formats every list of maps with the same keys
 * is data; several of them are joined row by row. ERROR_CORRUPT for what cannot be read, ERROR_UNSAFE over POINTS_VALUE_LIMIT,
 * ERROR_USAGE for another kind of file.
 */
struct points *points_read(char *data, size_t length, const char *name, bool header, GError **error);

/* Which field has that name; -1 if none has. */
int points_field(const struct points *points, const char *name);

/* The value of a field (by number) in a row. */
const struct point_value *points_get(const struct points *points, size_t row, int field);

/* Free them. */
void points_free(struct points *points);

AUTO_DEFINE(points, points_free);

/* The value as a finite number; false if it is none. Text counts if all of it is a number. */
bool point_number(const struct point_value *value, double *number);

/* Whether the value is written as a number, but none to draw: NaN, infinity, or one that is too large. */
bool point_is_not_finite(const struct point_value *value);

/* Append the value as text: nothing for one that is absent or null. */
void point_text(GString *out, const struct point_value *value);

#endif
