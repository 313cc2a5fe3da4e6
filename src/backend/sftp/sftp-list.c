#include "backend/sftp/sftp-list.h"

#include <string.h>

/* Type and permissions: "-rw-r--r--", perhaps with a mark for an ACL behind. */
#define MODE_LENGTH 10

/* How far into a line its date may begin: names of users and groups come before. */
#define DATE_WITHIN 512

/* What a line says before the name. */
struct head {
	enum sftp_kind kind;
	bool link;
	uint64_t size;
};

static bool is_mode(const char *line, const char *end)
{
	if (end - line <= MODE_LENGTH || !strchr("-dlbcpsD", line[0]) || !line[0])
		return false;
	for (int i = 1; i < MODE_LENGTH; i++)
		if (!line[i] || !strchr("-rwxsStT", line[i]))
			return false;
	return line[MODE_LENGTH] == ' ' || (line[MODE_LENGTH] && strchr("+.@", line[MODE_LENGTH]));
}

static bool is_digits(const char *at, int count)
{
	while (count > 0 && g_ascii_isdigit(at[count - 1]))
		count--;
	return count == 0;
}

/* " Nov 21 14:09 " or " Nov 21  2024 " at `at`: what follows it, where the name begins; NULL if that is no date. */
static const char *skip_date(const char *at, const char *end)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	if (end - at < 14 || at[0] != ' ' || at[4] != ' ' || at[7] != ' ' || at[13] != ' ')
		return NULL;
	bool month = false;
	for (const char *name = months; *name && !month; name += 3)
		month = memcmp(name, at + 1, 3) == 0;
	bool day = is_digits(at + 5, 2) || (at[5] == ' ' && is_digits(at + 6, 1));
	bool clock = is_digits(at + 8, 2) && at[10] == ':' && is_digits(at + 11, 2);
	bool year = at[8] == ' ' && is_digits(at + 9, 4);
	return month && day && (clock || year) ? at + 14 : NULL;
}

/* The number that ends at `stop`. */
static bool parse_size(const char *line, const char *stop, uint64_t *size)
{
	const char *start = stop;
	while (start > line && g_ascii_isdigit(start[-1]))
		start--;
	g_autofree char *digits = g_strndup(start, (gsize)(stop - start));
	return g_ascii_string_to_unsigned(digits, 10, 0, INT64_MAX, size, NULL);
}

/* Take a line apart: where its name begins; NULL if it does not begin an entry. */
static const char *parse_line(const char *line, const char *end, struct head *head)
{
	if (!is_mode(line, end))
		return NULL;
	const char *limit = end - line > DATE_WITHIN ? line + DATE_WITHIN : end;
	for (const char *at = line + MODE_LENGTH; at < limit; at++) {
		const char *name = skip_date(at, end);
		if (!name || !parse_size(line, at, &head->size))
			continue;
		head->kind = line[0] == '-' ? SFTP_FILE : line[0] == 'd' ? SFTP_DIR : SFTP_OTHER;
		head->link = line[0] == 'l';
		return name;
	}
	return NULL;
}

/* An entry has ended: tell it, without what it links to. */
static void finish(const struct head *head, GString *name, sftp_entry_fn tell, void *user)
{
	const char *arrow = head->link ? strstr(name->str, " -> ") : NULL;
	if (arrow)
		g_string_truncate(name, (gsize)(arrow - name->str));
	if (name->len && strcmp(name->str, ".") != 0 && strcmp(name->str, "..") != 0 && !strchr(name->str, '/') &&
	    strlen(name->str) == name->len)
		tell(name->str, head->kind, head->size, user);
}

/* Whether a line that begins no entry is one that could not be read: like an entry, or with none before it to go on. */
static bool is_strange(const char *line, const char *end, bool first)
{
	bool total = end - line >= 6 && memcmp(line, "total ", 6) == 0;
	return is_mode(line, end) || (first && end > line && !total);
}

bool sftp_list_parse(const char *text, size_t length, sftp_entry_fn tell, void *user)
{
	const char *stop = text + length;
	struct head head = {SFTP_OTHER, false, 0}, next = head;
	bool fine = true;
	GString *name = g_string_new(NULL); /* of the entry that `head` began; empty before the first */
	while (text < stop) {
		const char *end = memchr(text, '\n', (size_t)(stop - text));
		end = end ? end : stop;
		const char *start = parse_line(text, end, &next);
		fine = fine && (start || !is_strange(text, end, !name->len));
		if (start) {
			finish(&head, name, tell, user);
			head = next;
			g_string_truncate(name, 0);
			g_string_append_len(name, start, end - start);
		} else if (name->len) {
			g_string_append_c(name, '\n');
			g_string_append_len(name, text, end - text);
		}
		text = end + (end < stop);
	}
	finish(&head, name, tell, user);
	g_string_free(name, TRUE);
	return fine;
}
