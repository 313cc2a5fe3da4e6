#include "backend/s3/s3-int.h"

#include "base/error.h"
#include "hash/digest.h"
#include "remote/urlmatch.h"

#include <string.h>

/* Credentials that end sooner are replaced before they are used. */
#define EXPIRY_MARGIN_US ((int64_t)120 * G_USEC_PER_SEC)

/* Bytes of a customer's key. */
#define CUSTOMER_KEY_LENGTH 32

/* A secret header for which only this process has an eye. */
static void wipe(gpointer text)
{
	explicit_bzero(text, strlen(text));
	g_free(text);
}

static void add(GPtrArray *headers, const char *name, const char *value)
{
	g_ptr_array_add(headers, g_strdup_printf("%s: %s", name, value));
}

/* Headers that an option of the remote turns into as it is. */
static bool take_plain_options(struct remote_conn *conn, GError **error)
{
	static const struct {
		const char *option, *header;
	} plain[] = {
		{"acl", "x-amz-acl"},
		{"grant_read", "x-amz-grant-read"},
		{"grant_read_acp", "x-amz-grant-read-acp"},
		{"grant_write_acp", "x-amz-grant-write-acp"},
		{"grant_full_control", "x-amz-grant-full-control"},
		{"sse", "x-amz-server-side-encryption"},
		{"sse_kms_key_id", "x-amz-server-side-encryption-aws-kms-key-id"},
	};
	for (size_t i = 0; i < G_N_ELEMENTS(plain); i++) {
		const char *value = remote_spec_get(conn->spec, plain[i].option);
		for (const char *p = value ? value : ""; *p; p++) {
			if (g_ascii_iscntrl(*p)) {
				error_set(error, ERROR_USAGE, "%s: the value has a control character", plain[i].option);
				return false;
			}
		}
		if (value && *value)
			add(conn->on_write, plain[i].header, value);
	}
	const char *payer = remote_spec_get(conn->spec, "requester_pays");
	if (payer && !g_ascii_strcasecmp(payer, "true"))
		add(conn->on_all, "x-amz-request-payer", "requester");
	return true;
}

static void add_customer_key(struct remote_conn *conn, const char *algorithm, const char *key, const char *md5)
{
	static const struct {
		const char *name;
		size_t value;
	} fields[] = {{"algorithm", 0}, {"key", 1}, {"key-MD5", 2}};
	const char *values[] = {algorithm, key, md5};
	conn->secret_key = g_ptr_array_new_with_free_func(wipe);
	conn->secret_from = g_ptr_array_new_with_free_func(wipe);
	for (size_t i = 0; i < G_N_ELEMENTS(fields); i++) {
		g_autofree char *to = g_strconcat("x-amz-server-side-encryption-customer-", fields[i].name, NULL);
		g_autofree char *from =
			g_strconcat("x-amz-copy-source-server-side-encryption-customer-", fields[i].name, NULL);
		add(conn->secret_key, to, values[fields[i].value]);
		add(conn->secret_from, from, values[fields[i].value]);
	}
}

/* A key of the customer's own (base64) goes along with every request for an object's bytes. */
static bool take_customer_key(struct remote_conn *conn, GError **error)
{
	const char *key = remote_spec_get(conn->spec, "sse_customer_key");
	const char *algorithm = remote_spec_get(conn->spec, "sse_customer_algorithm");
	if (!key)
		return true;
	gsize length = 0;
	g_autofree guchar *bytes = g_base64_decode(key, &length);
	g_autofree char *again = g_base64_encode(bytes, length);
	bool right = length == CUSTOMER_KEY_LENGTH && strcmp(again, key) == 0;
	struct oid md5;
	digest_bytes(bytes, length, OID_MD5, &md5);
	g_autofree char *sum = g_base64_encode(md5.digest, oid_digest_length(OID_MD5));
	explicit_bzero(bytes, length);
	explicit_bzero(again, strlen(again));
	if (!right || (algorithm && strcmp(algorithm, "AES256") != 0)) {
		error_set(error, ERROR_USAGE,
			  right ? "sse_customer_algorithm: S3 has AES256 only"
				: "sse_customer_key: this is not the base64 text of %d bytes",
			  CUSTOMER_KEY_LENGTH);
		return false;
	}
	g_autofree char *host = s3_place_host(conn->place), *url = s3_place_url(conn->place, NULL, NULL);
	if (g_str_has_prefix(url, "http://") && !s3_host_is_local(host)) {
		error_set(error, ERROR_UNSAFE, "sse_customer_key: '%s' would send this key unencrypted", url);
		error_hint(error, "git mlv remote modify %s use_ssl true", conn->spec->name);
		return false;
	}
	add_customer_key(conn, "AES256", key, sum);
	return true;
}

/* Git's extra headers are for Git servers, too: a login among them would take the place of ours. */
static void drop_logins(struct access *access)
{
	for (guint i = access->headers ? access->headers->len : 0; i > 0; i--)
		if (!g_ascii_strncasecmp(access->headers->pdata[i - 1], "authorization:", strlen("authorization:")))
			g_ptr_array_remove_index(access->headers, i - 1);
}

