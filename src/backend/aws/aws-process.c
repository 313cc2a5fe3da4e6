#include "backend/aws/aws-int.h"

#include "base/error.h"
#include "base/proc.h"
#include "base/quote.h"
#include "doc/json.h"

#include <string.h>

#define OUTPUT_LIMIT ((gsize)256 << 10)

/* Split as a shell does; there is none, so nothing is expanded. */
static char **parse_command(const char *command, GError **error)
{
	char **argv;
	g_autoptr(GError) why = NULL;
	/* The words may hold a secret, so GLib's message, which may repeat them, is not passed on. */
	if (g_shell_parse_argv(command, NULL, &argv, &why))
		return argv;
	error_set(error, ERROR_USAGE, "the command is empty or a quote in it is not closed");
	return NULL;
}

static bool take_output(const struct proc_result *result, struct aws_credentials *out, GError **error)
{
	static const struct aws_fields fields = {"AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration"};
	autoptr(doc) doc = json_read(result->out, result->out_length, "output", NULL);
	const struct node *version = node_get(doc ? doc->root : NULL, "Version");
	if (version && (version->kind != NODE_INT || version->integer != 1)) {
		error_set(error, ERROR_CORRUPT, "its output is of a version that is not known; only 1 is");
		return false;
	}
	return aws_parse_credentials(result->out, &fields, out, error);
}

static bool run(const char *command, struct aws_credentials *out, GError **error)
{
	g_auto(GStrv) argv = parse_command(command, error);
	struct proc_result result;
	bool ok = false;
	if (!argv || !proc_run((const char *const *)argv, NULL, NULL, 0, OUTPUT_LIMIT, &result, error))
		return false;
	if (result.status != 0) {
		g_autofree char *shown = quote_path(argv[0]);
		/* What it printed is not repeated: nobody knows what is in it. */
		error_set(error, ERROR_DENIED, "'%s' ended with status %d", shown, result.status);
	} else {
		ok = take_output(&result, out, error);
	}
	explicit_bzero(result.out, result.out_length);
	proc_result_clear(&result);
	return ok;
}

enum aws_outcome aws_find_process(const struct aws_search *search, const char *profile, struct aws_credentials *out,
				  GError **error)
{
	const char *command = aws_files_get(search->files, profile, "credential_process");
	if (!command)
		return AWS_NONE;
	if (!run(command, out, error)) {
		g_prefix_error(error, "credential_process of profile '%s' in %s: ", profile,
			       aws_files_where(search->files, profile, "credential_process"));
		error_hint(error, "run it by itself to see what it says, or 'aws sts get-caller-identity --profile %s'",
			   profile);
		return AWS_FAILED;
	}
	out->source = g_strdup_printf("credential_process of profile '%s' in %s", profile,
				      aws_files_where(search->files, profile, "credential_process"));
	return AWS_FOUND;
}
