#include "measure/plots-int.h"

#include "base/error.h"
#include "base/path.h"

#include <string.h>

/* The names that fields get where several different ones are drawn together, and where x is the number of the row. */
#define SEVERAL_X "dvc_inferred_x_value"
#define SEVERAL_Y "dvc_inferred_y_value"
#define ROW_NUMBER "step"

/* A file of points at a revision: read once, however many plots draw it. */
struct plot_file {
	struct points *points; /* NULL if it cannot be read */
	GError *error;         /* why */
};

static void free_file(void *data)
{
	struct plot_file *file = data;

	if (file->points)
		points_free(file->points);
	g_clear_error(&file->error);
	g_free(file);
}

static void free_series(void *data)
{
	struct plot_series *series = data;

	g_free(series->file);
	g_free(series->field);
	g_free(series);
}

static void free_image(void *data)
{
	struct plot_image *image = data;

	g_free(image->data);
	g_free(image);
}

void plot_free(void *data)
{
	struct plot *plot = data;

	g_free(plot->id);
	g_free(plot->template);
	g_free(plot->title);
	g_free(plot->x_name);
	g_free(plot->y_name);
	g_free(plot->x_label);
	g_free(plot->y_label);
	g_ptr_array_unref(plot->series);
	g_ptr_array_unref(plot->images);
	g_free(plot);
}

const char *plot_image_mime(const char *name)
{
	static const struct {
		const char *suffix, *mime;
	} kinds[] = {{".png", "image/png"}, {".jpg", "image/jpeg"}, {".jpeg", "image/jpeg"}, {".gif", "image/gif"},
		     {".svg", "image/svg+xml"}};
	const char *dot = strrchr(path_base(name), '.');

	for (size_t i = 0; dot && i < G_N_ELEMENTS(kinds); i++)
		if (g_ascii_strcasecmp(dot, kinds[i].suffix) == 0)
			return kinds[i].mime;
	return NULL;
}

/* What a plot is made from and with. */
struct maker {
	struct plots *plots;
	GPtrArray *snapshots;
	const struct plot_definition *definition;
	struct plot *plot;
	GPtrArray *absent; /* of struct plot_problem: files that are not there at some revision */
};

/* Tell of a file that is not there only if that leaves nothing to draw; of anything else at once. */
static void tell_unread(const struct maker *maker, const char *revision, const char *file, const GError *error)
{
	struct plot_problem *problem;

	if (!error_is(error, ERROR_NOT_FOUND)) {
		plots_tell(maker->plots, maker->plot->id, revision, file, g_error_copy(error));
		return;
	}
	problem = g_new0(struct plot_problem, 1);
	problem->revision = revision;
	problem->file = g_strdup(file);
	problem->error = g_error_copy(error);
	g_ptr_array_add(maker->absent, problem);
}

/* The points of a file at revision number r; NULL after telling of the problem. */
static const struct points *read_points(const struct maker *maker, guint r, const char *path)
{
	bool header = !maker->definition->no_header;
	g_autofree char *key = g_strdup_printf("%u %d %s", r, header, path);
	struct plot_file *file = g_hash_table_lookup(maker->plots->files, key);
	const char *revision = maker->plots->revisions[r];
	char *data = NULL;
	size_t length;

	if (!file) {
		file = g_new0(struct plot_file, 1);
		g_hash_table_insert(maker->plots->files, g_steal_pointer(&key), file);
		if (snapshot_read(maker->snapshots->pdata[r], path, POINTS_SIZE_LIMIT, &data, &length, &file->error))
			file->points = points_read(data, length, path, header, &file->error);
		if (file->points && file->points->long_rows > 0) {
			GError *problem = NULL;

			error_set(&problem, ERROR_CORRUPT, "%zu row%s more values than the header has names: these were dropped",
				  file->points->long_rows, file->points->long_rows == 1 ? " has" : "s have");
			plots_tell(maker->plots, maker->plot->id, revision, path, problem);
		}
	}
	if (!file->points)
		tell_unread(maker, revision, path, file->error);
	return file->points;
}