/* Whether it is a file that Git tracks that says where requests go. */
static bool is_place_committed(const struct remote_spec *spec)
{
	gpointer scope = NULL;
	if (!spec->committed)
		return false;
	bool known = remote_spec_get(spec, "endpointurl") && spec->given.scopes &&
		     g_hash_table_lookup_extended(spec->given.scopes, "endpointurl", NULL, &scope);
	return !known || GPOINTER_TO_INT(scope) == SPEC_COMMITTED;
}

/*
 * Who signs for a host tells it the access key and the session token, and hands it something to try weak secrets on. So
 * credentials that were not given for this very remote are used at a host that a clone names only if the user names it
 * as well, in the environment, AWS's files or settings that Git does not track. AWS's own hosts and this machine need
 * no such word. (Keys among the remote's options have been looked at by who read the settings.)
 */
static bool check_trust(const struct remote_conn *conn, GError **error)
{
	const struct remote_spec *spec = conn->spec;
	const char *anonymous = remote_spec_get(spec, "allow_anonymous_login");
	g_autofree char *host = s3_place_host(conn->place);
	if (!is_place_committed(spec) || s3_host_is_aws(host) || s3_host_is_local(host) ||
	    remote_spec_get(spec, "secret_access_key") || (anonymous && !g_ascii_strcasecmp(anonymous, "true")))
		return true;
	g_autofree char *named = aws_chain_endpoint(conn->chain);
	g_autofree char *trusted = named ? urlmatch_origin(named) : NULL;
	g_autofree char *origin = urlmatch_origin(conn->place->endpoint);
	if (trusted && g_strcmp0(trusted, origin) == 0)
		return true;
	error_set(error, ERROR_DENIED,
		  "settings that came with the repository would have your AWS credentials used at '%s'", host);
	error_hint(error, "if you trust it: git mlv remote modify --local %s endpointurl %s", spec->name,
		   conn->place->endpoint);
	return false;
}

static bool set_up(struct remote_conn *conn, GError **error)
{
	const struct remote_spec *spec = conn->spec;
	conn->chain = aws_chain_new(spec, error);
	if (!conn->chain)
		return false;
	g_autofree char *region = aws_chain_region(conn->chain);
	g_autofree char *endpoint = g_strdup(remote_spec_get(spec, "endpointurl"));
	if (!endpoint && g_str_has_prefix(spec->url, "s3://"))
		endpoint = aws_chain_endpoint(conn->chain);
	conn->place = s3_place_new(spec, endpoint, region, error);
	if (!conn->place || !check_trust(conn, error))
		return false;
	g_autofree char *url = s3_place_url(conn->place, NULL, NULL);
	conn->access = access_new(spec, url, error);
	if (!conn->access)
		return false;
	drop_logins(conn->access);
	return take_plain_options(conn, error) && take_customer_key(conn, error);
}

struct remote_conn *s3_open(const struct remote_spec *spec, enum remote_mode mode, GError **error)
{
	struct remote_conn *conn = g_new0(struct remote_conn, 1);
	conn->spec = spec;
	conn->mode = mode;
	conn->on_write = g_ptr_array_new_with_free_func(g_free);
	conn->on_all = g_ptr_array_new_with_free_func(g_free);
	pthread_mutex_init(&conn->mutex, NULL);
	if (set_up(conn, error))
		return conn;
	s3_close(conn);
	return NULL;
}

void s3_close(struct remote_conn *conn)
{
	aws_credentials_clear(&conn->who);
	pthread_mutex_destroy(&conn->mutex);
	g_clear_pointer(&conn->chain, aws_chain_free);
	s3_place_free(conn->place);
	access_free(conn->access);
	g_ptr_array_unref(conn->on_write);
	g_ptr_array_unref(conn->on_all);
	g_clear_pointer(&conn->secret_key, g_ptr_array_unref);
	g_clear_pointer(&conn->secret_from, g_ptr_array_unref);
	g_free(conn);
}

bool s3_needs_login(struct remote_conn *conn)
{
	pthread_mutex_lock(&conn->mutex);
	bool expires =
		conn->known && conn->who.expires_us && conn->who.expires_us - g_get_real_time() < EXPIRY_MARGIN_US;
	bool needed = !conn->known || conn->refuse || expires;
	pthread_mutex_unlock(&conn->mutex);
	return needed;
}

bool s3_login(struct remote_conn *conn, struct transfer *transfer, unsigned part, GError **error)
{
	(void)transfer;
	(void)part;
	pthread_mutex_lock(&conn->mutex);
	bool renew = conn->refuse;
	pthread_mutex_unlock(&conn->mutex);
	struct aws_credentials found = {0};
	if (!aws_chain_get(conn->chain, renew, &found, error))
		return false;
	pthread_mutex_lock(&conn->mutex);
	aws_credentials_clear(&conn->who);
	conn->who = found;
	conn->known = true;
	conn->refuse = false;
	pthread_mutex_unlock(&conn->mutex);
	return true;
}
