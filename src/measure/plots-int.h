/*
 * plots-int: what the files of plots share. Private to measure/plots*.c.
 */
#ifndef MEASURE_PLOTS_INT_H
#define MEASURE_PLOTS_INT_H

#include "measure/plots.h"
#include "measure/snapshot.h"

/* A field of a file. */
struct plot_axis {
	char *file;  /* relative to the project; of an x NULL: the file of its y */
	char *field; /* NULL: the file's last */
};

/* What a project says of one plot; paths are relative to the project. */
struct plot_definition {
	char *id;     /* as written, or the path */
	char *full_id; /* as users see it: with the source before it where several use the id */
	char *source; /* the pipeline file that has it in its `plots:`; NULL for an output of a stage or a plain file */
	bool is_path; /* the id is the file */
	bool is_wanted; /* a target names it, or there are no targets */
	GArray *x, *y; /* of struct plot_axis */
	char *template, *title, *x_label, *y_label;
	bool no_header;
	bool several_y; /* y was a list */
};

/* Definitions of all revisions. */
struct plot_definitions {
	GPtrArray *list;   /* of struct plot_definition, owned, in order */
	GHashTable *known; /* the same ones, by source and id */
};

/* An empty set. */
struct plot_definitions *plot_definitions_new(void);

/* Free it with all its definitions. */
void plot_definitions_free(struct plot_definitions *definitions);

AUTO_DEFINE(plot_definitions, plot_definitions_free);

/*
 * Add the definitions of a snapshot, unless they are there already. hits[i] becomes true for each of options->targets that
 * named one. Errors are those of the file system.
 */
bool plots_define(struct plot_definitions *definitions, struct snapshot *snapshot, const struct plots_options *options,
		  bool *hits, GError **error);

/* Add the files that a target names by itself, unless they are there already. */
bool plots_define_file(struct plot_definitions *definitions, struct snapshot *snapshot, const struct plots_options *options,
		       const char *target, GError **error);

/* The type of an image by its name; NULL for what is none. */
const char *plot_image_mime(const char *name);

/* Make one plot of its definition: read what it draws from each snapshot (one for each of plots->revisions). */
struct plot *plot_make(struct plots *plots, GPtrArray *snapshots, const struct plot_definition *definition);

/* An empty table for plots->files. */
GHashTable *plots_new_files(void);

/* Free it; for GPtrArray. */
void plot_free(void *plot);

/* Tell of a problem with a plot; `problem` is taken. */
void plots_tell(struct plots *plots, const char *id, const char *revision, const char *file, GError *problem);

#endif
