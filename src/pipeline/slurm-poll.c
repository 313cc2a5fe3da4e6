#include "pipeline/slurm-poll.h"

#include "base/error.h"
#include "base/quote.h"

#include <string.h>

/* No site has larger arrays. */
#define ARRAY_LIMIT 4000000

static const struct slurm_state states[] = {
	{"COMPLETED", false, NULL},
	{"FAILED", false, NULL},
	{"CANCELLED", false, "cancelled"},
	{"TIMEOUT", false, "time limit"},
	{"NODE_FAIL", false, "node lost"},
	{"OUT_OF_MEMORY", false, "out of memory"},
	{"PREEMPTED", false, "preempted"},
	{"BOOT_FAIL", false, "node did not start"},
	{"DEADLINE", false, "deadline"},
	{"LAUNCH_FAILED", false, "could not be launched"},
	{"REVOKED", false, "revoked"},
};

/* PENDING, RUNNING, COMPLETING, SUSPENDED, REQUEUED and whatever later versions have. */
static const struct slurm_state alive = {"RUNNING", true, NULL};

const struct slurm_state *slurm_state_of(const char *text)
{
	size_t length = strcspn(text, " +|");

	for (size_t i = 0; i < G_N_ELEMENTS(states); i++) {
		if (strlen(states[i].name) == length && !strncmp(states[i].name, text, length))
			return &states[i];
	}
	return &alive;
}

/* The length of the job id that begins the text, 0 if none does: "12" or "12_3". */
static size_t id_length(const char *text)
{
	size_t length = strspn(text, "0123456789"), task;

	if (!length || text[length] != '_')
		return length;
	task = strspn(text + length + 1, "0123456789");
	return task ? length + 1 + task : 0;
}

char *slurm_parse_submitted(const char *text, GError **error)
{
	size_t length = id_length(text);
	g_autofree char *shown = NULL;

	if (length && (text[length] == ';' || text[length] == '\n'))
		return g_strndup(text, length);
	shown = quote_path(text);
	error_set(error, ERROR_FAILED, "sbatch printed no job id but '%s'", shown);
	return NULL;
}

GHashTable *slurm_parse_states(const char *text, GError **error)
{
	g_autoptr(GHashTable) found = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	while (*text) {
		size_t line = strcspn(text, "\n"), length = id_length(text);

		if (line && (!length || text[length] != '|')) {
			g_autofree char *whole = g_strndup(text, line), *shown = quote_path(whole);

			error_set(error, ERROR_FAILED, "it printed '%s'", shown);
			return NULL;
		}
		if (line) {
			g_autofree char *state = g_strndup(text + length + 1, line - length - 1);

			g_hash_table_replace(found, g_strndup(text, length), (void *)slurm_state_of(state));
		}
		text += line + (text[line] == '\n');
	}
	return g_steal_pointer(&found);
}

guint slurm_parse_array_limit(const char *text)
{
	static const char name[] = "MaxArraySize";
	const char *at = strstr(text, name);
	guint64 value;

	if (!at)
		return 1;
	at += strlen(name);
	at += strspn(at, " =");
	value = g_ascii_strtoull(at, NULL, 10);
	return (guint)CLAMP(value, 1, ARRAY_LIMIT);
}

char *slurm_complaint(const char *text)
{
	g_autofree char *copy = g_strchomp(g_strdup(text));
	const char *last = strrchr(copy, '\n');

	return quote_path(last ? last + 1 : copy);
}
