#include "pipeline/trace-report.h"

#include "base/error.h"
#include "base/path.h"

#include <string.h>

#define USES (TRACE_READ | TRACE_WROTE | TRACE_LISTED)

static void file_free(void *data)
{
	struct trace_file *file = data;

	g_free(file->path);
	g_free(file->real);
	g_free(file);
}

struct trace_report *trace_report_new(void)
{
	struct trace_report *report = g_new(struct trace_report, 1);

	report->files = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, file_free);
	report->notes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	return report;
}

static unsigned use_of(const struct trace_report *report, const char *path)
{
	const struct trace_file *file = path ? g_hash_table_lookup(report->files, path) : NULL;

	return file ? file->use : 0;
}

static void use(struct trace_report *report, const char *path, const char *real, unsigned how)
{
	struct trace_file *file = g_hash_table_lookup(report->files, path);

	if (!file && g_hash_table_size(report->files) >= TRACE_REPORT_FILES) {
		trace_report_note(report, "it used more files than a report holds");
		return;
	}
	if (!file) {
		file = g_new0(struct trace_file, 1);
		file->path = g_strdup(path);
		g_hash_table_insert(report->files, file->path, file);
	}
	if (!file->real && real && strcmp(real, path) != 0)
		file->real = g_strdup(real);
	file->use |= how;
}

void trace_report_read(struct trace_report *report, const char *path, const char *real)
{
	bool made = use_of(report, path) & (TRACE_WROTE | TRACE_MADE);

	if (real && (use_of(report, real) & (TRACE_WROTE | TRACE_MADE)))
		return;
	if (!made)
		use(report, path, real, TRACE_READ);
	else if (real && strcmp(real, path) != 0)
		use(report, real, NULL, TRACE_READ); /* through a link that the stage itself made */
}

void trace_report_wrote(struct trace_report *report, const char *path, const char *real)
{
	use(report, path, real, TRACE_WROTE);
	if (real && strcmp(real, path) != 0)
		use(report, real, NULL, TRACE_MADE);
}

void trace_report_listed(struct trace_report *report, const char *path)
{
	use(report, path, NULL, TRACE_LISTED);
}

/* What was written below `from` is now below `to` (NULL: gone from here). Whether there was such. */
static bool move_written(struct trace_report *report, const char *from, const char *to)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
	GHashTableIter iter;
	gpointer value;
	bool any = false;

	g_hash_table_iter_init(&iter, report->files);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		struct trace_file *file = value;
		const char *rest = path_below(file->path, from);

		if (!rest || !(file->use & TRACE_WROTE))
			continue;
		any = true;
		file->use &= ~(unsigned)TRACE_WROTE;
		if (to)
			g_ptr_array_add(names, path_join(to, rest));
	}
	for (guint i = 0; i < names->len; i++)
		use(report, g_ptr_array_index(names, i), NULL, TRACE_WROTE);
	return any;
}

void trace_report_renamed(struct trace_report *report, const char *from, const char *to)
{
	bool ours = from && move_written(report, from, to);

	if (ours)
		return;
	/* What was there before the stage is now its output, by another name. */
	if (from)
		use(report, from, NULL, TRACE_READ);
	if (to)
		use(report, to, NULL, TRACE_WROTE);
}

void trace_report_note(struct trace_report *report, const char *text)
{
	g_hash_table_add(report->notes, g_strdup(text));
}

static gint by_path(gconstpointer a, gconstpointer b)
{
	const struct trace_file *const *one = a, *const *two = b;

	return strcmp((*one)->path, (*two)->path);
}

GPtrArray *trace_report_list(const struct trace_report *report)
{
	GPtrArray *list = g_ptr_array_new();
	GHashTableIter iter;
	gpointer value;

	g_hash_table_iter_init(&iter, report->files);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		const struct trace_file *file = value;

		if (file->use & USES)
			g_ptr_array_add(list, value);
	}
	g_ptr_array_sort(list, by_path);
	return list;
}

static void append(GString *out, const char *field)
{
	g_string_append_len(out, field, (gssize)strlen(field) + 1);
}

