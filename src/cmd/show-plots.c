#include "cmd/show-plots.h"

#include "view/json-out.h"

#include <string.h>

static void json_value(const char *field, const struct point_value *value, void *user)
{
	struct json_out *json = user;

	switch (value->kind) {
	case POINT_TEXT:
		json_out_string(json, field, value->text);
		break;
	case POINT_INT:
		json_out_int(json, field, value->integer);
		break;
	case POINT_FLOAT:
		json_out_double(json, field, value->real);
		break;
	case POINT_BOOL:
		json_out_bool(json, field, value->boolean);
		break;
	default:
		json_out_null(json, field);
	}
}

/* The revisions that a plot has series of, each once: they come in order. */
static void json_revisions(struct json_out *json, const struct plot *plot)
{
	const char *last = NULL;

	json_out_array(json, "revisions");
	for (guint i = 0; i < plot->series->len; i++) {
		const struct plot_series *series = plot->series->pdata[i];

		if (series->revision != last)
			json_out_string(json, NULL, series->revision);
		last = series->revision;
	}
	json_out_end(json);
}

static void json_points(struct json_out *json, const struct plot *plot)
{
	json_out_object(json, NULL);
	json_out_string(json, "type", "points");
	json_revisions(json, plot);
	json_out_string(json, "template", plot->template);
	json_out_string(json, "title", plot->title);
	json_out_string(json, "x", plot->x_name);
	json_out_string(json, "y", plot->y_name);
	json_out_string(json, "x_label", plot->x_label);
	json_out_string(json, "y_label", plot->y_label);
	json_out_string(json, "series", plot_series_column(plot));
	json_out_array(json, "values");
	for (guint i = 0; i < plot->series->len; i++) {
		const struct plot_series *series = plot->series->pdata[i];

		for (size_t row = 0; row < series->points->count; row++) {
			json_out_object(json, NULL);
			plot_row(plot, series, row, json_value, json);
			json_out_end(json);
		}
	}
	json_out_end(json);
	json_out_end(json);
}

static void json_images(struct json_out *json, const struct plot *plot)
{
	for (guint i = 0; i < plot->images->len; i++) {
		const struct plot_image *image = plot->images->pdata[i];
		g_autofree char *base64 = g_base64_encode((const guchar *)image->data, image->length);
		g_autofree char *url = g_strdup_printf("data:%s;base64,%s", plot->mime, base64);

		json_out_object(json, NULL);
		json_out_string(json, "type", "image");
		json_out_array(json, "revisions");
		json_out_string(json, NULL, image->revision);
		json_out_end(json);
		json_out_string(json, "title", plot->title);
		json_out_uint(json, "size", image->length);
		json_out_string(json, "url", url);
		json_out_end(json);
	}
}

static void json_problems(struct json_out *json, const struct plots *plots)
{
	if (plots->problems->len == 0)
		return;
	json_out_array(json, "errors");
	for (guint i = 0; i < plots->problems->len; i++) {
		const struct plot_problem *problem = plots->problems->pdata[i];

		json_out_object(json, NULL);
		json_out_string(json, "name", problem->id);
		json_out_string(json, "rev", problem->revision);
		json_out_string(json, "source", problem->file);
		json_out_string(json, "msg", problem->error->message);
		json_out_end(json);
	}
	json_out_end(json);
}

void show_plots_json(struct view *view, const struct plots *plots)
{
	struct json_out *json = json_out_new(view);

	json_out_object(json, NULL);
	json_out_object(json, "data");
	for (guint i = 0; i < plots->list->len; i++) {
		const struct plot *plot = plots->list->pdata[i];

		json_out_array(json, plot->id);
		if (plot->mime)
			json_images(json, plot);
		else
			json_points(json, plot);
		json_out_end(json);
	}
	json_out_end(json);
	json_problems(json, plots);
	json_out_end(json);
	json_out_finish(json);
}

/* Text in a field of a TSV: what would end the field is escaped. */
static void tsv_text(GString *line, const char *text)
{
	for (; *text; text++) {
		const char *special = strchr("\t\n\r\\", *text);

		if (special)
			g_string_append_printf(line, "\\%c", "tnr\\"[special - strchr("\t\n\r\\", '\t')]);
		else
			g_string_append_c(line, *text);
	}
}

static void tsv_value(GString *line, const struct point_value *value)
{
	g_autoptr(GString) text = g_string_new(NULL);

	point_text(text, value);
	tsv_text(line, text->str);
}

/* The lines of one series. */
static void tsv_series(struct view *view, const struct plot *plot, const struct plot_series *series)
{
	g_autoptr(GString) line = g_string_new(NULL);
	const char *const names[] = {plot->id, series->revision, series->file, series->field};
	gsize start;

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		tsv_text(line, names[i]);
		g_string_append_c(line, '\t');
	}
	start = line->len;
	for (size_t row = 0; row < series->points->count; row++) {
		const struct point_value x = plot_series_x(series, row);

		g_string_truncate(line, start);
		tsv_value(line, &x);
		g_string_append_c(line, '\t');
		tsv_value(line, points_get(series->points, row, series->y));
		g_string_append_c(line, '\n');
		view_write(view, line->str, line->len);
	}
}

void show_plots_tsv(struct view *view, const struct plots *plots)
{
	static const char head[] = "plot\trevision\tfile\tfield\tx\ty\n";

	view_write(view, head, strlen(head));
	for (guint i = 0; i < plots->list->len; i++) {
		const struct plot *plot = plots->list->pdata[i];

		for (guint s = 0; s < plot->series->len; s++)
			tsv_series(view, plot, plot->series->pdata[s]);
	}
}
