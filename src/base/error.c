#include "base/error.h"

#include <errno.h>

/* At most so many errors are spelled out in one. */
#define ERRORS_SHOWN 20

/* GLib's macro wants a typedef of this name; nobody else sees it. */
typedef struct {
	char *hint;
} MlvErrorPrivate;

static void error_private_init(MlvErrorPrivate *private)
{
	private->hint = NULL;
}

static void error_private_copy(const MlvErrorPrivate *from, MlvErrorPrivate *to)
{
	to->hint = g_strdup(from->hint);
}

static void error_private_clear(MlvErrorPrivate *private)
{
	g_free(private->hint);
}

G_DEFINE_EXTENDED_ERROR(MlvError, error)

static enum error_code code_of_errno(int errnum)
{
	switch (errnum) {
	case ENOENT:
	case ENOTDIR:
		return ERROR_NOT_FOUND;
	case EACCES:
	case EPERM:
	case EROFS:
		return ERROR_DENIED;
	default:
		return ERROR_IO;
	}
}

void error_set(GError **error, enum error_code code, const char *format, ...)
{
	va_list args;

	if (!error)
		return;
	va_start(args, format);
	g_propagate_error(error, g_error_new_valist(MLV_ERROR, code, format, args));
	va_end(args);
}

void error_set_errno(GError **error, int errnum, const char *format, ...)
{
	g_autofree char *text = NULL;
	va_list args;

	if (!error)
		return;
	va_start(args, format);
	text = g_strdup_vprintf(format, args);
	va_end(args);
	error_set(error, code_of_errno(errnum), "%s: %s", text, g_strerror(errnum));
}

void error_hint(GError **error, const char *format, ...)
{
	MlvErrorPrivate *private;
	va_list args;

	if (!error || !*error || (*error)->domain != MLV_ERROR)
		return;
	private = error_get_private(*error);
	g_free(private->hint);
	va_start(args, format);
	private->hint = g_strdup_vprintf(format, args);
	va_end(args);
}

const char *error_get_hint(const GError *error)
{
	if (!error || error->domain != MLV_ERROR)
		return NULL;
	return error_get_private(error)->hint;
}

bool error_is(const GError *error, enum error_code code)
{
	return error && error->domain == MLV_ERROR && error->code == (int)code;
}

bool error_join(const GPtrArray *list, GError **error)
{
	g_autoptr(GString) text = NULL;
	const GError *first;

	if (!list->len)
		return true;
	first = list->pdata[0];
	text = g_string_new(first->message);
	for (guint i = 1; i < list->len && i < ERRORS_SHOWN; i++)
		g_string_append_printf(text, "\n%s", ((const GError *)list->pdata[i])->message);
	if (list->len > ERRORS_SHOWN)
		g_string_append_printf(text, "\nand %u more", list->len - ERRORS_SHOWN);
	error_set(error, (enum error_code)first->code, "%s", text->str);
	if (error_get_hint(first))
		error_hint(error, "%s", error_get_hint(first));
	return false;
}
