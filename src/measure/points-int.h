/*
 * points-int: what the readers of points share. Private to measure/points*.c.
 */
#ifndef MEASURE_POINTS_INT_H
#define MEASURE_POINTS_INT_H

#include "measure/points.h"

/* The number of a field, which is added if it is new. */
int points_add_field(struct points *points, GHashTable *names, const char *name);

/* Fill points from a table as text; points own it then. Errors as points_read(). */
bool points_read_csv(struct points *points, char *data, size_t length, const char *name, bool header, GError **error);

#endif
