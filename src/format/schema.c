#include "format/entry-int.h"

static const struct schema_key *find_key(const char *name, const struct dialect *dialect,
					 const struct schema_key *keys, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(keys[i].name, name) == 0)
			return keys[i].native_only && dialect != &dialect_native ? NULL : &keys[i];
	return NULL;
}

/* The kind of a set that a message asks for: a string where it may be one, else the first. */
static enum node_kind main_kind(unsigned kinds)
{
	unsigned kind = NODE_BOOL;

	if (kinds & KIND(NODE_STRING))
		return NODE_STRING;
	while (!(kinds & KIND(kind)))
		kind++;
	return kind;
}

bool schema_check(const struct doc *doc, const struct node *node, const struct dialect *dialect, const char *what,
		  const struct schema_key *keys, size_t count, GError **error)
{
	if (node->kind != NODE_MAP) {
		node_error(error, doc, node, "%s must be a map, not %s", what, node_kind_name(node->kind));
		return false;
	}
	for (size_t i = 0; i < node->count; i++) {
		const struct node *key = node->keys[i], *value = node->items[i];
		const struct schema_key *rule;

		if (key->kind != NODE_STRING) {
			node_error(error, doc, key, "the keys of %s must be strings", what);
			return false;
		}
		rule = find_key(key->text, dialect, keys, count);
		if (!rule) {
			node_error(error, doc, key, "unknown key '%s' in %s", key->text, what);
			return false;
		}
		if (!(rule->kinds & KIND(value->kind))) {
			node_error(error, doc, key, "'%s' must be %s, not %s", key->text,
				   node_kind_name(main_kind(rule->kinds)), node_kind_name(value->kind));
			return false;
		}
	}
	return true;
}

bool schema_get_bool(const struct node *map, const char *key)
{
	const struct node *value = node_get(map, key);

	return value && value->kind == NODE_BOOL && value->boolean;
}

char *schema_get_text(const struct node *map, const char *key)
{
	const char *text = node_get_string(map, key);

	return text && *text ? g_strdup(text) : NULL;
}
