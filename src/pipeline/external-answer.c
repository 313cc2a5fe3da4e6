#include "pipeline/external-answer.h"

#include "base/error.h"

#include <string.h>

static const char *const states[] = {
	[EXTERNAL_ABSENT] = "absent",
	[EXTERNAL_FOUND] = "found",
	[EXTERNAL_FAILED] = "failed",
};

static const char *const keys[] = {"etag", "checksum", "md5"};

static void append(GString *out, const char *field)
{
	g_string_append_len(out, field ? field : "", field ? (gssize)strlen(field) + 1 : 1);
}

void external_answer_write(const struct external_answer *answer, GString *out)
{
	g_autofree char *size = answer->has_size ? g_strdup_printf("%" G_GUINT64_FORMAT, answer->size) : NULL;

	append(out, states[answer->state]);
	append(out, answer->key);
	append(out, answer->text);
	append(out, size);
}

/* The next field; NULL at the end. */
static const char *next(const char **at, const char *end)
{
	const char *field = *at, *nul = memchr(field, '\0', (size_t)(end - field));

	if (nul)
		*at = nul + 1;
	return nul ? field : NULL;
}

/* The entry of a list that is this word, its index in *index; NULL if there is none. */
static const char *find(const char *const *list, size_t count, const char *word, size_t *index)
{
	for (*index = 0; *index < count; ++*index)
		if (strcmp(list[*index], word) == 0)
			return list[*index];
	return NULL;
}

bool external_answer_read(const char **at, const char *end, struct external_answer *answer, GError **error)
{
	const char *fields[4] = {NULL};
	size_t index = 0;
	guint64 size = 0;
	bool ok = true;

	for (size_t i = 0; i < G_N_ELEMENTS(fields) && ok; i++) {
		fields[i] = next(at, end);
		ok = fields[i] != NULL;
	}
	ok = ok && find(states, G_N_ELEMENTS(states), fields[0], &index);
	*answer = (struct external_answer){.state = (enum external_state)index};
	if (ok && answer->state != EXTERNAL_ABSENT)
		answer->text = fields[2];
	if (ok && answer->state == EXTERNAL_FOUND) {
		answer->key = find(keys, G_N_ELEMENTS(keys), fields[1], &index);
		answer->has_size = *fields[3] != '\0';
		ok = answer->key && *answer->text &&
		     (!answer->has_size || g_ascii_string_to_unsigned(fields[3], 10, 0, G_MAXINT64, &size, NULL));
		answer->size = size;
	}
	if (!ok)
		error_set(error, ERROR_CORRUPT, "the network program answered something that makes no sense");
	return ok;
}
