#include "measure/params.h"

#include <string.h>

/* Longest name that can be the number of an item. */
#define NUMBER_LENGTH 9

/* The number that a name is; -1 for none. */
static long item_number(const char *name)
{
	size_t length = strlen(name);

	if (length == 0 || length > NUMBER_LENGTH || strspn(name, "0123456789") != length)
		return -1;
	return strtol(name, NULL, 10);
}

/* The position in a map of the key that is written like that; map->count for none. Numbers may be keys, too. */
static size_t find_key(const struct node *map, const char *name)
{
	for (size_t i = 0; i < map->count; i++) {
		const struct node *key = map->keys[i];

		if (key->kind == NODE_STRING && strcmp(key->text, name) == 0)
			return i;
		if (key->kind == NODE_INT && key->integer >= 0 && key->integer == item_number(name))
			return i;
	}
	return map->count;
}

/* What a name picks of a collection; NULL for nothing. */
static struct node *child_of(const struct node *node, const char *name)
{
	size_t place;
	long number;

	if (node->kind == NODE_MAP) {
		place = find_key(node, name);
		return place < node->count ? node->items[place] : NULL;
	}
	number = node->kind == NODE_LIST ? item_number(name) : -1;
	return number >= 0 && (size_t)number < node->count ? node->items[number] : NULL;
}

/* Whether all names lead somewhere. */
static bool leads_somewhere(const struct node *node, char **names)
{
	for (; node && *names; names++)
		node = child_of(node, *names);
	return node != NULL;
}

static struct node *pick(struct doc *doc, struct node *picked, struct node *from, char **names);

/* Put the child into a picked map. */
static void pick_pair(struct doc *doc, struct node *picked, const struct node *from, char **names)
{
	size_t at = find_key(picked, *names), place = find_key(from, *names);
	struct node *child = pick(doc, at < picked->count ? picked->items[at] : NULL, from->items[place], names + 1);

	if (at < picked->count)
		picked->items[at] = child;
	else
		doc_add_pair(doc, picked, from->keys[place], child);
}

/* Put the child into a picked list, which is filled up to it. */
static void pick_item(struct doc *doc, struct node *picked, const struct node *from, char **names)
{
	size_t place = (size_t)item_number(*names);

	while (picked->count <= place)
		node_append(doc, picked, node_null(doc));
	picked->items[place] = pick(doc, picked->items[place], from->items[place], names + 1);
}

/* Add what the names lead to in `from` to what was picked of it before (NULL: nothing); the result. */
static struct node *pick(struct doc *doc, struct node *picked, struct node *from, char **names)
{
	if (!*names || picked == from)
		return from; /* all of it */
	if (!picked || picked->kind != from->kind)
		picked = from->kind == NODE_MAP ? node_map(doc) : node_list(doc);
	if (from->kind == NODE_MAP)
		pick_pair(doc, picked, from, names);
	else
		pick_item(doc, picked, from, names);
	return picked;
}

struct node *params_pick(struct doc *doc, const struct node *root, const char *const *keys)
{
	struct node *picked = node_map(doc);

	for (; *keys; keys++) {
		g_auto(GStrv) names = g_strsplit(*keys, ".", -1);

		if (root->kind == NODE_MAP && *names && leads_somewhere(root, names))
			pick_pair(doc, picked, root, names);
	}
	return picked;
}
