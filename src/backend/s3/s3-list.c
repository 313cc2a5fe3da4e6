#include "backend/s3/s3-int.h"

#include "base/error.h"

#include <string.h>

/* So many pages in a row may be without a key, as where many versions were deleted. */
#define EMPTY_MAX 1000

/* What is ours and not content. */
#define OURS ".mlv/"

static void add_param(GString *query, const char *name, const char *value)
{
	g_string_append_printf(query, "%s%s=", query->len ? "&" : "", name);
	sigv4_encode(query, value, false);
}

static void list_shape(struct remote_conn *conn, struct transfer *transfer, unsigned part, struct step *step)
{
	struct s3_task *task = s3_task(transfer);
	if (transfer->stage != LIST_PAGES) {
		s3_sweep_shape(conn, transfer, step);
		return;
	}
	g_autoptr(GString) query = g_string_new(NULL);
	g_autofree char *prefix = g_strconcat(conn->place->prefix, transfer->key, NULL);
	if (task->token)
		add_param(query, "continuation-token", task->token);
	add_param(query, "encoding-type", "url");
	add_param(query, "list-type", "2");
	add_param(query, "prefix", prefix);
	struct request *request = s3_request(conn, "GET", NULL, query->str);
	request_take_bytes(request, S3_REPLY_MAX);
	s3_send(conn, s3_part(transfer, part), request, SIGV4_EMPTY_HASH, step);
}

/* A page is not what was asked for, as when something on the way mixes up replies: ask again. */
static struct verdict odd_page(struct transfer *transfer, const char *why)
{
	g_clear_error(&transfer->error);
	error_set(&transfer->error, ERROR_TRANSIENT, "list '%s': the server's reply %s", transfer->key, why);
	return (struct verdict){VERDICT_RETRY};
}

/* Whether the page answers the question: for this prefix and token, as far as it says. */
static bool answers(const struct remote_conn *conn, const struct transfer *transfer, const struct s3_xml *page)
{
	const struct s3_task *task = transfer->state;
	const char *token = page->root.values[S3_TOKEN], *prefix = page->root.values[S3_PREFIX];
	g_autofree char *asked = g_strconcat(conn->place->prefix, transfer->key, NULL);
	g_autofree char *answered = prefix ? s3_xml_decode(page, prefix) : NULL;
	bool other_token = token && *token && g_strcmp0(token, task->token) != 0;
	bool other_prefix = prefix && g_strcmp0(answered, asked) != 0 && g_strcmp0(prefix, asked) != 0;
	return s3_xml_is(page, "ListBucketResult") && !other_token && !other_prefix;
}

/* Note one key. false if it cannot be one that was asked for. */
static bool take_key(const struct remote_conn *conn, struct transfer *transfer, const struct s3_xml *page,
		     const struct s3_record *record)
{
	struct s3_task *task = transfer->state;
	uint64_t size;
	g_autofree char *name = record->values[S3_KEY] ? s3_xml_decode(page, record->values[S3_KEY]) : NULL;
	size_t skip = strlen(conn->place->prefix);
	if (!name || !s3_record_number(record, S3_SIZE, &size) || !g_str_has_prefix(name, conn->place->prefix) ||
	    !g_str_has_prefix(name + skip, transfer->key))
		return false;
	const char *key = name + skip;
	bool ours = g_str_has_prefix(key, OURS) && !g_str_has_prefix(transfer->key, OURS);
	bool folder = g_str_has_suffix(key, "/") || !*key; /* what consoles make for a folder */
	if (ours || folder)
		return true;
	task->unsorted = task->unsorted || (task->last && strcmp(task->last, key) >= 0);
	g_free(task->last);
	task->last = g_strdup(key);
	transfer_found(transfer, key, size);
	return true;
}

static gint compare_items(gconstpointer a, gconstpointer b)
{
	const struct transfer_item *left = *(void *const *)a, *right = *(void *const *)b;
	return strcmp(left->key, right->key);
}

/* Each key once, also from a server that repeats itself. */
static void drop_doubles(GPtrArray *items)
{
	guint kept = 0;
	g_ptr_array_sort(items, compare_items);
	for (guint i = 0; i < items->len; i++) {
		if (kept && compare_items(&items->pdata[kept - 1], &items->pdata[i]) == 0)
			continue;
		gpointer item = items->pdata[i];
		items->pdata[i] = items->pdata[kept];
		items->pdata[kept++] = item;
	}
	g_ptr_array_set_size(items, (gint)kept);
}

/* The next page, or the end. */
static struct verdict go_on(struct remote_conn *conn, struct transfer *transfer, const struct s3_xml *page)
{
	struct s3_task *task = transfer->state;
	if (g_ascii_strcasecmp(s3_xml_get(page, S3_TRUNCATED), "true") != 0) {
		if (task->unsorted && transfer->items)
			drop_doubles(transfer->items);
		return (struct verdict){s3_sweep_begin(conn, transfer) ? VERDICT_NEXT : VERDICT_DONE};
	}
	task->empty = page->records->len ? 0 : task->empty + 1;
	if (task->empty >= EMPTY_MAX) {
		error_set(&transfer->error, ERROR_FAILED, "list '%s': the server goes on with %d pages without a key",
			  transfer->key, EMPTY_MAX);
		return (struct verdict){VERDICT_BROKEN};
	}
	g_free(task->token);
	task->token = g_strdup(s3_xml_get(page, S3_NEXT_TOKEN));
	g_hash_table_add(task->tokens, g_strdup(task->token));
	return (struct verdict){VERDICT_NEXT};
}

static struct verdict take_page(struct remote_conn *conn, struct transfer *transfer, const struct s3_xml *page)
{
	struct s3_task *task = transfer->state;
	guint before = transfer->items ? transfer->items->len : 0;
	bool more = g_ascii_strcasecmp(s3_xml_get(page, S3_TRUNCATED), "true") == 0;
	const char *next = s3_xml_get(page, S3_NEXT_TOKEN);
	if (!task->tokens)
		task->tokens = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	if (!answers(conn, transfer, page))
		return odd_page(transfer, "is for something else");
	if (more && (!*next || g_hash_table_contains(task->tokens, next)))
		return odd_page(transfer, *next ? "leads back to a page that we have" : "does not say how to go on");
	for (guint i = 0; i < page->records->len; i++) {
		const struct s3_record *record = page->records->pdata[i];
		if (strcmp(record->name, "Contents") != 0 || take_key(conn, transfer, page, record))
			continue;
		if (transfer->items)
			g_ptr_array_set_size(transfer->items, (gint)before);
		return odd_page(transfer, "has a key that was not asked for");
	}
	conn->seen = true;
	return go_on(conn, transfer, page);
}

static struct verdict list_judge(struct remote_conn *conn, struct transfer *transfer, unsigned part,
				 const struct reply *reply)
{
	if (transfer->stage != LIST_PAGES)
		return s3_sweep_judge(conn, transfer, reply);
	if (reply->error || reply->status != 200)
		return s3_failure(conn, transfer, part, reply);
	const char *text = reply_text(reply);
	autoptr(s3_xml) page = s3_xml_parse(text, reply->body ? reply->body->len : 0, NULL);
	if (!page)
		return odd_page(transfer, "is not XML as S3 has it");
	if (s3_xml_is(page, "Error"))
		return s3_failure(conn, transfer, part, reply);
	return take_page(conn, transfer, page);
}

const struct s3_kind s3_list = {list_shape, list_judge};