/* The number of a field; -1 after telling that the file has none of that name. */
static int find_field(const struct maker *maker, guint r, const struct points *points, const char *file, const char *field)
{
	int number = points_field(points, field);
	g_autoptr(GString) names = g_string_new(NULL);
	GError *problem = NULL;

	if (number >= 0)
		return number;
	for (guint i = 0; i < points->fields->len && names->len < 200; i++)
		g_string_append_printf(names, "%s%s", i ? ", " : "", (const char *)points->fields->pdata[i]);
	error_set(&problem, ERROR_NOT_FOUND, "no field '%s'; there are: %s", field, names->str);
	plots_tell(maker->plots, maker->plot->id, maker->plots->revisions[r], file, problem);
	return -1;
}

/* Find where series number i has its x; false after telling of a problem. */
static bool find_x(const struct maker *maker, guint r, guint i, const char *y_file, struct plot_series *series)
{
	const GArray *xs = maker->definition->x;
	const struct plot_axis *x = xs->len > 0 ? &g_array_index(xs, struct plot_axis, xs->len > 1 ? i : 0) : NULL;
	const char *file = x && x->file ? x->file : y_file;
	GError *problem = NULL;

	series->x = -1;
	series->x_points = series->points;
	if (!x)
		return true;
	if (strcmp(file, y_file) != 0)
		series->x_points = read_points(maker, r, file);
	if (!series->x_points)
		return false;
	series->x = find_field(maker, r, series->x_points, file, x->field);
	if (series->x >= 0 && series->x_points->count < series->points->count) {
		error_set(&problem, ERROR_CORRUPT, "cannot join '%s' of '%s' to '%s': fewer rows", x->field, file, y_file);
		plots_tell(maker->plots, maker->plot->id, maker->plots->revisions[r], file, problem);
		return false;
	}
	return series->x >= 0;
}

/* Series number i at revision number r, if it can be drawn. */
static void add_series(const struct maker *maker, guint r, guint i)
{
	const struct plot_axis *y = &g_array_index(maker->definition->y, struct plot_axis, i);
	const char *file = y->file ? y->file : maker->definition->id;
	const struct points *points = read_points(maker, r, file);
	const char *field = y->field ? y->field : points ? points->y : NULL;
	struct plot_series *series;

	if (!points || !field)
		return;
	series = g_new0(struct plot_series, 1);
	series->revision = maker->plots->revisions[r];
	series->file = g_strdup(file);
	series->field = g_strdup(field);
	series->points = points;
	series->y = find_field(maker, r, points, file, field);
	if (series->y >= 0 && find_x(maker, r, i, file, series))
		g_ptr_array_add(maker->plot->series, series);
	else
		free_series(series);
}

/* How many bytes of a path the directory takes that it has in common with `common` (that many bytes of the first path). */
static size_t common_directory(const char *a, const char *b, size_t common)
{
	size_t directory = 0;

	for (size_t i = 0; i < common && a[i] && a[i] == b[i]; i++)
		if (a[i] == '/')
			directory = i + 1;
	return directory;
}

/* See what tells the series apart, and shorten their files by what is common. */
static void compare_series(struct plot *plot)
{
	const struct plot_series *first = plot->series->pdata[0];
	size_t common = strlen(first->file);

	for (guint i = 0; i < plot->series->len; i++) {
		const struct plot_series *series = plot->series->pdata[i];

		plot->by_file |= strcmp(series->file, first->file) != 0;
		plot->by_field |= strcmp(series->field, first->field) != 0;
	}
	for (guint i = 0; plot->by_file && i < plot->series->len; i++) {
		const struct plot_series *series = plot->series->pdata[i];

		common = common_directory(first->file, series->file, common);
	}
	for (guint i = 0; plot->by_file && i < plot->series->len; i++) {
		struct plot_series *series = plot->series->pdata[i];

		memmove(series->file, series->file + common, strlen(series->file + common) + 1);
	}
}

/* Whether all axes have one field. */
static bool has_one_field(const GArray *axes)
{
	for (guint i = 1; i < axes->len; i++)
		if (strcmp(g_array_index(axes, struct plot_axis, 0).field, g_array_index(axes, struct plot_axis, i).field) != 0)
			return false;
	return true;
}

