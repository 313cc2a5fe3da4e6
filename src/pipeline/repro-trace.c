#include "pipeline/repro-int.h"

#include "base/error.h"
#include "base/file.h"
#include "pipeline/undeclared.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

/* So many lines are told of one stage. */
#define LINES_MAX 50

/* Whether something is at a path of the project. */
static bool exists(const char *path, void *user)
{
	const struct repro *repro = user;
	struct stat st;

	return fstatat(repro->ws->root_fd, path, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

static void tell_line(const struct repro *repro, const struct stage *stage, const char *line)
{
	repro_tell(repro, &(const struct repro_event){
				  .kind = REPRO_NOTES, .stage = stage, .text = line, .length = strlen(line)});
}

/* Tell each, up to a number; how many of them are faults. */
static guint tell_found(const struct repro *repro, const struct stage *stage, const GPtrArray *found)
{
	guint faults = 0;

	for (guint i = 0; i < found->len; i++) {
		g_autofree char *line = undeclared_text(stage, found->pdata[i]);

		faults += undeclared_is_fault(found->pdata[i]);
		if (i < LINES_MAX)
			tell_line(repro, stage, line);
	}
	if (found->len > LINES_MAX) {
		g_autofree char *line = g_strdup_printf("uses %u more files or folders undeclared", found->len - LINES_MAX);

		tell_line(repro, stage, line);
	}
	return faults;
}

/* Tell why something may have gone unseen. */
static void tell_notes(const struct repro *repro, const struct stage *stage, const struct trace_report *report)
{
	GHashTableIter iter;
	gpointer note;

	g_hash_table_iter_init(&iter, report->notes);
	while (g_hash_table_iter_next(&iter, &note, NULL)) {
		g_autofree char *line = g_strconcat("not all that it used is known: ", note, NULL);

		tell_line(repro, stage, line);
	}
}

bool repro_check_trace(const struct repro *repro, const struct repro_task *task, GError **error)
{
	const struct undeclared_world world = {
		.exists = exists, .user = (void *)repro, .outputs = repro->stages->outputs};
	g_autoptr(GPtrArray) found = NULL;
	autoptr(trace_report) report = NULL;
	g_autofree char *text = NULL;
	size_t length;
	guint faults, notes;

	/* Where no command ran, nothing was used. */
	if (!task->own.trace || !task->own.commands[0])
		return true;
	if (!file_read(task->own.trace, TRACE_REPORT_LIMIT, &text, &length, error))
		return false;
	report = trace_report_parse(text, length, error);
	if (!report)
		return false;
	found = undeclared_find(task->stage, report, &world);
	faults = tell_found(repro, task->stage, found);
	notes = g_hash_table_size(report->notes);
	tell_notes(repro, task->stage, report);
	if (repro->options->trace != REPRO_TRACE_STRICT || (!faults && !notes))
		return true;
	if (faults)
		error_set(error, ERROR_FAILED, "it uses what it does not declare");
	else
		error_set(error, ERROR_FAILED, "not all that it uses could be seen");
	error_hint(error, "git mlv repro --trace, without =strict, tells the same and goes on");
	return false;
}
