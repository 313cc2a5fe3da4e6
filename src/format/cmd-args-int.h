/*
 * cmd-args: a map as command-line options: {lr: 0.1, layers: [1, 2], use: true, opt: {k: v}} is
 * `--lr 0.1 --layers 1 2 --use --opt.k v`.
 */
#ifndef FORMAT_CMD_ARGS_INT_H
#define FORMAT_CMD_ARGS_INT_H

#include "doc/node.h"
#include "format/pipeline-options.h"

/* Append the options. ERROR_CORRUPT names a list that holds a list or a map. */
bool cmd_args_append(GString *out, const struct node *map, const struct pipeline_options *options, GError **error);

#endif
