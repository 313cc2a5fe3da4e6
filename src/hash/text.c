#include "hash/text-int.h"

#include <glib.h>
#include <string.h>

#define CHUNK ((size_t)1 << 20)

static bool is_text_byte(uint8_t c)
{
	return (c >= 0x20 && c <= 0x7e) || c == '\n' || c == '\r' || c == '\t' || c == '\f' || c == '\b';
}

bool text_is_text(const uint8_t *head, size_t length)
{
	size_t odd = 0;

	for (size_t i = 0; i < length; i++) {
		if (head[i] == '\0')
			return false;
		odd += !is_text_byte(head[i]);
	}
	/* At most 30 %. */
	return odd * 10 <= length * 3;
}

/* Pass on bytes of a text chunk, CRLF as LF. A CR at the end is held back. */
static void pass_text(struct text_filter *filter, const uint8_t *data, size_t length)
{
	const uint8_t *end = data + length;

	if (length == 0)
		return;
	if (filter->has_cr && *data != '\n')
		filter->sink(filter->user, "\r", 1);
	filter->has_cr = false;
	while (data < end) {
		const uint8_t *cr = memchr(data, '\r', (size_t)(end - data));
		const uint8_t *stop = cr ? cr : end;

		if (cr && cr + 1 < end && cr[1] != '\n')
			stop = cr + 1;
		if (stop > data)
			filter->sink(filter->user, data, (size_t)(stop - data));
		filter->has_cr = cr && cr + 1 == end;
		data = stop == cr ? cr + 1 : stop;
	}
}

static void pass(struct text_filter *filter, const uint8_t *data, size_t length)
{
	if (filter->is_text)
		pass_text(filter, data, length);
	else
		filter->sink(filter->user, data, length);
}

/* Judge the chunk by the head gathered so far and pass that on. */
static void end_head(struct text_filter *filter)
{
	size_t length = MIN(filter->position, TEXT_HEAD);

	filter->is_text = text_is_text(filter->head, length);
	pass(filter, filter->head, length);
}

/* A CR at the end of a chunk stays one, even if the next chunk starts with an LF. */
static void end_chunk(struct text_filter *filter)
{
	if (filter->has_cr)
		filter->sink(filter->user, "\r", 1);
	filter->has_cr = false;
	filter->position = 0;
}

void text_filter_update(struct text_filter *filter, const void *data, size_t length)
{
	const uint8_t *p = data;

	while (length) {
		bool in_head = filter->position < TEXT_HEAD;
		size_t n = MIN(length, (in_head ? TEXT_HEAD : CHUNK) - filter->position);

		if (in_head)
			memcpy(filter->head + filter->position, p, n);
		else
			pass(filter, p, n);
		filter->position += n;
		p += n;
		length -= n;
		if (filter->position == TEXT_HEAD && in_head)
			end_head(filter);
		if (filter->position == CHUNK)
			end_chunk(filter);
	}
}

void text_filter_finish(struct text_filter *filter)
{
	if (filter->position < TEXT_HEAD)
		end_head(filter);
	end_chunk(filter);
}
