#include "backend/lfs/lfs-batch.h"

#include "base/error.h"
#include "doc/json.h"

#include <string.h>

/* What servers may say about an error, in characters. */
#define MESSAGE_MAX 200

/* The longest header of an action. Tokens are the longest there are. */
#define HEADER_MAX ((size_t)64 << 10)

/* Headers of one action. */
#define HEADERS_MAX 64

static struct node *want_node(struct doc *doc, const struct lfs_want *want)
{
	struct node *node = node_map(doc);
	node_set(doc, node, "oid", node_string(doc, want->oid));
	node_set(doc, node, "size", node_int(doc, (int64_t)MIN(want->size, (uint64_t)INT64_MAX)));
	return node;
}

GString *lfs_batch_ask(bool upload, const struct lfs_want *wants, size_t count)
{
	autoptr(doc) doc = doc_new();
	struct node *root = node_map(doc), *transfers = node_list(doc), *objects = node_list(doc);
	node_append(doc, transfers, node_string(doc, "basic"));
	for (size_t i = 0; i < count; i++)
		node_append(doc, objects, want_node(doc, &wants[i]));
	node_set(doc, root, "operation", node_string(doc, upload ? "upload" : "download"));
	node_set(doc, root, "transfers", transfers);
	node_set(doc, root, "objects", objects);
	node_set(doc, root, "hash_algo", node_string(doc, "sha256"));
	return json_write(root, JSON_COMPACT_PYTHON);
}

GString *lfs_verify_ask(const struct lfs_want *want)
{
	autoptr(doc) doc = doc_new();
	return json_write(want_node(doc, want), JSON_COMPACT_PYTHON);
}

static bool fail(const char *what, GError **error)
{
	error_set(error, ERROR_CORRUPT, "the Git LFS server's answer makes no sense: %s", what);
	return false;
}

/* Without the reader's own error: it shows an excerpt, which may have a secret in it. */
static struct doc *read_json(const char *text, size_t length, GError **error)
{
	struct doc *doc = json_read(text, length, "answer", NULL);
	if (!doc)
		fail("it is no JSON", error);
	return doc;
}

/* map[key] as a map; *map is NULL if it is not there or null. False if it is something else. */
static bool get_map(const struct node *node, const char *key, const struct node **map)
{
	*map = node_get(node, key);
	if (*map && (*map)->kind == NODE_NULL)
		*map = NULL;
	return !*map || (*map)->kind == NODE_MAP;
}

/* Text from outside for people: no control characters, one line, not too long. New string, NULL for nothing. */
static char *clean(const char *text)
{
	g_autofree char *valid = text ? g_utf8_make_valid(text, -1) : NULL;
	g_autoptr(GString) out = g_string_new(NULL);
	glong count = 0;
	for (const char *p = valid; p && *p && count < MESSAGE_MAX; p = g_utf8_next_char(p), count++) {
		gunichar c = g_utf8_get_char(p);
		g_string_append_unichar(out, g_unichar_isprint(c) ? c : ' ');
	}
	g_strstrip(out->str);
	return *out->str ? g_strdup(out->str) : NULL;
}

/* A header name is a token of RFC 9110. */
static bool is_token(const char *text)
{
	for (const char *p = text; *p; p++)
		if (!g_ascii_isalnum(*p) && !strchr("!#$%&'*+-.^_`|~", *p))
			return false;
	return *text;
}

static bool is_header_value(const char *text)
{
	for (const char *p = text; *p; p++)
		if ((unsigned char)*p < ' ' && *p != '\t')
			return false;
	return strlen(text) <= HEADER_MAX;
}

/* Headers about the form of the message are made by who sends it. */
static bool is_framing(const char *name)
{
	static const char *const names[] = {"transfer-encoding", "content-length", "connection", "expect", "host",
					    "upgrade",           "te",             "trailer",    "range",  NULL};
	g_autofree char *lower = g_ascii_strdown(name, -1);
	return g_strv_contains(names, lower);
}

static bool read_headers(const struct node *map, struct lfs_action *action, GError **error)
{
	action->headers = g_ptr_array_new_with_free_func(g_free);
	if (map && map->count > HEADERS_MAX)
		return fail("too many headers", error);
	for (size_t i = 0; map && i < map->count; i++) {
		const struct node *key = map->keys[i], *value = map->items[i];
		if (key->kind != NODE_STRING || value->kind != NODE_STRING || !is_token(key->text) ||
		    !is_header_value(value->text))
			return fail("a header is none", error);
		if (is_framing(key->text))
			continue;
		if (g_ascii_strcasecmp(key->text, "authorization") == 0)
			action->authorizes = true;
		g_ptr_array_add(action->headers, g_strdup_printf("%s: %s", key->text, value->text));
	}
	return true;
}

/*
 * When an action ends: expires_in wins over expires_at, which wants clocks that agree. Nobody hands out what has ended: a
 * time that is over shows that they do not ("0001-01-01T00:00:00Z" is how servers written in Go say never).
 */
static int64_t read_expiry(const struct node *node, int64_t now)
{
	const struct node *in = node_get(node, "expires_in");
	if (in && in->kind == NODE_INT && in->integer > 0)
		return now + MIN(in->integer, INT32_MAX);
	const char *at = node_get_string(node, "expires_at");
	g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
	g_autoptr(GDateTime) time = at ? g_date_time_new_from_iso8601(at, utc) : NULL;
	int64_t seconds = time ? g_date_time_to_unix(time) : 0;
	return seconds > now ? seconds : 0;
}

