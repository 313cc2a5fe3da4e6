/* Roles, sign-on, containers and machines, against services that a thread of the test plays. */
#include "../remote/http-server.h"
#include "aws-kit.h"
#include "base/cancel.h"

#include <stdatomic.h>

/* What a service says. */
struct word {
	unsigned status;
	char *body; /* new string, or NULL */
};

/* What the services did, and shall do. */
struct play {
	atomic_int questions;
	atomic_int failures; /* answer so many with 503 first */
	unsigned status;     /* if not 0: refuse with it */
	const char *refusal; /* and this body */
	GString *seen;       /* of each question: method, path, what identifies it */
};

static void note(struct play *play, const struct http_ask *question, const char *header)
{
	g_autofree char *value = http_ask_header(question, header);
	g_string_append_printf(play->seen, "%s %s [%s] %.*s\n", question->method, question->path, value ? value : "",
			       (int)question->body->len, (const char *)question->body->data);
}

/* AWS's token service. The key that it gives is named after the number of the question. */
static struct word play_sts(struct play *play, const struct http_ask *question, int number)
{
	note(play, question, "authorization");
	g_autofree char *token = http_ask_header(question, "x-amz-security-token");
	const char *session = token ? "chained" : "first";
	return (struct word){
		200, g_strdup_printf("<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">"
				     "<AssumeRoleResult><AssumedRoleUser><Arn>a</Arn></AssumedRoleUser><Credentials>"
				     "<AccessKeyId>STS%d-%s</AccessKeyId><SecretAccessKey>hush&amp;%d</SecretAccessKey>"
				     "<SessionToken>token%d</SessionToken><Expiration>2999-01-01T00:00:00Z</Expiration>"
				     "</Credentials></AssumeRoleResult></AssumeRoleResponse>",
				     number, session, number, number)};
}

static struct word play_sso(struct play *play, const struct http_ask *question)
{
	note(play, question, "x-amz-sso_bearer_token");
	return (struct word){200,
				    g_strdup("{\"roleCredentials\": {\"accessKeyId\": \"SSO\", \"secretAccessKey\": "
					     "\"hush\", \"sessionToken\": \"t\", \"expiration\": 32472144000000}}")};
}

/* Where a sign-on is renewed. */
static struct word play_oidc(struct play *play, const struct http_ask *question)
{
	note(play, question, "content-type");
	return (struct word){200,
				    g_strdup("{\"accessToken\": \"hush-new\", \"expiresIn\": 3600, \"refreshToken\": "
					     "\"hush-next\", \"tokenType\": \"Bearer\"}")};
}

static struct word play_metadata(struct play *play, const struct http_ask *question)
{
	if (g_str_equal(question->path, "/latest/api/token")) {
		note(play, question, "x-aws-ec2-metadata-token-ttl-seconds");
		return (struct word){200, g_strdup("TOKEN\n")};
	}
	bool container = g_str_has_prefix(question->path, "/container");
	note(play, question, container ? "authorization" : "x-aws-ec2-metadata-token");
	if (g_str_has_suffix(question->path, "security-credentials/"))
		return (struct word){200, g_strdup("my role\n")};
	return (struct word){
		200, g_strdup_printf("{\"Code\": \"Success\", \"AccessKeyId\": \"%s\", \"SecretAccessKey\": \"hush\", "
				     "\"Token\": \"t\", \"Expiration\": \"2999-01-01T00:00:00Z\"}",
				     container ? "ECS" : "EC2")};
}

static struct word say(struct play *play, const struct http_ask *question)
{
	int number = atomic_fetch_add(&play->questions, 1) + 1;
	if (atomic_load(&play->failures) > 0) {
		atomic_fetch_sub(&play->failures, 1);
		return (struct word){503, NULL};
	}
	if (play->status)
		return (struct word){play->status, g_strdup(play->refusal)};
	if (g_str_equal(question->path, "/sts/"))
		return play_sts(play, question, number);
	if (g_str_has_prefix(question->path, "/sso/"))
		return play_sso(play, question);
	if (g_str_equal(question->path, "/oidc/token"))
		return play_oidc(play, question);
	return play_metadata(play, question);
}

