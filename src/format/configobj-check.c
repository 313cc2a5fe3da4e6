#include "base/error.h"
#include "base/quote.h"
#include "format/configobj-int.h"

#include <errno.h>

/* Of option names; some sections take any of them. */
#define NAME_CHARACTERS "abcdefghijklmnopqrstuvwxyz0123456789_-."

enum type {
	END,      /* of a table */
	TEXT,
	FLAG,     /* true or false */
	COUNT,    /* an integer from 1 on */
	INTEGER,
	NUMBER,   /* not negative */
	PERCENT,  /* an integer from 0 to 100 */
	LINKS,    /* link types with commas between */
	GROUP,    /* the word "group" */
	AUTH,     /* basic, digest, custom */
	BOOLS,    /* of parsing.bool */
	LISTS,    /* of parsing.list */
};

struct rule {
	const char *option;
	enum type type;
};

/* A section, or the remotes of a URL scheme. */
struct table {
	const char *name;
	const struct rule *rules;
};

static const struct rule core[] = {
	{"remote", TEXT},	{"checksum_jobs", COUNT}, {"interactive", FLAG},  {"analytics", FLAG},
	{"hardlink_lock", FLAG}, {"no_scm", FLAG},	  {"autostage", FLAG},	  {"experiments", FLAG},
	{"check_update", FLAG}, {"site_cache_dir", TEXT}, {"machine", TEXT},	  {NULL, END},
};
static const struct rule cache[] = {
	{"local", TEXT}, {"s3", TEXT},	  {"gs", TEXT},	   {"hdfs", TEXT},	{"webhdfs", TEXT},	    {"ssh", TEXT},
	{"azure", TEXT}, {"dir", TEXT},	  {"type", LINKS}, {"protected", FLAG}, {"shared", GROUP},
	{"slow_link_warning", FLAG}, {"verify", FLAG}, {NULL, END},
};
static const struct rule state[] = {
	{"dir", TEXT}, {"row_limit", COUNT}, {"row_cleanup_quota", PERCENT}, {NULL, END}};
static const struct rule index_section[] = {{"dir", TEXT}, {NULL, END}};
static const struct rule plots[] = {{"html_template", TEXT}, {"auto_open", FLAG}, {"out_dir", TEXT}, {NULL, END}};
static const struct rule experiments[] = {
	{"code", TEXT},	 {"data", TEXT}, {"models", TEXT},    {"metrics", TEXT},    {"params", TEXT},
	{"plots", TEXT}, {"live", TEXT}, {"auto_push", FLAG}, {"git_remote", TEXT}, {NULL, END},
};
static const struct rule parsing[] = {{"bool", BOOLS}, {"list", LISTS}, {NULL, END}};
static const struct rule hydra[] = {
	{"enabled", FLAG},     {"config_dir", TEXT},   {"config_module", TEXT},
	{"config_name", TEXT}, {"plugins_path", TEXT}, {NULL, END},
};
static const struct rule studio[] = {
	{"token", TEXT}, {"url", TEXT}, {"repo_url", TEXT}, {"offline", FLAG}, {NULL, END}};
static const struct rule db[] = {{"url", TEXT}, {"username", TEXT}, {"password", TEXT}, {NULL, END}};
static const struct rule machine[] = {
	{"cloud", TEXT},       {"region", TEXT},	    {"image", TEXT},	      {"spot", FLAG},
	{"spot_price", NUMBER}, {"instance_hdd_size", INTEGER}, {"instance_type", TEXT}, {"instance_gpu", TEXT},
	{"ssh_private", TEXT}, {"startup_script", TEXT},    {"setup_script", TEXT},   {NULL, END},
};

