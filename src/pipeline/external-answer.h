/*
 * external-answer: what the network program (`git mlv ask-urls`) says of URLs, as text between two processes.
 *
 * The question is the URLs, each with a NUL behind it. The answer has, for each in the same order, four fields with a NUL behind
 * each: "found", "absent" or "failed"; the name of the mark ("etag", "checksum", "md5") or ""; the mark, or why it failed; the
 * size in bytes, decimal, or "". Pure functions.
 */
#ifndef PIPELINE_EXTERNAL_ANSWER_H
#define PIPELINE_EXTERNAL_ANSWER_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum external_state { EXTERNAL_ABSENT, EXTERNAL_FOUND, EXTERNAL_FAILED };

/* Strings are borrowed, from who writes it or from the text that was read. */
struct external_answer {
	enum external_state state;
	const char *key;  /* of the mark; NULL unless found */
	const char *text; /* the mark, or the error; NULL if absent */
	bool has_size;
	uint64_t size;
};

/* Append one answer. */
void external_answer_write(const struct external_answer *answer, GString *out);

/* Read the answer at *at, which moves behind it; `end` is the end of the text. ERROR_CORRUPT if it is none. */
bool external_answer_read(const char **at, const char *end, struct external_answer *answer, GError **error);

#endif
