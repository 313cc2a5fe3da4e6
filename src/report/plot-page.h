/*
 * plot-page: plots as a page of charts.
 */
#ifndef REPORT_PLOT_PAGE_H
#define REPORT_PLOT_PAGE_H

#include "measure/plots.h"
#include "report/chart.h"

/* The page with all plots and what could not be plotted. A new GString. */
GString *plot_page(const struct plots *plots);

/* The chart of one plot that is no image. */
struct chart *plot_chart(const struct plots *plots, const struct plot *plot);

/* Which kind of chart draws a template, by its name; *known (may be NULL) tells whether it is one of DVC's own. */
enum chart_kind plot_chart_kind(const char *template, bool *known);

#endif
