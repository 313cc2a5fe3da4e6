#include "backend/aws/aws-int.h"

#include "backend/s3/sigv4.h"
#include "base/cancel.h"
#include "base/error.h"
#include "doc/json.h"
#include "remote/wire.h"

#include <arpa/inet.h>
#include <string.h>

/* It is next door, or not there at all. */
#define CONNECT_SECONDS 1
#define ANSWER_MS       5000u
#define ATTEMPTS        3
#define ANSWER_LIMIT    ((size_t)64 << 10)

#define CONTAINER_HOST "http://169.254.170.2"
#define MACHINE_HOST   "http://169.254.169.254"
#define MACHINE_HOST_6 "http://[fd00:ec2::254]"
#define MACHINE_ROLES  "/latest/meta-data/iam/security-credentials/"

static const struct aws_fields metadata_fields = {"AccessKeyId", "SecretAccessKey", "Token", "Expiration"};

/* Ask once or, as a container's agent may be busy, again. Never through a proxy: what answers is this machine's own. */
static bool ask(struct request *request, unsigned attempts, struct reply *reply, GError **error)
{
	char agent[] = "git-mlv/" PACKAGE_VERSION, none[] = "";
	const struct access direct = {.user_agent = agent, .proxy = none, .connect_timeout = CONNECT_SECONDS};
	bool ok = false;
	request->access = &direct;
	request_take_bytes(request, ANSWER_LIMIT);
	for (unsigned attempt = 1; attempt <= attempts; attempt++) {
		reply_clear(reply);
		g_clear_error(error);
		ok = wire_ask(request, ANSWER_MS, reply, error);
		if (ok ? !reply_is_transient(reply) : !error_is(*error, ERROR_TRANSIENT))
			break;
	}
	request->access = NULL;
	return ok;
}

/* --- containers --- */

/* Whether a host is this machine, or an agent of ECS or EKS beside it: who may be asked without TLS. */
static bool is_near(const char *host)
{
	static const char *const agents[] = {"localhost",    "169.254.170.2", "169.254.170.23",
					     "fd00:ec2::23", "::1",           NULL};
	struct in_addr address;
	if (g_strv_contains(agents, host))
		return true;
	return inet_pton(AF_INET, host, &address) == 1 && ntohl(address.s_addr) >> 24 == 127;
}

static bool check_uri(const char *uri, GError **error)
{
	g_autoptr(GUri) parsed = g_uri_parse(uri, G_URI_FLAGS_NONE, NULL);
	const char *host = parsed ? g_uri_get_host(parsed) : NULL, *scheme = parsed ? g_uri_get_scheme(parsed) : "";
	bool tls = strcmp(scheme, "https") == 0, plain = strcmp(scheme, "http") == 0;
	if (!host || (!tls && !plain) || g_uri_get_userinfo(parsed))
		error_set(error, ERROR_USAGE, "AWS_CONTAINER_CREDENTIALS_FULL_URI is not an URL of http or https");
	else if (plain && !is_near(host))
		error_set(error, ERROR_UNSAFE,
			  "AWS_CONTAINER_CREDENTIALS_FULL_URI names '%s', which may not be asked without TLS", host);
	else
		return true;
	return false;
}