static bool answer(const struct http_ask *question, GByteArray *reply, void *user)
{
	struct word word = say(user, question);
	g_autofree char *body = word.body ? word.body : g_strdup("");
	g_autofree char *status = g_strdup_printf("%u Played", word.status);
	http_reply(reply, status, "Connection: close\r\n", body, strlen(body));
	return false;
}

/* The services, and variables that lead to them. */
static struct http_server *begin(struct play *with)
{
	*with = (struct play){.seen = g_string_new(NULL), .refusal = ""};
	aws_kit_reset();
	struct http_server *server = http_server_new(answer, with);
	g_autofree char *sts = http_server_url(server, "/sts/"), *sso = http_server_url(server, "/sso");
	setenv("AWS_ENDPOINT_URL_STS", sts, 1);
	setenv("AWS_ENDPOINT_URL_SSO", sso, 1);
	g_autofree char *oidc = http_server_url(server, "/oidc");
	setenv("AWS_ENDPOINT_URL_SSO_OIDC", oidc, 1);
	return server;
}

static void end(struct play *play)
{
	g_string_free(play->seen, TRUE);
}

static void expect_seen(const struct play *play, const char *part)
{
	if (!strstr(play->seen->str, part))
		g_error("no '%s' in:\n%s", part, play->seen->str);
}

/* --- roles --- */

static void a_role(void)
{
	struct play play;
	autoptr(http_server) server = begin(&play);
	aws_kit_keys("[base]\naws_access_key_id = BASE\naws_secret_access_key = hush\n");
	aws_kit_config("[default]\nrole_arn = arn:aws:iam::1:role/a b\nsource_profile = base\nexternal_id = x&y\n"
		       "role_session_name = me\nduration_seconds = 900\nregion = eu-west-1\n");
	aws_kit_expect("STS1-first", "role arn:aws:iam::1:role/a b of profile 'default' in ~/.aws/config");
	expect_seen(&play, "POST /sts/ [AWS4-HMAC-SHA256 Credential=BASE/");
	expect_seen(&play, "/eu-west-1/sts/aws4_request");
	expect_seen(&play, "] Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fa%20b&"
			   "RoleSessionName=me&ExternalId=x%26y&DurationSeconds=900\n");
	autoptr(remote_spec) spec = aws_kit_spec(NULL, NULL);
	struct aws_credentials found = aws_kit_get(spec);
	g_assert_cmpstr(found.secret_key, ==, "hush&2");
	g_assert_cmpstr(found.session_token, ==, "token2");
	g_assert_cmpint(found.expires_us, ==, INT64_C(32472144000) * G_USEC_PER_SEC);
	aws_credentials_clear(&found);
	end(&play);
}

static void roles_that_lead_to_roles(void)
{
	struct play play;
	autoptr(http_server) server = begin(&play);
	aws_kit_config("[default]\nrole_arn = r1\nsource_profile = two\n"
		       "[profile two]\nrole_arn = r2\nsource_profile = three\n"
		       "[profile three]\nrole_arn = r3\nsource_profile = three\naws_access_key_id = THREE\n"
		       "aws_secret_access_key = hush\n");
	/* The keys of the third are enough: a profile that is led to is asked for keys first. */
	aws_kit_expect("STS2-chained", "role r1 of profile 'default' in ~/.aws/config");
	expect_seen(&play, "Credential=THREE/");
	expect_seen(&play, "Credential=STS1-first/");
	/* One that names itself means the keys beside its role. */
	setenv("AWS_PROFILE", "three", 1);
	aws_kit_expect("STS3-first", "role r3 of profile 'three' in ~/.aws/config");
	end(&play);
}

