#include "workspace/track-int.h"

#include "base/error.h"
#include "base/quote.h"

#include <sys/stat.h>

/* Make a target work of the session. With `all`, what cannot be recorded now is passed over. */
static bool take_output(struct track_session *session, const struct output *output, const char *inside, bool all,
			GError **error)
{
	struct track_work *last = session->works->len ? session->works->pdata[session->works->len - 1] : NULL;
	g_autofree char *shown = workspace_show_path(session->ws, output->path), *quoted = quote_path(shown);
	mode_t mode;

	if (output->stage)
		return true;
	if (!track_kind(session->ws, output->path, &mode, error))
		return false;
	if (all && !mode && !output->left_out)
		g_ptr_array_add(session->result->notes,
				g_strdup_printf("'%s' does not exist: its record stays as it is", quoted));
	if (all && (output->left_out || !mode))
		return true;
	if (!mode && !*inside) {
		error_set(error, ERROR_NOT_FOUND, "'%s' does not exist", quoted);
		error_hint(error, "git mlv checkout %s brings it back, git mlv remove %s forgets it", quoted,
			   output->address);
		return false;
	}
	if (!last || last->output != output)
		last = track_session_add(session, output->path, output->file, output);
	if (*inside) {
		if (!last->insides)
			last->insides = g_ptr_array_new_with_free_func(g_free);
		g_ptr_array_add(last->insides, g_strdup(inside));
	}
	return true;
}

struct track_result *track_commit(struct workspace *ws, const struct outputs *outputs, const GPtrArray *targets,
				  const struct track_options *options, GError **error)
{
	struct track_result *result = NULL;
	struct track_session session;
	bool ok = outputs_check_clashes(outputs, error);

	track_session_init(&session, ws, options);
	for (guint i = 0; ok && targets && i < targets->len; i++) {
		const struct target *target = targets->pdata[i];

		ok = take_output(&session, target->output, target->inside, false, error);
	}
	for (guint i = 0; ok && !targets && i < outputs->list->len; i++)
		ok = take_output(&session, outputs->list->pdata[i], "", true, error);
	if (ok && track_session_run(&session, error))
		result = g_steal_pointer(&session.result);
	track_session_clear(&session);
	return result;
}