static const struct rule remote_common[] = {
	{"url", TEXT},	    {"checksum_jobs", COUNT}, {"jobs", COUNT}, {"worktree", FLAG}, {"no_traverse", FLAG},
	{"version_aware", FLAG}, {NULL, END},
};
static const struct rule local[] = {
	{"type", LINKS}, {"protected", FLAG}, {"shared", GROUP}, {"slow_link_warning", FLAG}, {"verify", FLAG}, {NULL, END},
};
static const struct rule s3[] = {
	{"region", TEXT},	     {"profile", TEXT},		    {"credentialpath", TEXT},
	{"configpath", TEXT},	     {"endpointurl", TEXT},	    {"access_key_id", TEXT},
	{"secret_access_key", TEXT}, {"session_token", TEXT},	    {"listobjects", FLAG},
	{"use_ssl", FLAG},	     {"allow_anonymous_login", FLAG}, {"ssl_verify", TEXT},
	{"sse", TEXT},		     {"sse_kms_key_id", TEXT},	    {"sse_customer_algorithm", TEXT},
	{"sse_customer_key", TEXT},  {"acl", TEXT},		    {"grant_read", TEXT},
	{"grant_read_acp", TEXT},    {"grant_write_acp", TEXT},	    {"grant_full_control", TEXT},
	{"cache_regions", FLAG},     {"read_timeout", INTEGER},	    {"connect_timeout", INTEGER},
	{"verify", FLAG},	     {NULL, END},
};
static const struct rule gs[] = {
	{"projectname", TEXT}, {"credentialpath", TEXT}, {"endpointurl", TEXT}, {"allow_anonymous_login", FLAG},
	{"verify", FLAG},      {NULL, END},
};
static const struct rule azure[] = {
	{"connection_string", TEXT},
	{"sas_token", TEXT},
	{"account_name", TEXT},
	{"account_key", TEXT},
	{"tenant_id", TEXT},
	{"client_id", TEXT},
	{"client_secret", TEXT},
	{"allow_anonymous_login", FLAG},
	{"exclude_environment_credential", FLAG},
	{"exclude_visual_studio_code_credential", FLAG},
	{"exclude_shared_token_cache_credential", FLAG},
	{"exclude_managed_identity_credential", FLAG},
	{"verify", FLAG},
	{"timeout", INTEGER},
	{"read_timeout", INTEGER},
	{"connection_timeout", INTEGER},
	{NULL, END},
};
static const struct rule ssh[] = {
	{"type", LINKS},      {"port", INTEGER},       {"user", TEXT},	     {"password", TEXT}, {"ask_password", FLAG},
	{"passphrase", TEXT}, {"ask_passphrase", FLAG}, {"keyfile", TEXT},   {"timeout", INTEGER}, {"gss_auth", FLAG},
	{"allow_agent", FLAG}, {"max_sessions", INTEGER}, {"verify", FLAG}, {NULL, END},
};
static const struct rule http[] = {
	{"auth", AUTH},		{"custom_auth_header", TEXT},  {"user", TEXT},	      {"password", TEXT},
	{"ask_password", FLAG}, {"ssl_verify", TEXT},	       {"method", TEXT},      {"connect_timeout", NUMBER},
	{"read_timeout", NUMBER}, {"verify", FLAG},	       {NULL, END},
};
static const struct rule webdav[] = {
	{"user", TEXT},	     {"password", TEXT}, {"ask_password", FLAG}, {"token", TEXT}, {"custom_auth_header", TEXT},
	{"cert_path", TEXT}, {"key_path", TEXT}, {"timeout", INTEGER},	 {"ssl_verify", TEXT}, {"verify", FLAG},
	{NULL, END},
};
static const struct rule hdfs[] = {{"user", TEXT}, {"kerb_ticket", TEXT}, {"replication", INTEGER}, {NULL, END}};
static const struct rule webhdfs[] = {
	{"kerberos", FLAG},  {"kerberos_principal", TEXT}, {"proxy_to", TEXT}, {"ssl_verify", TEXT}, {"token", TEXT},
	{"use_https", FLAG}, {"user", TEXT},		   {"password", TEXT}, {"data_proxy_target", TEXT},
	{"verify", FLAG},    {NULL, END},
};
static const struct rule oss[] = {
	{"oss_key_id", TEXT}, {"oss_key_secret", TEXT}, {"oss_endpoint", TEXT}, {"verify", FLAG}, {NULL, END}};
static const struct rule gdrive[] = {
	{"profile", TEXT},
	{"gdrive_use_service_account", FLAG},
	{"gdrive_client_id", TEXT},
	{"gdrive_client_secret", TEXT},
	{"gdrive_user_credentials_file", TEXT},
	{"gdrive_service_account_user_email", TEXT},
	{"gdrive_service_account_json_file_path", TEXT},
	{"gdrive_trash_only", FLAG},
	{"gdrive_acknowledge_abuse", FLAG},
	{"verify", FLAG},
	{NULL, END},
};

