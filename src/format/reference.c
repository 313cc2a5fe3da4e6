#include "format/reference-int.h"

#include <string.h>

bool reference_next(struct reference *found, const char *text, const char *from)
{
	const char *at;

	while ((at = strstr(from, "${"))) {
		size_t length = strcspn(at + 2, "}\n");

		from = at + 2;
		if (at > text && at[-1] == '\\')
			continue;
		if (from[length] == '}') {
			*found = (struct reference){at, from + length + 1, from, length};
			return true;
		}
		from += length; /* what starts before is not closed either */
	}
	return false;
}

bool reference_is_in(const struct node *node)
{
	struct reference reference;

	if (node->kind == NODE_STRING)
		return reference_next(&reference, node->text, node->text);
	for (size_t i = 0; i < node->count; i++)
		if (reference_is_in(node->items[i]) || (node->keys && reference_is_in(node->keys[i])))
			return true;
	return false;
}

/* Past a name in an expression: at least one character that is none of ".[]"; NULL if there is none. */
static const char *skip_name(const char *at, const char *end)
{
	const char *start = at;

	while (at < end && !strchr(".[]", *at))
		at++;
	return at > start ? at : NULL;
}

bool reference_is_proper(const struct reference *reference)
{
	const char *end = reference->expression + reference->length;
	const char *at = skip_name(reference->expression, end);

	while (at && at < end) {
		bool bracket = *at == '[';

		if (*at == ']')
			return false;
		at = skip_name(at + 1, end);
		if (!bracket || !at)
			continue;
		if (at == end || *at != ']')
			return false;
		for (at++; at < end && *at == ' '; at++)
			continue;
		if (at < end && *at != '.' && *at != '[')
			return false;
	}
	return at;
}
