#include "pipeline/reason-int.h"

#include "base/quote.h"

#include <string.h>

/* Digits of an id that people see. */
#define SHORT_ID 8

/* Of a long command, so many bytes around what changed are shown. */
#define COMMAND_LIMIT 120

char *reason_short_id(const struct oid *oid)
{
	char text[OID_TEXT_MAX];

	return oid && !oid_is_none(oid) ? g_strndup(oid_text(oid, text), SHORT_ID) : NULL;
}

char *reason_command(const struct node *cmd)
{
	GString *text;

	if (!cmd || cmd->kind != NODE_LIST)
		return g_strdup(cmd && cmd->text ? cmd->text : "");
	text = g_string_new(NULL);
	for (size_t i = 0; i < cmd->count; i++) {
		if (cmd->items[i]->text)
			g_string_append_printf(text, "%s%s", i ? " && " : "", cmd->items[i]->text);
	}
	return g_string_free(text, false);
}

GPtrArray *reason_inside(const struct manifest *before, const struct manifest *now)
{
	GPtrArray *lines = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GArray) changes = manifest_diff(before, now, true);

	for (guint i = 0; i < changes->len; i++) {
		const struct manifest_change *change = &g_array_index(changes, struct manifest_change, i);
		g_autofree char *old = change->before ? quote_path(change->before->path) : NULL,
				*new = change->after ? quote_path(change->after->path) : NULL;

		if (!new)
			g_ptr_array_add(lines, g_strconcat("deleted: ", old, NULL));
		else if (!old)
			g_ptr_array_add(lines, g_strconcat("added: ", new, NULL));
		else if (g_str_equal(old, new))
			g_ptr_array_add(lines, g_strconcat("modified: ", new, NULL));
		else
			g_ptr_array_add(lines, g_strconcat("renamed: ", old, " -> ", new, NULL));
	}
	return lines;
}

/* The bytes that both texts begin with, back to the word before the one that differs: it often is the option's name. */
static size_t shared_start(const char *a, const char *b)
{
	size_t same = 0;

	while (a[same] && a[same] == b[same])
		same++;
	for (unsigned words = 0; same; same--) {
		if (a[same - 1] == ' ' && ++words == 2)
			break;
	}
	return same;
}

/* The bytes that both end with, in whole words, not reaching back before `start`. */
static size_t shared_end(const char *a, const char *b, size_t start)
{
	size_t m = strlen(a), n = strlen(b), same = 0;

	while (same < m - start && same < n - start && a[m - 1 - same] == b[n - 1 - same])
		same++;
	while (same && a[m - same] != ' ')
		same--;
	return same;
}

/* A part of a command on one line. */
static void append_part(GString *out, const char *text, size_t start, size_t end)
{
	g_autofree char *part = g_strndup(text + start, MIN(strlen(text) - start - end, COMMAND_LIMIT));
	g_autofree char *valid = g_utf8_make_valid(part, -1);

	for (char *c = valid; *c; c++) {
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = *c == '\n' || *c == '\t' ? ' ' : '?';
	}
	g_string_append_printf(out, "%s%s%s", start ? "… " : "", valid, end ? " …" : "");
}

/* What changed in a command, and the word before it. */
static void append_command(GString *out, const char *old, const char *new)
{
	size_t start = shared_start(old, new), end = shared_end(old, new, start);

	g_string_append(out, "the command changed: ");
	append_part(out, old, start, end);
	g_string_append(out, " -> ");
	append_part(out, new, start, end);
}

static void append_change(GString *out, const struct reason *reason)
{
	g_string_append(out, " changed");
	/* The same bytes: for who keeps modes, they are the other thing that there is. */
	if (reason->kind == REASON_OUT && reason->old && g_strcmp0(reason->old, reason->new) == 0)
		g_string_append(out, ": it was or is executable, its content is the same");
	else if (reason->old && reason->new)
		g_string_append_printf(out, ": %s -> %s", reason->old, reason->new);
}

