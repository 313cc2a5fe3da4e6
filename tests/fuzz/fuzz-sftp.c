/*
 * Input: the listing of a directory that a server sends, or an URL that a clone brings.
 */
#include "backend/sftp/sftp-list.h"
#include "backend/sftp/sftp-url.h"
#include "fuzz.h"

#include <string.h>

static void check_entry(const char *name, enum sftp_kind kind, uint64_t size, void *user)
{
	(void)kind;
	(void)user;
	if (!*name || strchr(name, '/') || strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || size > INT64_MAX)
		fuzz_fail("'%s' of %" G_GUINT64_FORMAT " bytes is no entry", name, size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree char *text = g_strndup((const char *)data, size);
	sftp_list_parse((const char *)data, size, check_entry, NULL);
	autoptr(sftp_url) url = sftp_url_parse(text, NULL);
	if (!url)
		return 0;
	g_autofree char *command = sftp_command("rm", url->path, url->host);
	if (!*url->host || (url->user && !*url->user) || url->port > 65535 || strlen(command) < strlen(url->path))
		fuzz_fail("'%s' is no proper URL", text);
	return 0;
}
