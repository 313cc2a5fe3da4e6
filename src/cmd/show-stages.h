/*
 * show-stages: the views of reports about stages: DVC's JSON, lines for scripts, a list for people, and full explanations.
 */
#ifndef CMD_SHOW_STAGES_H
#define CMD_SHOW_STAGES_H

#include "cmd/status-stages.h"

/* {"train": [{"changed deps": {…}}, {"changed outs": {…}}, "changed command"]}: the shape of `dvc status --json`. */
void show_stages_json(struct context *context, const struct stage_reports *reports);

/* " S address" a line for each stage that is not up to date; with `nul` raw and NUL-terminated. */
void show_stages_porcelain(struct context *context, const struct stage_reports *reports, bool nul);

/* A headed list of the stages that are not up to date, with their first reasons; nothing if there are none. */
void show_stages_text(struct context *context, const struct stage_reports *reports);

/* Every stage and pointer with all its reasons, as text or JSON. */
void show_stages_explained(struct context *context, const struct stage_reports *reports, bool json);

#endif
