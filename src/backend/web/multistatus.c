#include "backend/web/multistatus.h"

#include "base/error.h"

#include <string.h>
#include <time.h>

/* Elements within elements: far more than PROPFIND needs. */
#define DEPTH_MAX 32

/* The longest text of one element: a path, percent-encoded. */
#define TEXT_MAX ((size_t)16 << 10)

/* One <response> as it is read. */
struct response {
	char *path; /* decoded, ending in '/' if it is a collection's; NULL: to be passed over */
	struct multistatus_member member;
};

struct reading {
	GPtrArray *responses; /* of struct response, owned */
	struct response *now;
	unsigned depth;
	GString *text; /* of the innermost element */
};

static void member_free(gpointer data)
{
	struct multistatus_member *member = data;

	g_free(member->name);
	g_free(member);
}

static void response_free(gpointer data)
{
	struct response *response = data;

	g_free(response->path);
	g_free(response->member.name);
	g_free(response);
}

/* The name of an element without its namespace's prefix. */
static const char *local_name(const char *name)
{
	const char *colon = strrchr(name, ':');

	return colon ? colon + 1 : name;
}

static void on_start(GMarkupParseContext *context, const char *name, const char **names, const char **values,
		     gpointer user, GError **error)
{
	struct reading *reading = user;
	const char *local = local_name(name);

	(void)context;
	(void)names;
	(void)values;
	g_string_truncate(reading->text, 0);
	if (++reading->depth > DEPTH_MAX) {
		error_set(error, ERROR_UNSAFE, "elements are nested too deeply");
	} else if (strcmp(local, "response") == 0) {
		reading->now = g_new0(struct response, 1);
		reading->now->member.size = MULTISTATUS_NO_SIZE;
		g_ptr_array_add(reading->responses, reading->now);
	} else if (reading->now && strcmp(local, "collection") == 0) {
		reading->now->member.is_collection = true;
	}
}

/* The path of an href, which may be a whole URL, decoded; NULL for one that hides a '/' or NUL, or is no path. */
static char *decode_href(const char *href)
{
	const char *scheme = strstr(href, "://"), *path = href;

	if (scheme && scheme < href + strcspn(href, "/?#"))
		path = scheme + 3 + strcspn(scheme + 3, "/?#");
	if (*path != '/')
		return NULL;
	return g_uri_unescape_segment(path, path + strcspn(path, "?#"), "/");
}

/* Seconds since the epoch of a date as HTTP writes it; 0 if it is none. */
static int64_t parse_date(const char *text)
{
	struct tm tm = {0};
	const char *end = strptime(text, "%a, %d %b %Y %H:%M:%S GMT", &tm);

	return end && !*end ? (int64_t)timegm(&tm) : 0;
}

static void on_end(GMarkupParseContext *context, const char *name, gpointer user, GError **error)
{
	struct reading *reading = user;
	const char *local = local_name(name);
	struct response *now = reading->now;
	const char *text = g_strstrip(reading->text->str);
	guint64 size;

	(void)context;
	(void)error;
	reading->depth--;
	if (strcmp(local, "response") == 0) {
		reading->now = NULL;
	} else if (now && strcmp(local, "href") == 0 && !now->path) {
		now->path = decode_href(text);
	} else if (now && strcmp(local, "getcontentlength") == 0) {
		if (g_ascii_string_to_unsigned(text, 10, 0, G_MAXINT64, &size, NULL))
			now->member.size = size;
	} else if (now && strcmp(local, "getlastmodified") == 0) {
		now->member.modified = parse_date(text);
	}
	g_string_truncate(reading->text, 0);
}

static void on_text(GMarkupParseContext *context, const char *text, gsize length, gpointer user, GError **error)
{
	struct reading *reading = user;

	(void)context;
	if (reading->text->len + length > TEXT_MAX)
		error_set(error, ERROR_UNSAFE, "an element is too long");
	else
		g_string_append_len(reading->text, text, (gssize)length);
}

/* Collections end in '/', whether the server says so or not. */
static void normalise(GPtrArray *responses)
{
	for (guint i = 0; i < responses->len; i++) {
		struct response *response = responses->pdata[i];

		if (response->path && response->member.is_collection && !g_str_has_suffix(response->path, "/")) {
			char *path = g_strconcat(response->path, "/", NULL);

			g_free(response->path);
			response->path = path;
		}
	}
}

/* The path of the collection itself as the server calls it: ours if it is among them, else what all others begin with.
 */
static const char *find_self(GPtrArray *responses, const char *ours)
{
	const char *shortest = NULL;

	for (guint i = 0; i < responses->len; i++) {
		const struct response *response = responses->pdata[i];

		if (!response->path || !response->member.is_collection)
			continue;
		if (ours && strcmp(response->path, ours) == 0)
			return response->path;
		if (!shortest || strlen(response->path) < strlen(shortest))
			shortest = response->path;
	}
	for (guint i = 0; shortest && i < responses->len; i++) {
		const struct response *response = responses->pdata[i];

		if (response->path && !g_str_has_prefix(response->path, shortest))
			return NULL;
	}
	return shortest;
}

/* The name of a response's own below `self`; NULL if it is not right there. New string. */
static char *name_below(const struct response *response, const char *self)
{
	const char *name;
	size_t length;

	if (!response->path || !g_str_has_prefix(response->path, self))
		return NULL;
	name = response->path + strlen(self);
	length = strcspn(name, "/");
	if (length == 0 || (name[length] && name[length + 1]))
		return NULL;
	if (strncmp(name, "..", length) == 0 && length <= 2) /* "." is the beginning of "..", too */
		return NULL;
	return g_strndup(name, length);
}

static GPtrArray *find_members(GPtrArray *responses, const char *self)
{
	GPtrArray *members = g_ptr_array_new_with_free_func(member_free);

	for (guint i = 0; i < responses->len; i++) {
		const struct response *response = responses->pdata[i];
		struct multistatus_member *member;
		char *name = name_below(response, self);

		if (!name)
			continue;
		member = g_memdup2(&response->member, sizeof(*member));
		member->name = name;
		g_ptr_array_add(members, member);
	}
	return members;
}

/* Fill reading->responses. */
static bool parse(struct reading *reading, const char *text, size_t length, GError **error)
{
	static const GMarkupParser parser = {.start_element = on_start, .end_element = on_end, .text = on_text};
	g_autoptr(GMarkupParseContext) context =
		g_markup_parse_context_new(&parser, G_MARKUP_TREAT_CDATA_AS_TEXT, reading, NULL);
	g_autoptr(GError) why = NULL;

	if (g_markup_parse_context_parse(context, text, (gssize)length, &why) &&
	    g_markup_parse_context_end_parse(context, &why))
		return true;
	error_set(error, why->domain == MLV_ERROR ? (enum error_code)why->code : ERROR_CORRUPT,
		  "the server's list cannot be read: %s", why->message);
	return false;
}

GPtrArray *multistatus_read(const char *text, size_t length, const char *path, GError **error)
{
	struct reading reading = {.responses = g_ptr_array_new_with_free_func(response_free),
				  .text = g_string_new(NULL)};
	g_autoptr(GPtrArray) responses = reading.responses;
	g_autofree char *ours = decode_href(path);
	bool read = parse(&reading, text, length, error);
	const char *self;

	g_string_free(reading.text, TRUE);
	if (!read)
		return NULL;
	normalise(responses);
	self = find_self(responses, ours);
	if (self)
		return find_members(responses, self);
	error_set(error, ERROR_CORRUPT, "the server's list does not name the folder that was asked for");
	return NULL;
}