/* Where to ask. New string; NULL without a container, or with the error set. */
static char *container_uri(GError **error)
{
	const char *relative = aws_env("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
	const char *full = aws_env("AWS_CONTAINER_CREDENTIALS_FULL_URI");
	if (relative && *relative != '/') {
		error_set(error, ERROR_USAGE, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI does not begin with '/'");
		return NULL;
	}
	if (relative)
		return g_strconcat(CONTAINER_HOST, relative, NULL);
	return full && check_uri(full, error) ? g_strdup(full) : NULL;
}

/* Show who we are, if we were told how. */
static bool add_authorization(struct request *request, GError **error)
{
	const char *file = aws_env("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
	const char *told = aws_env("AWS_CONTAINER_AUTHORIZATION_TOKEN");
	char *token = file ? aws_read_token(file, error) : g_strdup(told);
	if (file && !token)
		return false;
	bool ok = !token || !strpbrk(token, "\r\n");
	if (token && ok)
		request_secret(request, "Authorization", token);
	if (!ok)
		error_set(error, ERROR_USAGE, "AWS_CONTAINER_AUTHORIZATION_TOKEN has several lines");
	aws_free_secret(token);
	return ok;
}

static bool ask_container(const char *uri, struct aws_credentials *out, GError **error)
{
	autoptr(request) request = request_new("GET", uri, NULL);
	g_autoptr(GError) why = NULL;
	struct reply reply = {0};
	bool ok = add_authorization(request, &why) && ask(request, ATTEMPTS, &reply, &why);
	if (ok && reply.status != 200) {
		why = reply_error(&reply, NULL);
		ok = false;
	}
	ok = ok && aws_parse_credentials(reply_text(&reply), &metadata_fields, out, &why);
	reply_clear(&reply);
	if (!ok)
		g_propagate_error(error, g_steal_pointer(&why));
	return ok;
}

enum aws_outcome aws_find_container(struct aws_credentials *out, GError **error)
{
	g_autoptr(GError) why = NULL;
	g_autofree char *uri = container_uri(&why);
	if (!uri && !why)
		return AWS_NONE;
	if (!uri || !ask_container(uri, out, &why)) {
		g_propagate_prefixed_error(error, g_steal_pointer(&why), "credentials of the container: ");
		return AWS_FAILED;
	}
	out->source = g_strdup("the container's metadata");
	return AWS_FOUND;
}

/* --- machines of EC2 --- */

/* Where the machine's metadata is. New string without a slash at the end. */
static char *machine_endpoint(void)
{
	const char *set = aws_env("AWS_EC2_METADATA_SERVICE_ENDPOINT");
	const char *mode = aws_env("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE");
	char *endpoint = g_strdup(set                                             ? set
				  : mode && g_ascii_strcasecmp(mode, "IPv6") == 0 ? MACHINE_HOST_6
										  : MACHINE_HOST);
	while (g_str_has_suffix(endpoint, "/"))
		endpoint[strlen(endpoint) - 1] = '\0';
	return endpoint;
}

/*
 * The text at a path of the metadata, or with `token` NULL a new token for the rest of the questions. NULL without an
 * error if there is nothing to be had, for aws_free_secret() otherwise.
 */
static char *ask_machine(const char *endpoint, const char *path, const char *token, GError **error)
{
	g_autofree char *url = g_strconcat(endpoint, path, NULL);
	autoptr(request) request = request_new(token ? "GET" : "PUT", url, NULL);
	g_autoptr(GError) why = NULL;
	struct reply reply = {0};
	char *text = NULL;
	if (token)
		request_secret(request, "X-aws-ec2-metadata-token", token);
	else
		request_header(request, "X-aws-ec2-metadata-token-ttl-seconds", "21600");
	/* Elsewhere than at EC2 the first question finds nobody, and should do so soon. */
	bool ok = ask(request, token ? ATTEMPTS : 1, &reply, &why);
	if (ok && reply.status == 200)
		text = g_strstrip(g_strdup(reply_text(&reply)));
	else if (ok && token && reply.status != 404)
		g_propagate_error(error, reply_error(&reply, NULL));
	else if (!ok && (token || error_is(why, ERROR_CANCELLED)))
		g_propagate_error(error, g_steal_pointer(&why));
	reply_clear(&reply);
	if (text && *text && !strpbrk(text, "\r"))
		return text;
	aws_free_secret(text);
	return NULL;
}

static bool ask_role(const char *endpoint, const char *token, struct aws_credentials *out, GError **error)
{
	char *roles = ask_machine(endpoint, MACHINE_ROLES, token, error);
	if (!roles)
		return false;
	g_autofree char *role = g_strndup(roles, strcspn(roles, "\n"));
	g_autoptr(GString) path = g_string_new(MACHINE_ROLES);
	g_free(roles);
	sigv4_encode(path, role, false);
	char *text = ask_machine(endpoint, path->str, token, error);
	bool ok = text && aws_parse_credentials(text, &metadata_fields, out, error);
	g_autofree char *shown = aws_clean(role);
	if (ok)
		out->source = g_strdup_printf("EC2's metadata (role %s)", shown);
	aws_free_secret(text);
	return ok;
}

enum aws_outcome aws_find_machine(struct aws_credentials *out, GError **error)
{
	const char *disabled = aws_env("AWS_EC2_METADATA_DISABLED");
	g_autoptr(GError) why = NULL;
	if (disabled && g_ascii_strcasecmp(disabled, "true") == 0)
		return AWS_NONE;
	g_autofree char *endpoint = machine_endpoint();
	char *token = ask_machine(endpoint, "/latest/api/token", NULL, &why);
	bool ok = token && ask_role(endpoint, token, out, &why);
	aws_free_secret(token);
	if (!why)
		return ok ? AWS_FOUND : AWS_NONE;
	g_propagate_prefixed_error(error, g_steal_pointer(&why), "EC2's metadata: ");
	return AWS_FAILED;
}