static void roles_that_lead_nowhere(void)
{
	static const struct {
		const char *config, *message, *hint;
		enum error_code code;
	} cases[] = {
		{"source_profile = b\n[profile b]\nrole_arn = s\nsource_profile = default\n",
		 "source_profile leads in a circle, back to profile 'default'", NULL, ERROR_USAGE},
		{"source_profile = default\n", "source_profile 'default' has no credentials", NULL, ERROR_DENIED},
		{"source_profile = gone\n", "source_profile 'gone' does not exist", NULL, ERROR_DENIED},
		{"", "either source_profile or credential_source", NULL, ERROR_USAGE},
		{"source_profile = b\ncredential_source = Environment\n", "one of source_profile or", NULL,
		 ERROR_USAGE},
		{"credential_source = Moon\n", "credential_source is none of", NULL, ERROR_USAGE},
		{"credential_source = Environment\n", "credential_source Environment has no", NULL, ERROR_DENIED},
		{"credential_source = EcsContainer\n", "credential_source EcsContainer has no", NULL, ERROR_DENIED},
		{"credential_source = Environment\nmfa_serial = arn\n", "one-time code", "export-credentials",
		 ERROR_DENIED},
	};
	struct play play;
	autoptr(http_server) server = begin(&play);
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *config = g_strconcat("[default]\nrole_arn = r\n", cases[i].config, NULL);
		aws_kit_config(config);
		aws_kit_expect_error(cases[i].code, cases[i].message, cases[i].hint);
	}
	g_assert_cmpint(atomic_load(&play.questions), ==, 0);
	end(&play);
}

static void refusals(void)
{
	struct play play;
	autoptr(http_server) server = begin(&play);
	aws_kit_config("[default]\nrole_arn = r\ncredential_source = Environment\n");
	autoptr(remote_spec) spec = aws_kit_spec("profile", "default");
	setenv("AWS_ACCESS_KEY_ID", "ENV", 1);
	setenv("AWS_SECRET_ACCESS_KEY", "hush", 1);
	play.status = 403;
	play.refusal =
		"<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>may\nnot</Message></Error>"
		"</ErrorResponse>";
	g_autoptr(GError) denied = aws_kit_fail(spec);
	g_assert_error(denied, MLV_ERROR, ERROR_DENIED);
	g_assert_cmpstr(denied->message, ==,
			"role r of profile 'default' in ~/.aws/config: with the environment (AWS_ACCESS_KEY_ID): "
			"ask AWS's token service: HTTP 403 Forbidden: AccessDenied (may not)");
	g_assert_nonnull(strstr(error_get_hint(denied), "external_id of profile 'default'"));
	g_assert_cmpint(atomic_load(&play.questions), ==, 1);
	play.status = 200;
	play.refusal = "<html><hush></html>";
	g_autoptr(GError) odd = aws_kit_fail(spec);
	g_assert_error(odd, MLV_ERROR, ERROR_CORRUPT);
	/* What may heal is tried again. */
	play.status = 0;
	atomic_store(&play.failures, 2);
	struct aws_credentials found = aws_kit_get(spec);
	g_assert_cmpstr(found.access_key, ==, "STS5-first");
	aws_credentials_clear(&found);
	atomic_store(&play.failures, 9);
	g_autoptr(GError) busy = aws_kit_fail(spec);
	g_assert_error(busy, MLV_ERROR, ERROR_TRANSIENT);
	g_assert_cmpint(atomic_load(&play.questions), ==, 8);
	end(&play);
}

/* A region that a clone's settings name becomes a part of a host. */
static void hosts_from_regions(void)
{
	struct play play;
	autoptr(http_server) server = begin(&play);
	unsetenv("AWS_ENDPOINT_URL_STS");
	aws_kit_config("[default]\nrole_arn = r\ncredential_source = Environment\nregion = evil.example/#\n");
	setenv("AWS_REGION", "eu-west-1", 1);
	setenv("AWS_ACCESS_KEY_ID", "ENV", 1);
	setenv("AWS_SECRET_ACCESS_KEY", "hush", 1);
	autoptr(remote_spec) spec = aws_kit_spec("profile", "default");
	g_autoptr(GError) error = aws_kit_fail(spec);
	g_assert_error(error, MLV_ERROR, ERROR_USAGE);
	g_assert_nonnull(strstr(error->message, "is not the name of a region"));
	end(&play);
}

