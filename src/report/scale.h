/*
 * scale: numbers to places on an axis, with ticks at round numbers. Any thread.
 */
#ifndef REPORT_SCALE_H
#define REPORT_SCALE_H

#include <glib.h>
#include <stddef.h>

/* Largest magnitude that an axis takes: sums and differences of such numbers are finite. */
#define SCALE_LIMIT 1e300

/* From [low, high] to [from, to] of the drawing; ticks are first, first + step … `ticks` of them. */
struct scale {
	double low, high;
	double from, to;
	double first, step;
	size_t ticks;
};

/*
 * A scale for numbers between low and high (low <= high, both within SCALE_LIMIT), with about `wanted` ticks; the range grows to
 * the ticks around it. One number alone gets some room on both sides.
 */
struct scale scale_nice(double low, double high, size_t wanted);

/* A scale for `count` names at 0, 1, 2 … with half a step of room at both ends; as many ticks as fit `wanted`. */
struct scale scale_names(size_t count, size_t wanted);

/* Where a value stands in the drawing. */
double scale_place(const struct scale *scale, double value);

/* The value of tick number i. */
double scale_tick(const struct scale *scale, size_t i);

/* The text of tick number i, with as many digits as tell it from its neighbours. New string. */
char *scale_tick_text(const struct scale *scale, size_t i);

#endif