static void append_param(GString *out, const struct reason *reason, const char *file)
{
	g_autofree char *key = NULL;

	if (!reason->key) {
		g_string_append_printf(out, g_str_equal(reason->word, "new") ? "the parameters of '%s' are not recorded yet"
									     : "'%s' is missing",
				       file);
		return;
	}
	key = quote_path(reason->key);
	g_string_append_printf(out, "parameter %s of %s", key, file);
	if (g_str_equal(reason->word, "new"))
		g_string_append_printf(out, " is new: %s", reason->new ? reason->new : "");
	else if (g_str_equal(reason->word, "deleted"))
		g_string_append_printf(out, reason->old ? " is gone: it was %s" : " is missing", reason->old);
	else
		append_change(out, reason);
}

/* A file or folder that is read or written. */
static void append_data(GString *out, const struct reason *reason, const char *path)
{
	if (reason->kind == REASON_OUT)
		g_string_append(out, "output ");
	g_string_append_printf(out, "'%s'", path);
	if (g_str_equal(reason->word, "deleted"))
		g_string_append(out, " is missing");
	else if (g_str_equal(reason->word, "not in cache"))
		g_string_append(out, " is not in the store");
	else if (g_str_equal(reason->word, "update available"))
		g_string_append(out, " has an update");
	else if (!reason->new)
		g_string_append(out, " is missing");
	else if (!reason->old)
		g_string_append(out, " is not recorded yet");
	else
		append_change(out, reason);
}

/* Something that is read or written. */
static void append_thing(GString *out, const struct reason *reason, const char *path)
{
	if (reason->unknown && !g_str_equal(reason->word, "deleted"))
		g_string_append_printf(out, "what it read of '%s' is not known: it changed while the stage ran", path);
	else if (reason->kind == REASON_PARAM)
		append_param(out, reason, path);
	else
		append_data(out, reason, path);
}

char *reason_text(const struct reason *reason)
{
	g_autofree char *what = reason->what ? quote_path(reason->what) : NULL;
	GString *out = g_string_new(NULL);

	switch (reason->kind) {
	case REASON_NEVER_RAN:
		g_string_append(out, "no run of it is recorded");
		break;
	case REASON_COMMAND:
		append_command(out, reason->old ? reason->old : "", reason->new ? reason->new : "");
		break;
	case REASON_DEP:
	case REASON_OUT:
	case REASON_PARAM:
		append_thing(out, reason, what);
		break;
	case REASON_ALWAYS:
		g_string_append(out, "it runs every time (always_changed)");
		break;
	case REASON_CALLBACK:
		g_string_append(out, "it runs every time: it has neither dependencies nor outputs");
		break;
	case REASON_CHECKSUM:
		g_string_append(out, "the checksum of the pointer itself is another");
		break;
	case REASON_FORCED:
		g_string_append(out, "it is forced to run");
		break;
	case REASON_UPSTREAM:
		g_string_append_printf(out, "'%s' would run before it", what);
		break;
	}
	return g_string_free(out, false);
}

bool reason_is_input(const struct reason *reason)
{
	return reason->kind == REASON_DEP || reason->kind == REASON_PARAM;
}

struct reason *reason_new_out(const struct workspace *ws, const char *path, const char *word, const struct oid *recorded,
			      const struct oid *now)
{
	struct reason *reason = g_new0(struct reason, 1);

	reason->kind = REASON_OUT;
	reason->what = workspace_show_path(ws, path);
	reason->word = word;
	reason->old = reason_short_id(recorded);
	reason->new = reason_short_id(now);
	return reason;
}

void reason_free(struct reason *reason)
{
	g_free(reason->what);
	g_free(reason->key);
	g_free(reason->old);
	g_free(reason->new);
	if (reason->inside)
		g_ptr_array_unref(reason->inside);
	g_free(reason);
}
