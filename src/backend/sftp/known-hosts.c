#include "backend/sftp/known-hosts.h"

#include <string.h>

#define DEFAULT_PORT 22

/* The kinds of keys that libssh2 can check, strongest first. */
static const char *const kinds[] = {
	"ssh-ed25519", "ecdsa-sha2-nistp521", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp256", "ssh-rsa", NULL};

struct known_hosts {
	char *host, *with_port; /* the names to look for: "host" and "[host]:port" */
	unsigned port;
	GPtrArray *plain, *ported; /* keys of these, as "kind base64" */
	GPtrArray *revoked;        /* of either */
};

/* A name as known_hosts files write it. */
static char *entry_name(const char *host, unsigned port)
{
	return port == DEFAULT_PORT ? g_strdup(host) : g_strdup_printf("[%s]:%u", host, port);
}

struct known_hosts *known_hosts_new(const char *host, unsigned port)
{
	struct known_hosts *known = g_new0(struct known_hosts, 1);
	known->host = g_ascii_strdown(host, -1);
	known->port = port;
	known->with_port = entry_name(known->host, port);
	known->plain = g_ptr_array_new_with_free_func(g_free);
	known->ported = g_ptr_array_new_with_free_func(g_free);
	known->revoked = g_ptr_array_new_with_free_func(g_free);
	return known;
}

/* Whether the name matches a pattern of '*' and '?', in no more than the product of their lengths. */
static bool match_glob(const char *pattern, const char *name)
{
	const char *star = NULL, *tried = NULL;
	while (*name) {
		if (*pattern == '*') {
			star = pattern++;
			tried = name;
		} else if (*pattern && (*pattern == '?' || *pattern == *name)) {
			pattern++;
			name++;
		} else if (star) {
			pattern = star + 1;
			name = ++tried;
		} else {
			return false;
		}
	}
	return pattern[strspn(pattern, "*")] == '\0';
}

/* Whether "|1|salt|hash" is the hash of the name. */
static bool match_hashed(const char *field, const char *name)
{
	g_auto(GStrv) parts = g_strsplit(field, "|", 5);
	if (g_strv_length(parts) != 4 || strcmp(parts[1], "1") != 0 || !*parts[2] || !*parts[3])
		return false;
	gsize salt_length, length;
	guint8 digest[20];
	gsize digest_length = sizeof(digest);
	g_autofree guchar *salt = g_base64_decode(parts[2], &salt_length);
	g_autofree guchar *hash = g_base64_decode(parts[3], &length);
	GHmac *hmac = g_hmac_new(G_CHECKSUM_SHA1, salt, salt_length);
	g_hmac_update(hmac, (const guchar *)name, (gssize)strlen(name));
	g_hmac_get_digest(hmac, digest, &digest_length);
	g_hmac_unref(hmac);
	return length == digest_length && memcmp(hash, digest, length) == 0;
}

/* Whether a line's first field means this name: a hash, or a list of patterns of which none that begins with '!' may
 * match. */
static bool match_hosts(const char *field, const char *name)
{
	if (field[0] == '|')
		return match_hashed(field, name);
	g_autofree char *lower = g_ascii_strdown(field, -1);
	g_auto(GStrv) patterns = g_strsplit(lower, ",", -1);
	bool matched = false;
	for (char **pattern = patterns; *pattern; pattern++) {
		bool negated = (*pattern)[0] == '!';
		if (!match_glob(*pattern + negated, name))
			continue;
		if (negated)
			return false;
		matched = true;
	}
	return matched;
}

/* The next word of a line, or NULL; *line moves on behind it. New string. */
static char *next_word(const char **line, const char *end)
{
	const char *start = *line;
	while (start < end && (*start == ' ' || *start == '\t'))
		start++;
	const char *stop = start;
	while (stop < end && *stop != ' ' && *stop != '\t' && *stop != '\r')
		stop++;
	*line = stop;
	return stop > start ? g_strndup(start, (gsize)(stop - start)) : NULL;
}

/* Note a key for those of its names that the field means. */
static void take_key(struct known_hosts *known, const char *hosts, bool revoked, const char *key)
{
	bool plain = match_hosts(hosts, known->host);
	bool ported = known->port == DEFAULT_PORT ? plain : match_hosts(hosts, known->with_port);
	if (revoked && (plain || ported))
		g_ptr_array_add(known->revoked, g_strdup(key));
	else if (ported)
		g_ptr_array_add(known->ported, g_strdup(key));
	else if (plain)
		g_ptr_array_add(known->plain, g_strdup(key));
}

static void take_line(struct known_hosts *known, const char *line, const char *end)
{
	g_autofree char *first = next_word(&line, end);
	if (!first || first[0] == '#')
		return;
	bool marked = first[0] == '@', revoked = strcmp(first, "@revoked") == 0;
	g_autofree char *second = marked ? next_word(&line, end) : NULL;
	g_autofree char *kind = next_word(&line, end);
	g_autofree char *text = kind ? next_word(&line, end) : NULL;
	if (!text || (marked && !revoked) || !g_strv_contains(kinds, kind))
		return; /* libssh2 knows no certificates */
	g_autofree char *key = g_strdup_printf("%s %s", kind, text);
	take_key(known, marked ? second : first, revoked, key);
}

void known_hosts_add(struct known_hosts *known, const char *text, size_t length)
{
	const char *stop = text + strnlen(text, length);
	while (text < stop) {
		const char *end = memchr(text, '\n', (size_t)(stop - text));
		end = end ? end : stop;
		take_line(known, text, end);
		text = end + (end < stop);
	}
}

static bool is_revoked(const struct known_hosts *known, const char *key)
{
	for (guint i = 0; i < known->revoked->len; i++)
		if (strcmp(g_ptr_array_index(known->revoked, i), key) == 0)
			return true;
	return false;
}

char *known_hosts_lines(const struct known_hosts *known, const char *host)
{
	const GPtrArray *keys = known->ported->len ? known->ported : known->plain;
	g_autofree char *name = entry_name(host, known->port);
	GString *lines = g_string_new(NULL);
	for (const char *const *kind = kinds; *kind; kind++) {
		for (guint i = 0; i < keys->len; i++) {
			const char *key = g_ptr_array_index(keys, i);
			size_t length = strlen(*kind);
			if (strncmp(key, *kind, length) == 0 && key[length] == ' ' && !is_revoked(known, key))
				g_string_append_printf(lines, "%s %s\n", name, key);
		}
	}
	return g_string_free(lines, FALSE);
}

void known_hosts_free(struct known_hosts *known)
{
	if (!known)
		return;
	g_ptr_array_unref(known->plain);
	g_ptr_array_unref(known->ported);
	g_ptr_array_unref(known->revoked);
	g_free(known->host);
	g_free(known->with_port);
	g_free(known);
}
