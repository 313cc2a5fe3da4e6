#include "measure/points-int.h"

#include "base/error.h"
#include "measure/csv.h"

/* A table on its way in. */
struct table {
	struct points *points;
	GArray *columns; /* of int: which field a column is */
	GArray *values;
	const char *name;
	bool header; /* the first row is still to come, and has the names */
};

/* Fields named like the columns of the first row. */
static void name_columns(struct table *table, char **fields, size_t count, bool header)
{
	g_autoptr(GHashTable) names = g_hash_table_new(g_str_hash, g_str_equal);

	for (size_t i = 0; i < count; i++) {
		g_autofree char *number = g_strdup_printf("%zu", i);
		/* Of two columns with one name the later one counts, as in DVC. */
		int field = points_add_field(table->points, names, header ? fields[i] : number);

		g_array_append_val(table->columns, field);
	}
	table->points->y = g_strdup(table->points->fields->pdata[table->points->fields->len - 1]);
}

static bool take_row(char **fields, size_t count, size_t line, void *user, GError **error)
{
	const struct point_value null = {.kind = POINT_NULL};
	struct table *table = user;
	struct points *points = table->points;
	guint row = table->values->len;

	if (table->columns->len == 0) {
		name_columns(table, fields, count, table->header);
		if (table->header)
			return true;
	}
	if (row + points->fields->len > POINTS_VALUE_LIMIT) {
		error_set(error, ERROR_UNSAFE, "%s:%zu: more than %zu values", table->name, line, POINTS_VALUE_LIMIT);
		return false;
	}
	for (guint i = 0; i < points->fields->len; i++)
		g_array_append_val(table->values, null);
	for (size_t i = 0; i < count && i < table->columns->len; i++) {
		guint field = (guint)g_array_index(table->columns, int, i);

		g_array_index(table->values, struct point_value, row + field) =
			(struct point_value){.kind = POINT_TEXT, .text = fields[i]};
	}
	points->long_rows += count > table->columns->len;
	points->count++;
	return true;
}

bool points_read_csv(struct points *points, char *data, size_t length, const char *name, bool header, GError **error)
{
	char delimiter = g_ascii_strcasecmp(name + strlen(name) - strlen(".tsv"), ".tsv") == 0 ? '\t' : ',';
	g_autoptr(GArray) columns = g_array_new(FALSE, FALSE, sizeof(int));
	g_autoptr(GArray) values = g_array_new(FALSE, FALSE, sizeof(struct point_value));
	struct table table = {points, columns, values, name, header};

	points->owned = data;
	points->free_owned = g_free;
	if (!csv_read(data, length, delimiter, name, take_row, &table, error))
		return false;
	points->values = g_array_steal(values, NULL);
	return true;
}