/* Plain sections, in the order in which DVC adds them to a file. */
static const struct table sections[] = {
	{"core", core},	    {"cache", cache},	  {"state", state}, {"index", index_section}, {"feature", NULL},
	{"plots", plots},   {"exp", experiments},	  {"parsing", parsing}, {"hydra", hydra},     {"studio", studio},
};

static const struct table schemes[] = {
	{"", local},	   {"s3", s3},	     {"gs", gs},	   {"azure", azure}, {"ssh", ssh},     {"http", http},
	{"https", http},   {"webdav", webdav}, {"webdavs", webdav}, {"hdfs", hdfs},  {"webhdfs", webhdfs}, {"oss", oss},
	{"gdrive", gdrive}, {"remote", NULL},
};

unsigned configobj_rank(const char *section)
{
	unsigned rank = 0;

	while (rank < G_N_ELEMENTS(sections) && strcmp(sections[rank].name, section) != 0)
		rank++;
	return rank;
}

static const struct rule *find_rule(const struct rule *rules, const char *option)
{
	for (; rules && rules->option; rules++)
		if (strcmp(rules->option, option) == 0)
			return rules;
	return NULL;
}

/* Whether text is one of the words, separated by '|', in any case. */
static bool is_word(const char *text, const char *words)
{
	g_auto(GStrv) list = g_strsplit(words, "|", -1);
	g_autofree char *lower = g_ascii_strdown(text, -1);

	return g_strv_contains((const char *const *)list, lower);
}

static bool is_integer(const char *text, gint64 low, gint64 high)
{
	g_autofree char *trimmed = g_strstrip(g_strdup(text));
	const char *digits = *trimmed == '+' ? trimmed + 1 : trimmed;

	return g_ascii_string_to_signed(digits, 10, low, high, NULL, NULL);
}

static bool is_number(const char *text)
{
	char *end;

	errno = 0;
	return g_ascii_strtod(text, &end) >= 0 && end > text && !*end && errno == 0;
}

static bool are_links(const char *text)
{
	g_auto(GStrv) list = g_strsplit(text, ",", -1);

	for (char **item = list; *item; item++)
		if (!is_word(g_strstrip(*item), "reflink|hardlink|symlink|copy"))
			return false;
	return true;
}

/* What is expected of a value that is not of its type; NULL if it is. */
static const char *complaint(enum type type, const char *value)
{
	switch (type) {
	case FLAG:
		return is_word(value, "true|false") ? NULL : "true or false";
	case COUNT:
		return is_integer(value, 1, G_MAXINT64) ? NULL : "an integer from 1 on";
	case INTEGER:
		return is_integer(value, G_MININT64, G_MAXINT64) ? NULL : "an integer";
	case PERCENT:
		return is_integer(value, 0, 100) ? NULL : "an integer from 0 to 100";
	case NUMBER:
		return is_number(value) ? NULL : "a number";
	case LINKS:
		return are_links(value) ? NULL : "some of reflink, hardlink, symlink and copy";
	case GROUP:
		return is_word(value, "group") ? NULL : "group";
	case AUTH:
		return is_word(value, "basic|digest|custom") ? NULL : "basic, digest or custom";
	case BOOLS:
		return is_word(value, "store_true|boolean_optional") ? NULL : "store_true or boolean_optional";
	case LISTS:
		return is_word(value, "nargs|append") ? NULL : "nargs or append";
	default:
		return NULL;
	}
}

/* The table for remotes at that URL; NULL for a scheme that DVC does not know. */
static const struct table *table_of_url(const char *url)
{
	const char *colon = strstr(url, "://");
	g_autofree char *scheme = colon && colon[3] && colon[3] != '/' ? g_ascii_strdown(url, colon - url) : g_strdup("");

	for (size_t i = 0; i < G_N_ELEMENTS(schemes); i++)
		if (strcmp(schemes[i].name, scheme) == 0)
			return &schemes[i];
	return NULL;
}

/* A rule for an option of a remote whose URL stands in another file: of any scheme. */
static const struct rule *rule_of_any_scheme(const char *option)
{
	const struct rule *rule = find_rule(remote_common, option);

	for (size_t i = 0; !rule && i < G_N_ELEMENTS(schemes); i++)
		rule = find_rule(schemes[i].rules, option);
	return rule;
}