/* What the fields and axes are called. */
static void name_axes(const struct maker *maker)
{
	const struct plot_definition *definition = maker->definition;
	const GArray *xs = definition->x;
	struct plot *plot = maker->plot;
	const struct plot_series *first = plot->series->pdata[0];
	const char *x = xs->len > 0 ? g_array_index(xs, struct plot_axis, 0).field : ROW_NUMBER;
	bool one_x = has_one_field(xs);

	plot->x_name = g_strdup(one_x ? x : SEVERAL_X);
	plot->y_name = g_strdup(plot->by_field ? SEVERAL_Y : first->field);
	plot->x_label = g_strdup(definition->x_label ? definition->x_label : one_x ? x : "x");
	if (definition->y_label)
		plot->y_label = g_strdup(definition->y_label);
	else
		plot->y_label = g_strdup(plot->by_field || definition->several_y ? "y" : first->field);
}

/* Read the points of all revisions. */
static void make_points(const struct maker *maker)
{
	const struct plot_definition *definition = maker->definition;
	GError *problem = NULL;

	if (definition->x->len > 1 && definition->x->len != definition->y->len) {
		error_set(&problem, ERROR_CORRUPT, "%u fields for x and %u for y: one x, or one for each y", definition->x->len,
			  definition->y->len);
		plots_tell(maker->plots, maker->plot->id, maker->plots->revisions[0], NULL, problem);
		return;
	}
	for (guint r = 0; r < maker->snapshots->len; r++)
		for (guint i = 0; i < definition->y->len; i++)
			add_series(maker, r, i);
	if (maker->plot->series->len == 0)
		return;
	compare_series(maker->plot);
	name_axes(maker);
}

/* Read the image at a revision. */
static void add_image(const struct maker *maker, guint r)
{
	struct plots *plots = maker->plots;
	const char *path = maker->definition->id;
	size_t limit = MIN(PLOTS_IMAGE_LIMIT, PLOTS_IMAGES_LIMIT - plots->image_bytes), length;
	g_autoptr(GError) problem = NULL;
	struct plot_image *image;
	char *data;

	if (!snapshot_read(maker->snapshots->pdata[r], path, limit, &data, &length, &problem)) {
		tell_unread(maker, plots->revisions[r], path, problem);
		return;
	}
	image = g_new0(struct plot_image, 1);
	image->revision = plots->revisions[r];
	image->data = data;
	image->length = length;
	plots->image_bytes += length;
	g_ptr_array_add(maker->plot->images, image);
}

/* Tell of absent files if no revision has anything to draw. */
static void settle_absent(const struct maker *maker)
{
	for (guint i = 0; i < maker->absent->len; i++) {
		struct plot_problem *problem = maker->absent->pdata[i];

		if (maker->plot->series->len == 0 && maker->plot->images->len == 0)
			plots_tell(maker->plots, maker->plot->id, problem->revision, problem->file,
				   g_steal_pointer(&problem->error));
		g_clear_error(&problem->error);
		g_free(problem->file);
		g_free(problem);
	}
}

struct plot *plot_make(struct plots *plots, GPtrArray *snapshots, const struct plot_definition *definition)
{
	struct plot *plot = g_new0(struct plot, 1);
	g_autoptr(GPtrArray) absent = g_ptr_array_new();
	struct maker maker = {plots, snapshots, definition, plot, absent};

	plot->id = g_strdup(definition->full_id);
	plot->template = g_strdup(definition->template ? definition->template : "linear");
	plot->title = g_strdup(definition->title ? definition->title : plot->id);
	plot->series = g_ptr_array_new_with_free_func(free_series);
	plot->images = g_ptr_array_new_with_free_func(free_image);
	plot->mime = definition->is_path ? plot_image_mime(definition->id) : NULL;
	if (!plot->mime)
		make_points(&maker);
	for (guint r = 0; plot->mime && r < snapshots->len; r++)
		add_image(&maker, r);
	settle_absent(&maker);
	return plot;
}

GHashTable *plots_new_files(void)
{
	return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_file);
}