/*
 * Whether the text is a URL of http or https about whose host no two programs can disagree: secrets are bound to hosts.
 * So no login, no backslash, no blanks.
 */
static bool is_http(const char *url)
{
	const char *rest = g_ascii_strncasecmp(url, "http://", 7) == 0	  ? url + 7
			   : g_ascii_strncasecmp(url, "https://", 8) == 0 ? url + 8
									  : "";
	size_t host = strspn(rest, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:[]");
	if (host == 0 || (rest[host] && !strchr("/?#", rest[host])))
		return false;
	for (const char *p = url; *p; p++)
		if ((unsigned char)*p <= ' ' || *p == 0x7f || *p == '\\')
			return false;
	return strlen(url) <= HEADER_MAX;
}

static bool read_action(const struct node *node, int64_t now, struct lfs_action *action, GError **error)
{
	const struct node *headers;
	const char *href = node_get_string(node, "href");
	if (href && *href && !is_http(href))
		return fail("an address is none", error);
	if (!get_map(node, "header", &headers))
		return fail("'header' is no map", error);
	action->href = href && *href ? g_strdup(href) : NULL;
	action->expires = read_expiry(node, now);
	return read_headers(headers, action, error);
}

static bool read_named_action(const struct node *actions, const char *name, int64_t now, struct lfs_action *action,
			      GError **error)
{
	const struct node *node;
	if (!get_map(actions, name, &node))
		return fail("an action is no map", error);
	if (!node)
		return true;
	if (!read_action(node, now, action, error))
		return false;
	return action->href || fail("an action has no address", error);
}

static void read_error(const struct node *node, struct lfs_object *object)
{
	const struct node *code = node_get(node, "code");
	object->error = 500;
	if (code && code->kind == NODE_INT && code->integer >= 100 && code->integer < 1000)
		object->error = (unsigned)code->integer;
	object->message = clean(node_get_string(node, "message"));
}

static bool is_oid(const char *text)
{
	return text && strlen(text) == LFS_OID_LENGTH && strspn(text, "0123456789abcdef") == LFS_OID_LENGTH;
}

static bool read_object(const struct node *node, int64_t now, struct lfs_object *object, GError **error)
{
	const struct node *actions, *failure, *size = node_get(node, "size");
	const char *oid = node_get_string(node, "oid");
	if (!is_oid(oid))
		return fail("an object has no proper id", error);
	if (!get_map(node, "actions", &actions) || !get_map(node, "error", &failure))
		return fail("the parts of an object are no maps", error);
	memcpy(object->oid, oid, LFS_OID_LENGTH + 1);
	object->size = size && size->kind == NODE_INT && size->integer > 0 ? (uint64_t)size->integer : 0;
	if (failure) {
		read_error(failure, object);
		return true;
	}
	return read_named_action(actions, "download", now, &object->download, error) &&
	       read_named_action(actions, "upload", now, &object->upload, error) &&
	       read_named_action(actions, "verify", now, &object->verify, error);
}

/* A choice of ours that the server confirms, or leaves open. */
static bool confirms(const struct node *root, const char *key, const char *value)
{
	const struct node *node = node_get(root, key);
	return !node || node->kind == NODE_NULL ||
	       (node->kind == NODE_STRING && (!*node->text || strcmp(node->text, value) == 0));
}

GPtrArray *lfs_batch_read(const char *text, size_t length, int64_t now, GError **error)
{
	autoptr(doc) doc = read_json(text, length, error);
	if (!doc)
		return NULL;
	const struct node *objects = node_get(doc->root, "objects");
	if (!objects || objects->kind != NODE_LIST) {
		fail("it tells of no objects", error);
		return NULL;
	}
	if (!confirms(doc->root, "transfer", "basic") || !confirms(doc->root, "hash_algo", "sha256")) {
		fail("it wants another kind of transfer", error);
		return NULL;
	}
	g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func((GDestroyNotify)lfs_object_free);
	for (size_t i = 0; i < objects->count; i++) {
		struct lfs_object *object = g_new0(struct lfs_object, 1);
		g_ptr_array_add(list, object);
		if (!read_object(objects->items[i], now, object, error))
			return NULL;
	}
	return g_steal_pointer(&list);
}

bool lfs_login_read(const char *text, size_t length, int64_t now, struct lfs_action *action, GError **error)
{
	autoptr(doc) doc = read_json(text, length, error);
	*action = (struct lfs_action){0};
	if (!doc)
		return false;
	if (doc->root->kind != NODE_MAP)
		return fail("it is no map", error);
	if (read_action(doc->root, now, action, error))
		return true;
	lfs_action_clear(action);
	return false;
}

char *lfs_reply_message(const struct reply *reply)
{
	const char *text = reply_text(reply);
	if (*text != '{')
		return NULL;
	autoptr(doc) doc = json_read(text, strlen(text), "answer", NULL);
	return doc ? clean(node_get_string(doc->root, "message")) : NULL;
}

void lfs_action_clear(struct lfs_action *action)
{
	g_free(action->href);
	if (action->headers)
		g_ptr_array_unref(action->headers);
	*action = (struct lfs_action){0};
}

void lfs_object_free(struct lfs_object *object)
{
	lfs_action_clear(&object->download);
	lfs_action_clear(&object->upload);
	lfs_action_clear(&object->verify);
	g_free(object->message);
	g_free(object);
}
