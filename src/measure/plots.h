/*
 * plots: what a project defines as plots, with the data of each in the workspace and at revisions (dvc-formats 21.3).
 *
 * A plot is either drawn from points - one series for each file and field, at each revision - or is an image at each revision.
 * Immutable once read. Main thread only.
 */
#ifndef MEASURE_PLOTS_H
#define MEASURE_PLOTS_H

#include "measure/points.h"
#include "workspace/workspace.h"

/* Most bytes of one image, and of all images together. */
#define PLOTS_IMAGE_LIMIT ((size_t)16 << 20)
#define PLOTS_IMAGES_LIMIT ((size_t)256 << 20)

/* The revision that stands for the workspace. */
#define PLOTS_WORKSPACE "workspace"

/* One line of a plot: a field of a file at a revision. */
struct plot_series {
	const char *revision; /* as it was named; owned by the plots */
	char *file;           /* where y is from, without what is common to all files of the plot */
	char *field;          /* y as the file names it */
	const struct points *points; /* the rows of that file; owned by the plots */
	int y;                       /* which field of points */
	const struct points *x_points; /* where x is from, row by row; has as many rows at least */
	int x;                         /* which field of x_points; -1: the number of the row, from 0 */
};

/* One image at a revision. */
struct plot_image {
	const char *revision; /* owned by the plots */
	char *data;
	size_t length;
};

struct plot {
	char *id;             /* a path or a name; with "FILE::" before it where several files use the same */
	char *template;       /* as the project names it, "linear" by default */
	char *title;
	char *x_name, *y_name;   /* what fields x and y are called in rows: dvc_inferred_y_value where y has several */
	char *x_label, *y_label;
	bool by_file, by_field;  /* which of a series' file and field tell the series apart */
	const char *mime;        /* of images; NULL for points */
	GPtrArray *series;       /* of struct plot_series, owned, by revision */
	GPtrArray *images;       /* of struct plot_image, owned */
};

/* Something that could not be plotted. */
struct plot_problem {
	char *id;
	const char *revision; /* owned by the plots */
	char *file;           /* NULL where it is not about one file */
	GError *error;
};

struct plots {
	GPtrArray *list;     /* of struct plot, owned: those with data at one revision at least */
	GPtrArray *problems; /* of struct plot_problem, owned */
	char **revisions;    /* as they were named */
	GHashTable *files;   /* private: what was read, struct plot_file by revision and path */
	size_t image_bytes;  /* private: of all images so far */
};

/* What holds for all plots of one call, before what the project says; NULL members are not given. */
struct plot_properties {
	const char *template, *x, *y, *title, *x_label, *y_label;
	bool no_header;
};

struct plots_options {
	char **revisions; /* names of commits, and PLOTS_WORKSPACE; NULL or empty: the workspace alone */
	char **targets;   /* ids of plots, or paths as on the command line; NULL or empty: all plots */
	struct plot_properties properties;
};

/*
 * Read them. A plot's definition is that of the first revision which has it, and holds for all of them. What is missing at
 * some revisions, but not at all, is simply not drawn there. ERROR_NOT_FOUND for an unknown revision; what concerns one plot or
 * one pipeline file is a problem.
 */
struct plots *plots_read(struct workspace *ws, const struct plots_options *options, GError **error);

/* The column in which rows of the plot say what tells the series apart: "filename", "field", "filename::field"; NULL if there is one. */
const char *plot_series_column(const struct plot *plot);

/* The value of that column in the rows of a series. New string. */
char *plot_series_name(const struct plot *plot, const struct plot_series *series);

/* Called for each field of a row. */
typedef void (*plot_visit)(const char *field, const struct point_value *value, void *user);

/* Visit the fields of a row of a series as DVC's data points have them: those of the file, x, y, rev, and the series' column. */
void plot_row(const struct plot *plot, const struct plot_series *series, size_t row, plot_visit visit, void *user);

/* The x of a row. */
struct point_value plot_series_x(const struct plot_series *series, size_t row);

/* Free them. */
void plots_free(struct plots *plots);

AUTO_DEFINE(plots, plots_free);

#endif
