/*
 * text: the rule of DVC 2.x for hashing text: bytes are taken by chunks of 1 MiB, and in a chunk that looks like text
 * CRLF becomes LF. How the bytes are cut into text_filter_update() calls makes no difference.
 *
 * A filter is embedded by its owner; all zero it is ready for the first byte.
 */
#ifndef HASH_TEXT_INT_H
#define HASH_TEXT_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes at the start of a chunk that decide whether it is text. */
#define TEXT_HEAD 512

/* Where the filtered bytes go. */
typedef void (*text_sink)(void *user, const void *data, size_t length);

struct text_filter {
	text_sink sink;
	void *user;
	size_t position;         /* in the chunk, of the next byte */
	uint8_t head[TEXT_HEAD]; /* the first `position` bytes, while these are fewer than TEXT_HEAD */
	bool is_text;            /* this chunk, once its head is complete */
	bool has_cr;             /* a CR is held back, because an LF may follow */
};

/* Take more bytes. */
void text_filter_update(struct text_filter *filter, const void *data, size_t length);

/* No more bytes come: pass on what is held back, and be ready for another first byte. */
void text_filter_finish(struct text_filter *filter);

/* Whether a chunk that begins with these bytes (at most TEXT_HEAD) is text. */
bool text_is_text(const uint8_t *head, size_t length);

#endif