void trace_report_write(const struct trace_report *report, GString *out)
{
	g_autoptr(GPtrArray) files = trace_report_list(report);
	g_autofree char *count = g_strdup_printf("%u", files->len + g_hash_table_size(report->notes));
	GHashTableIter iter;
	gpointer note;

	for (guint i = 0; i < files->len; i++) {
		const struct trace_file *file = g_ptr_array_index(files, i);

		if (file->use & TRACE_READ)
			g_string_append_c(out, 'r');
		if (file->use & TRACE_WROTE)
			g_string_append_c(out, 'w');
		if (file->use & TRACE_LISTED)
			g_string_append_c(out, 'l');
		append(out, "");
		append(out, file->path);
		append(out, file->real ? file->real : "");
	}
	g_hash_table_iter_init(&iter, report->notes);
	while (g_hash_table_iter_next(&iter, &note, NULL)) {
		append(out, "note");
		append(out, note);
		append(out, "");
	}
	append(out, "end");
	append(out, count);
	append(out, "");
}

/* Where the reading of a text stands. */
struct reader {
	const char *at, *end;
	guint64 records; /* of this block */
	bool open;       /* a block has begun and has not ended */
	GPtrArray *written; /* of this block: path, what it resolves to, in turn; borrowed from the text */
};

/* The next field; NULL at the end of the text. */
static const char *next(struct reader *reader)
{
	const char *field = reader->at;
	const char *nul = memchr(field, '\0', (size_t)(reader->end - field));

	if (!nul)
		return NULL;
	reader->at = nul + 1;
	return field;
}

/* Whether a path is one that a report may have. The file lies where a command could reach it. */
static bool is_path(const char *path)
{
	g_autofree char *normal = path_normal(path);

	return strlen(path) <= PATH_LIMIT && *path != '/' && strcmp(normal, path) == 0 && strcmp(path, "..") != 0 &&
	       !g_str_has_prefix(path, "../");
}

/*
 * Take one record about a file; false if it is none. A block is sorted by path, not by time: a read in it was of what was there
 * before, so what was written comes after all reads.
 */
static bool take_file(struct trace_report *report, struct reader *reader, const char *kind, const char *path,
		      const char *real)
{
	if (!*kind || strspn(kind, "rwl") != strlen(kind) || !is_path(path) || !is_path(real))
		return false;
	if (strchr(kind, 'r'))
		trace_report_read(report, path, *real ? real : NULL);
	if (strchr(kind, 'w')) {
		g_ptr_array_add(reader->written, (gpointer)path);
		g_ptr_array_add(reader->written, (gpointer)real);
	}
	if (strchr(kind, 'l'))
		trace_report_listed(report, path);
	return true;
}

/* Take the end of a block; false if it does not fit what came before. */
static bool take_end(struct trace_report *report, struct reader *reader, const char *records)
{
	guint64 count;

	if (!g_ascii_string_to_unsigned(records, 10, 0, G_MAXUINT32, &count, NULL) || count != reader->records)
		return false;
	for (guint i = 0; i < reader->written->len; i += 2) {
		const char *real = reader->written->pdata[i + 1];

		trace_report_wrote(report, reader->written->pdata[i], *real ? real : NULL);
	}
	g_ptr_array_set_size(reader->written, 0);
	reader->records = 0;
	reader->open = false;
	return true;
}

/* Take one record; false if it makes no sense. */
static bool take(struct trace_report *report, struct reader *reader)
{
	const char *kind = next(reader), *first = kind ? next(reader) : NULL, *second = first ? next(reader) : NULL;

	if (!second)
		return false;
	if (strcmp(kind, "end") == 0)
		return take_end(report, reader, first);
	reader->open = true;
	reader->records++;
	if (strcmp(kind, "note") != 0)
		return take_file(report, reader, kind, first, second);
	trace_report_note(report, first);
	return true;
}

struct trace_report *trace_report_parse(const char *text, size_t length, GError **error)
{
	autoptr(trace_report) report = trace_report_new();
	g_autoptr(GPtrArray) written = g_ptr_array_new();
	struct reader reader = {.at = text, .end = text + length, .open = true, .written = written};

	while (reader.at < reader.end)
		if (!take(report, &reader)) {
			error_set(error, ERROR_CORRUPT, "the report of the files that were used is damaged");
			return NULL;
		}
	if (!reader.open)
		return g_steal_pointer(&report);
	error_set(error, ERROR_CORRUPT, "the report of the files that were used is cut off");
	return NULL;
}

void trace_report_free(struct trace_report *report)
{
	g_hash_table_unref(report->files);
	g_hash_table_unref(report->notes);
	g_free(report);
}