/* Whether the option may stand in this remote, and its rule (NULL: any value will do). */
static bool find_remote_rule(const struct configobj_section *section, const char *option, const struct rule **rule)
{
	const struct configobj_option *url = configobj_find_option(section, "url");
	const struct table *table = url ? table_of_url(url->value) : NULL;

	if (!url) {
		*rule = rule_of_any_scheme(option);
		return *rule != NULL;
	}
	*rule = find_rule(remote_common, option);
	if (*rule)
		return true;
	*rule = table ? find_rule(table->rules, option) : NULL;
	return *rule || (table && !table->rules);
}

/* The same for an option of any section; false also if the section itself is unknown. */
static bool find_any_rule(const struct configobj_section *section, const char *option, const struct rule **rule)
{
	unsigned rank = configobj_rank(section->name);

	*rule = NULL;
	if (configobj_named(section->name, "remote"))
		return find_remote_rule(section, option, rule);
	if (configobj_named(section->name, "db"))
		*rule = find_rule(db, option);
	else if (configobj_named(section->name, "machine"))
		*rule = find_rule(machine, option);
	else if (rank < G_N_ELEMENTS(sections))
		*rule = find_rule(sections[rank].rules, option);
	return *rule || strcmp(section->name, "feature") == 0;
}

/* Whether the value reads back as itself once it is written. */
static bool is_writable(const char *value)
{
	autoptr(configobj) config = configobj_new();
	autoptr(configobj) again = NULL;
	g_autofree char *text = NULL;
	const char *back;
	size_t length;

	configobj_set(config, "core", "value", value);
	text = configobj_write(config, &length);
	again = configobj_read(text, length, "config", NULL);
	back = again ? configobj_get(again, "core", "value") : NULL;
	return back && strcmp(back, value) == 0;
}

static bool check_option(const struct configobj_section *section, const struct configobj_option *option,
			 const char *name, GError **error)
{
	const struct configobj_option *url = configobj_find_option(section, "url");
	const struct rule *rule;
	const char *expected;

	if (strspn(option->name, NAME_CHARACTERS) != strlen(option->name)) {
		g_autofree char *quoted = quote_path(option->name);

		error_set(error, ERROR_USAGE, "%s: [%s] '%s' is no name of an option", name, section->name, quoted);
		return false;
	}
	if (!find_any_rule(section, option->name, &rule)) {
		error_set(error, ERROR_USAGE, "%s: [%s] cannot have the option '%s'%s", name, section->name, option->name,
			  url && configobj_named(section->name, "remote") ? " with a URL of its kind" : "");
		return false;
	}
	expected = rule ? complaint(rule->type, option->value) : NULL;
	if (expected) {
		g_autofree char *value = quote_path(option->value);

		error_set(error, ERROR_USAGE, "%s: [%s] %s: '%s' is not %s", name, section->name, option->name, value,
			  expected);
		return false;
	}
	if (!is_writable(option->value)) {
		error_set(error, ERROR_USAGE, "%s: [%s] %s: the value has characters that this file cannot hold", name,
			  section->name, option->name);
		return false;
	}
	return true;
}

static bool check_section(const struct configobj_section *section, const char *name, GError **error)
{
	bool known = configobj_rank(section->name) < G_N_ELEMENTS(sections);

	for (const char *const *kind = configobj_named_kinds; *kind; kind++) {
		size_t start = configobj_named(section->name, *kind);

		known = known || (start && !strpbrk(section->name + start, "'\n\r]") && section->name[start] != '"');
	}
	if (!known) {
		error_set(error, ERROR_USAGE, "%s: the section [%s] is not known", name, section->name);
		return false;
	}
	for (guint i = 0; i < section->options->len; i++)
		if (!check_option(section, g_ptr_array_index(section->options, i), name, error))
			return false;
	if (configobj_find_option(section, "config_dir") && configobj_find_option(section, "config_module")) {
		error_set(error, ERROR_USAGE, "%s: [%s] cannot have both config_dir and config_module", name,
			  section->name);
		return false;
	}
	return true;
}

bool configobj_check(const struct configobj *config, const char *name, GError **error)
{
	g_autofree char *file = quote_path(name);

	for (guint i = 0; i < config->sections->len; i++)
		if (!check_section(g_ptr_array_index(config->sections, i), file, error))
			return false;
	return true;
}
