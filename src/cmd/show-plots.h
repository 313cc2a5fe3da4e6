/*
 * show-plots: the data of plots for programs.
 */
#ifndef CMD_SHOW_PLOTS_H
#define CMD_SHOW_PLOTS_H

#include "measure/plots.h"
#include "view/view.h"

/* As JSON: {"data": {id: [...]}, "errors": [...]}, as git-mlv-json(5) describes it. */
void show_plots_json(struct view *view, const struct plots *plots);

/* As lines of "plot revision file field x y" with tabs between, and those names in the first; images are left out. */
void show_plots_tsv(struct view *view, const struct plots *plots);

#endif
