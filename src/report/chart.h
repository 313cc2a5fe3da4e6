/*
 * chart: one drawing: a title, axes and data, written as HTML with inline SVG that needs no script and nothing from elsewhere.
 *
 * Colours are those of the page's style (page.h): series name one by its number, so that one thing has one colour on the whole page.
 * Everything that came from outside is escaped here.
 */
#ifndef REPORT_CHART_H
#define REPORT_CHART_H

#include "base/auto.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

enum chart_kind {
	CHART_LINE,
	CHART_SMOOTH,  /* a line through the middle of the points, which are drawn faintly */
	CHART_SCATTER,
	CHART_JITTER,  /* a scatter whose points step a little aside, so that equal ones are seen */
	CHART_BAR,     /* lying: x is the length, y has names */
	CHART_BAR_SORTED,
	CHART_MATRIX,        /* how often x and y meet, for each series */
	CHART_MATRIX_SHARES, /* the same as shares of each y */
};

/* Numbers of a place; y NAN breaks a line. Where the axis has names, the number of the name. */
struct chart_point {
	double x, y;
};

/* One line, cloud or group of bars. */
struct chart_series {
	char *revision; /* what its colour says */
	char *name;     /* what its dashes say; NULL if nothing does */
	unsigned colour, dash;
	GArray *points; /* of struct chart_point */
};

struct chart {
	enum chart_kind kind;
	char *id, *title, *x_label, *y_label;
	GPtrArray *x_names, *y_names; /* of strings: what numbers on that axis stand for; NULL if they are numbers */
	GPtrArray *series;            /* of struct chart_series, owned */
	GPtrArray *notes;             /* of strings, owned: what the reader should know, such as values that are no numbers */
};

/* An empty one; texts are copied. */
struct chart *chart_new(enum chart_kind kind, const char *id, const char *title);

/* Add a series without points; the names are copied. Owned by the chart. */
struct chart_series *chart_add(struct chart *chart, const char *revision, const char *name);

/* Write it. Notes may be added. */
void chart_write(GString *out, struct chart *chart);

/* Free it. */
void chart_free(struct chart *chart);

AUTO_DEFINE(chart, chart_free);

#endif
