/*
 * logs: what stages print, in files of the folder <state>/logs: one for each run of a stage, for thirty days. A stage that ends
 * well and prints nothing leaves none; its file becomes another's, since making and deleting files costs more than most stages.
 * Main thread.
 */
#ifndef PIPELINE_LOGS_H
#define PIPELINE_LOGS_H

#include "base/auto.h"

#include <glib.h>
#include <stdbool.h>

struct logs;

/* The folder, made and rid of what is old. */
struct logs *logs_open(const char *state_dir, GError **error);

/*
 * The path for the log of a stage that is about to run, named by its address and the time. A file may be there, from whose
 * beginning the log is to be written. New string.
 */
char *logs_take(struct logs *logs, const char *address);

/* The stage of this log ended well: if it holds these commands, as executors write them, and nothing else, the file is taken back. */
void logs_give_back(struct logs *logs, const char *path, const char *const *commands);

/* The last lines of a log. New string; NULL if it has none. */
char *logs_tail(const char *path);

/* Delete what was given back, and free; may be NULL. */
void logs_free(struct logs *logs);

AUTO_DEFINE(logs, logs_free);

#endif