/* --- web identity --- */

static void web_identity(void)
{
	struct play play;
	autoptr(http_server) server = begin(&play);
	g_autofree char *token = path_join(tap_tmpdir(), "web token");
	aws_kit_write("web token", "ey.hush.J\n");
	setenv("AWS_WEB_IDENTITY_TOKEN_FILE", token, 1);
	aws_kit_expect_error(ERROR_USAGE, "no role is named", NULL);
	setenv("AWS_ROLE_ARN", "arn:role", 1);
	setenv("AWS_ROLE_SESSION_NAME", "pod", 1);
	g_autofree char *source = g_strdup_printf("web identity, role arn:role with the token in '%s'", token);
	aws_kit_expect("STS1-first", source);
	expect_seen(&play, "POST /sts/ [] Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn%3Arole&"
			   "RoleSessionName=pod&WebIdentityToken=ey.hush.J\n");
	aws_kit_write("web token", "hush\r\nX: y\n");
	aws_kit_expect_error(ERROR_CORRUPT, "is not a token", NULL);
	unlink("web token");
	aws_kit_expect_error(ERROR_NOT_FOUND, "web token", NULL);

	/* Of a profile, as the source of a role: the environment speaks of the first alone. */
	aws_kit_write("web token", "second");
	g_autofree char *config = g_strdup_printf("[default]\nrole_arn = r\nsource_profile = web\n"
						  "[profile web]\nrole_arn = w\nweb_identity_token_file = %s\n",
						  token);
	aws_kit_config(config);
	aws_kit_expect("STS3-chained", "role r of profile 'default' in ~/.aws/config");
	expect_seen(&play, "RoleArn=w&");
	end(&play);
}

/* --- sign-on --- */

/* The names are the SHA-1 of "corp" and of "https://corp.example/start". */
#define SESSION_CACHE "home/.aws/sso/cache/"

static void write_cache(const char *seed, const char *json)
{
	g_autofree char *name = g_compute_checksum_for_string(G_CHECKSUM_SHA1, seed, -1);
	g_autofree char *path = g_strconcat(SESSION_CACHE, name, ".json", NULL);
	aws_kit_write(path, json);
}

static void sign_on(void)
{
	struct play play;
	autoptr(http_server) server = begin(&play);
	aws_kit_config("[default]\nsso_session = corp\nsso_account_id = 12\nsso_role_name = r&d\n"
		       "[sso-session corp]\nsso_region = eu-1\nsso_start_url = https://corp.example/start\n"
		       "[profile old]\nsso_start_url = https://corp.example/start\nsso_region = eu-1\n"
		       "sso_account_id = 34\nsso_role_name = x\n[profile half]\nsso_session = corp\n");
	aws_kit_expect_error(ERROR_DENIED, "nobody has signed on", "aws sso login --profile default");
	write_cache("corp", "{\"accessToken\": \"hush\", \"expiresAt\": \"2020-01-01T00:00:00Z\"}");
	aws_kit_expect_error(ERROR_DENIED, "has expired", "aws sso login --profile default");
	write_cache("corp", "{\"accessToken\": \"hush\"}");
	aws_kit_expect_error(ERROR_CORRUPT, "is not what", "aws sso login --profile default");
	write_cache("corp", "{\"accessToken\": \"hush-a\", \"expiresAt\": \"2999-01-01T00:00:00Z\"}");
	aws_kit_expect("SSO", "single sign-on of profile 'default' (role r&d)");
	expect_seen(&play, "GET /sso/federation/credentials?role_name=r%26d&account_id=12 [hush-a]");
	setenv("AWS_PROFILE", "old", 1);
	write_cache("https://corp.example/start",
		    "{\"accessToken\": \"hush-b\", \"expiresAt\": \"2999-01-01T00:00:00UTC\"}");
	aws_kit_expect("SSO", "single sign-on of profile 'old' (role x)");
	expect_seen(&play, "account_id=34 [hush-b]");
	play.status = 401;
	play.refusal = "{\"message\": \"Session token not found or invalid\"}";
	aws_kit_expect_error(ERROR_DENIED, "HTTP 401 Unauthorized: Session token not found",
			     "aws sso login --profile old");
	play.status = 403;
	play.refusal = "{\"message\": \"No access\"}";
	aws_kit_expect_error(ERROR_DENIED, "No access", "sso_role_name");
	setenv("AWS_PROFILE", "half", 1);
	aws_kit_expect_error(ERROR_USAGE, "'sso_account_id' is not set", NULL);
	end(&play);
}

