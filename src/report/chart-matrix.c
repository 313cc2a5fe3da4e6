#include "report/chart-int.h"
#include "report/html.h"

#include <math.h>

/* Most names on one side, and up to how many each cell shows its number. */
#define SIDE_LIMIT 100u
#define NUMBER_LIMIT 16u

/* How often each x meets each y in one series. */
struct matrix {
	guint columns, rows;
	double *cells; /* row by row */
	double most;
};

static double *cell(const struct matrix *matrix, guint column, guint row)
{
	return &matrix->cells[(size_t)row * matrix->columns + column];
}

/* Make each row add up to 1. */
static void share_out(struct matrix *matrix)
{
	for (guint row = 0; row < matrix->rows; row++) {
		double sum = 0;

		for (guint column = 0; column < matrix->columns; column++)
			sum += *cell(matrix, column, row);
		for (guint column = 0; sum > 0 && column < matrix->columns; column++)
			*cell(matrix, column, row) /= sum;
	}
}

static void count(struct matrix *matrix, const struct chart *chart, const struct chart_series *series)
{
	for (guint i = 0; i < series->points->len; i++) {
		const struct chart_point *point = &g_array_index(series->points, struct chart_point, i);

		*cell(matrix, (guint)point->x, (guint)point->y) += 1;
	}
	if (chart->kind == CHART_MATRIX_SHARES)
		share_out(matrix);
	matrix->most = 0;
	for (size_t i = 0; i < (size_t)matrix->columns * matrix->rows; i++)
		matrix->most = fmax(matrix->most, matrix->cells[i]);
}

/* The number in a cell: a count, or a share with two decimals. */
static void append_number(GString *out, const struct chart *chart, double value)
{
	char buffer[G_ASCII_DTOSTR_BUF_SIZE];

	g_string_append(out, g_ascii_formatd(buffer, sizeof(buffer), chart->kind == CHART_MATRIX ? "%.0f" : "%.2f", value));
}

static void write_tip(GString *out, const struct chart *chart, const struct matrix *matrix, guint column, guint row)
{
	g_string_append(out, "<title>");
	html_text_cut(out, chart->x_label, 100);
	g_string_append(out, ": ");
	chart_value(out, chart->x_names, column);
	g_string_append_c(out, '\n');
	html_text_cut(out, chart->y_label, 100);
	g_string_append(out, ": ");
	chart_value(out, chart->y_names, row);
	g_string_append_c(out, '\n');
	append_number(out, chart, *cell(matrix, column, row));
	g_string_append(out, "</title>");
}

/* Where a cell is drawn. */
struct box {
	double x, y, width, height;
};

static struct box box_of(const struct frame *frame, guint column, guint row)
{
	double width = (frame->right - frame->left) / (frame->x.high - frame->x.low);
	double height = (frame->bottom - frame->top) / (frame->y.high - frame->y.low);

	return (struct box){frame->left + column * width, frame->top + row * height, width, height};
}

static void write_cell(GString *out, const struct chart *chart, const struct frame *frame, const struct matrix *matrix, guint column,
		       guint row)
{
	struct box box = box_of(frame, column, row);
	double value = *cell(matrix, column, row), depth = matrix->most > 0 ? value / matrix->most : 0;

	g_string_append(out, "<g><rect class='cell' x='");
	html_number(out, box.x + 0.5);
	g_string_append(out, "' y='");
	html_number(out, box.y + 0.5);
	g_string_append(out, "' width='");
	html_number(out, fmax(box.width - 1, 0.5));
	g_string_append(out, "' height='");
	html_number(out, fmax(box.height - 1, 0.5));
	g_string_append(out, "' fill-opacity='");
	html_number(out, 0.04 + 0.96 * depth);
	g_string_append(out, "'>");
	write_tip(out, chart, matrix, column, row);
	g_string_append(out, "</rect>");
	if (MAX(matrix->columns, matrix->rows) <= NUMBER_LIMIT) {
		g_string_append_printf(out, "<text class='number%s' text-anchor='middle' x='", depth > 0.55 ? " deep" : "");
		html_number(out, box.x + box.width / 2);
		g_string_append(out, "' y='");
		html_number(out, box.y + box.height / 2 + 4);
		g_string_append(out, "'>");
		append_number(out, chart, value);
		g_string_append(out, "</text>");
	}
	g_string_append(out, "</g>\n");
}

static void write_matrix(GString *out, const struct chart *chart, const struct chart_series *series, const struct matrix *matrix)
{
	double side = CLAMP(matrix->rows * 34.0, 100, 420);
	struct frame frame = {
		.width = 400,
		.height = side,
		.x_names = chart->x_names,
		.y_names = chart->y_names,
		.x = scale_names(matrix->columns, 24),
		.y = scale_names(matrix->rows, 30),
	};

	frame_fit(&frame, chart);
	frame.height += frame.top + frame.height - frame.bottom;
	frame.bottom = frame.top + side;
	frame.y.from = frame.top;
	frame.y.to = frame.bottom;
	g_string_append(out, "<figure><figcaption>");
	html_text_cut(out, series->revision, 80);
	if (series->name) {
		g_string_append(out, ", ");
		html_text_cut(out, series->name, 80);
	}
	g_string_append(out, "</figcaption>\n");
	frame_open(out, &frame, chart, series->revision);
	for (guint row = 0; row < matrix->rows; row++)
		for (guint column = 0; column < matrix->columns; column++)
			write_cell(out, chart, &frame, matrix, column, row);
	g_string_append(out, "</svg></figure>\n");
}

void chart_write_matrices(GString *out, struct chart *chart)
{
	struct matrix matrix = {.columns = chart->x_names->len, .rows = chart->y_names->len};

	if (MAX(matrix.columns, matrix.rows) > SIDE_LIMIT || MIN(matrix.columns, matrix.rows) == 0) {
		g_ptr_array_add(chart->notes, g_strdup_printf("%u by %u names do not make a matrix that can be read.",
							      matrix.columns, matrix.rows));
		return;
	}
	g_string_append(out, "<div class='row'>\n");
	for (guint i = 0; i < chart->series->len; i++) {
		matrix.cells = g_new0(double, (size_t)matrix.columns * matrix.rows);
		count(&matrix, chart, chart->series->pdata[i]);
		write_matrix(out, chart, chart->series->pdata[i], &matrix);
		g_free(matrix.cells);
	}
	g_string_append(out, "</div>\n");
}
