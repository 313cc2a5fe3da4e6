/*
 * slurm-resources: what a stage asks of a batch system, `meta: {slurm: {partition: gpu, time: 2:00:00, …}}`, as options of
 * sbatch.
 *
 * Only keys of a fixed list are taken, and only values that look like what they are for: the file comes with a clone. Pure.
 */
#ifndef PIPELINE_SLURM_RESOURCES_H
#define PIPELINE_SLURM_RESOURCES_H

#include "doc/node.h"

#include <glib.h>

/*
 * The options, "--partition=gpu", in the order of the list, so that equal needs give equal options. New NULL-terminated list
 * for g_strfreev(); empty for NULL. ERROR_INVALID tells all that is wrong, with lines.
 */
char **slurm_resources(const struct node *resources, GError **error);

#endif