#define SESSION(UNTIL)                                                                                                 \
	"{\"startUrl\": \"u\", \"accessToken\": \"hush-old\", \"expiresAt\": \"2020-01-01T00:00:00Z\", \"clientId\": " \
	"\"me\", \"clientSecret\": \"hush-c\", \"registrationExpiresAt\": \"" UNTIL                                    \
	"\", \"refreshToken\": \"hush-r\"}"

static void sign_on_renewed(void)
{
	struct play play;
	autoptr(http_server) server = begin(&play);
	g_autofree char *name = g_compute_checksum_for_string(G_CHECKSUM_SHA1, "corp", -1);
	g_autofree char *path = g_strconcat(SESSION_CACHE, name, ".json", NULL), *kept = NULL;
	aws_kit_config("[default]\nsso_session = corp\nsso_account_id = 12\nsso_role_name = r\n"
		       "[sso-session corp]\nsso_region = eu-1\nsso_start_url = u\n");
	write_cache("corp", SESSION("2021-01-01T00:00:00Z"));
	aws_kit_expect_error(ERROR_DENIED, "has expired", "aws sso login");
	g_assert_cmpint(atomic_load(&play.questions), ==, 0);
	write_cache("corp", SESSION("2999-01-01T00:00:00Z"));
	play.status = 400;
	play.refusal = "{\"error\": \"invalid_grant\"}";
	aws_kit_expect_error(ERROR_DENIED, "has expired and was not renewed (HTTP 400)", "aws sso login");
	play.status = 0;
	aws_kit_expect("SSO", "single sign-on of profile 'default' (role r)");
	expect_seen(&play,
		    "POST /oidc/token [application/json] {\"grantType\": \"refresh_token\", \"clientId\": \"me\", "
		    "\"clientSecret\": \"hush-c\", \"refreshToken\": \"hush-r\"}");
	expect_seen(&play, "[hush-new]");
	/* The next run finds it, and all else that was there. */
	g_assert_true(g_file_get_contents(path, &kept, NULL, NULL));
	g_assert_nonnull(strstr(kept, "\"startUrl\": \"u\""));
	g_assert_nonnull(strstr(kept, "\"refreshToken\": \"hush-next\""));
	g_assert_null(strstr(kept, "hush-old"));
	int before = atomic_load(&play.questions);
	aws_kit_expect("SSO", "single sign-on of profile 'default' (role r)");
	g_assert_cmpint(atomic_load(&play.questions), ==, before + 1);
	end(&play);
}

/* --- metadata --- */

static void containers(void)
{
	struct play play;
	autoptr(http_server) server = begin(&play);
	g_autofree char *uri = http_server_url(server, "/container/x?y");
	g_autofree char *token = path_join(tap_tmpdir(), "auth");
	setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", uri, 1);
	aws_kit_expect("ECS", "the container's metadata");
	expect_seen(&play, "GET /container/x?y [] ");
	setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "hush1", 1);
	aws_kit_expect("ECS", "the container's metadata");
	expect_seen(&play, "[hush1]");
	setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", token, 1);
	aws_kit_write("auth", "hush2\n");
	aws_kit_expect("ECS", "the container's metadata");
	expect_seen(&play, "[hush2]");
	atomic_store(&play.failures, 2);
	aws_kit_expect("ECS", "the container's metadata");
	play.status = 403;
	aws_kit_expect_error(ERROR_DENIED, "credentials of the container: HTTP 403 Forbidden", NULL);
	end(&play);
}

