#include "remote/journal.h"

#include "base/file.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEADER "mlv-journal 1\n"

/* A longer journal is not one of ours: a line for each 4 MiB of the largest objects is far from it. */
#define SIZE_MAX_BYTES ((gsize)16 << 20)

/* Bytes received between two lines: what a killed run receives twice at most, for each part under way. */
#define NOTE_EVERY ((uint64_t)4 << 20)

/* Versions longer than this are not kept. */
#define VERSION_MAX 1024

/* From start to before end; of these, bytes up to `noted` are written down. Sorted, with gaps between them. */
struct range {
	uint64_t start, end, noted;
};

struct journal {
	int fd; /* -1: none */
	char *version;
	GArray *ranges; /* of struct range */
};

static struct range *range_at(const struct journal *journal, guint i)
{
	return &g_array_index(journal->ranges, struct range, i);
}

/* The first range that ends at or behind `offset`; their number if none does. */
static guint find(const struct journal *journal, uint64_t offset)
{
	guint low = 0, high = journal->ranges->len;
	while (low < high) {
		guint middle = (low + high) / 2;
		if (range_at(journal, middle)->end < offset)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Have a range in memory, joined with those that it touches, noted as far as it is without a gap. */
static struct range *insert(struct journal *journal, uint64_t start, uint64_t end)
{
	guint at = find(journal, start), last = at;
	struct range joined = {start, end, start};
	for (; last < journal->ranges->len && range_at(journal, last)->start <= end; last++) {
		const struct range *old = range_at(journal, last);
		if (old->start <= joined.start)
			joined = (struct range){old->start, end, old->noted};
		else if (old->start <= joined.noted)
			joined.noted = MAX(joined.noted, old->noted);
		joined.end = MAX(joined.end, old->end);
	}
	if (last > at)
		g_array_remove_range(journal->ranges, at, last - at);
	g_array_insert_val(journal->ranges, at, joined);
	return range_at(journal, at);
}

/* A journal that cannot be written costs time after a kill, nothing else. */
static void append(const struct journal *journal, const char *text)
{
	if (journal->fd >= 0)
		(void)file_write_all(journal->fd, text, strlen(text), NULL);
}

static void note(const struct journal *journal, struct range *range)
{
	if (range->noted == range->end)
		return;
	char line[64];
	g_snprintf(line, sizeof(line), "have %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT "\n", range->noted,
		   range->end - range->noted);
	append(journal, line);
	range->noted = range->end;
}

static bool take_line(struct journal *journal, const char *line)
{
	uint64_t offset, length;
	char tail;
	if (g_str_has_prefix(line, "version ") && strlen(line) < VERSION_MAX) {
		g_free(journal->version);
		journal->version = g_strdup(line + strlen("version "));
		return true;
	}
	if (sscanf(line, "have %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT "%c", &offset, &length, &tail) != 2 ||
	    length == 0 || offset > INT64_MAX || length > INT64_MAX)
		return false;
	struct range *range = insert(journal, offset, offset + length);
	range->noted = range->end;
	return true;
}

/* All that is in the file, NUL-terminated; NULL if it cannot be read or is too long. */
static char *read_all(int fd)
{
	struct stat st;
	if (fstat(fd, &st) < 0 || st.st_size < 0 || (gsize)st.st_size > SIZE_MAX_BYTES)
		return NULL;
	g_autofree char *text = g_malloc0((gsize)st.st_size + 1);
	for (off_t at = 0; at < st.st_size;) {
		ssize_t got = pread(fd, text + at, (size_t)(st.st_size - at), at);
		if (got <= 0)
			return NULL;
		at += got;
	}
	return lseek(fd, 0, SEEK_END) < 0 ? NULL : g_steal_pointer(&text);
}

/* Read what is there; a last line without newline was cut off by a kill. False if it is no journal. */
static bool read_lines(struct journal *journal)
{
	g_autofree char *text = read_all(journal->fd);
	if (!text || !g_str_has_prefix(text, HEADER))
		return false;
	char *line = text + strlen(HEADER), *end;
	for (; (end = strchr(line, '\n')); line = end + 1) {
		*end = 0;
		if (!take_line(journal, line))
			return false;
	}
	return true;
}

struct journal *journal_new(int fd)
{
	struct journal *journal = g_new0(struct journal, 1);
	journal->fd = fd;
	journal->ranges = g_array_new(FALSE, FALSE, sizeof(struct range));
	if (fd >= 0 && !read_lines(journal))
		journal_reset(journal, NULL);
	return journal;
}

bool journal_is_empty(const struct journal *journal)
{
	return journal->ranges->len == 0;
}

uint64_t journal_prefix(const struct journal *journal)
{
	bool any = journal->ranges->len && range_at(journal, 0)->start == 0;
	return any ? range_at(journal, 0)->end : 0;
}

bool journal_has(const struct journal *journal, uint64_t offset, uint64_t length)
{
	guint at = find(journal, offset);
	if (length == 0)
		return true;
	for (; at < journal->ranges->len; at++) {
		const struct range *range = range_at(journal, at);
		if (range->start > offset)
			return false;
		if (range->end - offset >= length)
			return true;
	}
	return false;
}

void journal_add(struct journal *journal, uint64_t offset, uint64_t length)
{
	if (length == 0)
		return;
	struct range *range = insert(journal, offset, offset + length);
	if (range->end - range->noted >= NOTE_EVERY)
		note(journal, range);
}

const char *journal_version(const struct journal *journal)
{
	return journal->version;
}

void journal_reset(struct journal *journal, const char *version)
{
	g_free(journal->version);
	journal->version = version && strlen(version) < VERSION_MAX / 2 ? g_strdup(version) : NULL;
	g_array_set_size(journal->ranges, 0);
	if (journal->fd < 0 || lseek(journal->fd, 0, SEEK_SET) < 0 || ftruncate(journal->fd, 0) < 0)
		return;
	append(journal, HEADER);
	if (!journal->version)
		return;
	g_autofree char *line = g_strdup_printf("version %s\n", journal->version);
	append(journal, line);
}

void journal_free(struct journal *journal)
{
	if (!journal)
		return;
	for (guint i = 0; i < journal->ranges->len; i++)
		note(journal, range_at(journal, i));
	if (journal->fd >= 0)
		close(journal->fd);
	g_array_unref(journal->ranges);
	g_free(journal->version);
	g_free(journal);
}