static void containers_that_may_not_be_asked(void)
{
	static const char *const wrong[] = {"http://example.com/x", "http://127.0.0.1.example.com/",
					    "ftp://127.0.0.1/x",    "http://u:hush@127.0.0.1/",
					    "127.0.0.1/x",          "http://169.254.169.254/x",
					    "http://[::2]/",        "http://0x7f.1/"};
	aws_kit_reset();
	for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
		setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", wrong[i], 1);
		aws_kit_expect_error(strstr(wrong[i], "http:") && !strstr(wrong[i], "hush") ? ERROR_UNSAFE
											    : ERROR_USAGE,
				     "AWS_CONTAINER_CREDENTIALS_FULL_URI", NULL);
	}
	unsetenv("AWS_CONTAINER_CREDENTIALS_FULL_URI");
	setenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "@example.com/", 1);
	aws_kit_expect_error(ERROR_USAGE, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", NULL);
}

static void machines(void)
{
	struct play play;
	autoptr(http_server) server = begin(&play);
	g_autofree char *endpoint = http_server_url(server, "/");
	setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", endpoint, 1);
	aws_kit_expect_error(ERROR_DENIED, "EC2's metadata", NULL);
	g_assert_cmpint(atomic_load(&play.questions), ==, 0);
	setenv("AWS_EC2_METADATA_DISABLED", "false", 1);
	aws_kit_expect("EC2", "EC2's metadata (role my role)");
	g_assert_cmpstr(play.seen->str, ==,
			"PUT /latest/api/token [21600] \n"
			"GET /latest/meta-data/iam/security-credentials/ [TOKEN] \n"
			"GET /latest/meta-data/iam/security-credentials/my%20role [TOKEN] \n");
	/* A machine without a role, or one that does not let us ask, is no error of its own. */
	play.status = 404;
	aws_kit_expect_error(ERROR_DENIED, "no AWS credentials", NULL);
	end(&play);
}

/* Nobody there: it must not take long. */
static void no_machine(void)
{
	struct play play;
	struct http_server *server = begin(&play);
	g_autofree char *url = http_server_url(server, "");
	setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", url, 1);
	setenv("AWS_EC2_METADATA_DISABLED", "false", 1);
	http_server_free(server);
	int64_t before = g_get_monotonic_time();
	aws_kit_expect_error(ERROR_DENIED, "no AWS credentials", NULL);
	g_assert_cmpint(g_get_monotonic_time() - before, <, 3 * G_USEC_PER_SEC);
	end(&play);
}

/* All of the above was traced; their secrets have one word in common. */
static void traces_have_no_secrets(void)
{
	g_autofree char *text = NULL;
	g_assert_true(g_file_get_contents("trace", &text, NULL, NULL));
	g_assert_nonnull(strstr(text, "aws: credentials: single sign-on of profile 'default'"));
	g_assert_nonnull(strstr(text, "/sts/"));
	g_assert_null(strstr(text, "hush"));
	g_assert_null(strstr(text, "TOKEN"));
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	g_autofree char *trace = path_join(tap_tmpdir(), "trace");
	setenv("GIT_MLV_TRACE", trace, 1);
	g_test_add_func("/aws-services/role", a_role);
	g_test_add_func("/aws-services/role-chain", roles_that_lead_to_roles);
	g_test_add_func("/aws-services/role-nowhere", roles_that_lead_nowhere);
	g_test_add_func("/aws-services/refusals", refusals);
	g_test_add_func("/aws-services/hosts", hosts_from_regions);
	g_test_add_func("/aws-services/web-identity", web_identity);
	g_test_add_func("/aws-services/sign-on", sign_on);
	g_test_add_func("/aws-services/sign-on-renewed", sign_on_renewed);
	g_test_add_func("/aws-services/containers", containers);
	g_test_add_func("/aws-services/containers-refused", containers_that_may_not_be_asked);
	g_test_add_func("/aws-services/machines", machines);
	g_test_add_func("/aws-services/no-machine", no_machine);
	g_test_add_func("/aws-services/traces", traces_have_no_secrets);
	return g_test_run();
}
