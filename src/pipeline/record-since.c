/*
 * Folders that stages read, and what they read outside the project, looked at once more before the stages are recorded: once for all
 * that wait together. Unchanged files are not read, but a folder of many is too much to be looked at after every stage.
 */
#include "base/path.h"
#include "pipeline/record-int.h"

/* Whether it takes more than a stamp to see that what the entry tells has changed. To ask a server once more is too much. */
static bool is_late(const struct stage_dep *dep, const struct entry *was)
{
	if (oid_is_none(&was->oid))
		return false;
	return dep->path ? was->oid.dir : !path_is_url(dep->written);
}

/* Forget what was known of such dependencies of a stage; whether there are any. */
static bool forget_late(struct record *record, const struct record_stage *added)
{
	g_autoptr(GPtrArray) deps = record_sorted_deps(added->stage);
	const struct lockfile_stage *entry = record_stage_entry(added);
	bool any = false;

	for (guint i = 0; i < deps->len; i++) {
		const struct stage_dep *dep = deps->pdata[i];

		if (!is_late(dep, entry->deps->pdata[i]))
			continue;
		if (dep->path)
			facts_forget_input(record->facts, dep->path);
		else
			externals_forget(facts_externals(record->facts), added->stage, dep);
		any = true;
	}
	return any;
}

/* Whether a dependency, in the project or not, is another one than its entry says. */
static bool is_changed(struct record *record, const struct stage *stage, const struct stage_dep *dep,
		       const struct entry *was)
{
	const struct external_fact *external;

	if (dep->path)
		return record_is_changed(record, dep, was);
	external = externals_at(facts_externals(record->facts), stage, dep, NULL);
	return !external || !external_is_same(external, was);
}

/* Blank what changed of a stage's dependencies of that kind; each is told. */
static void doubt_late(struct record *record, struct record_stage *added)
{
	g_autoptr(GPtrArray) deps = record_sorted_deps(added->stage);
	const struct lockfile_stage *entry = record_stage_entry(added);

	for (guint i = 0; i < deps->len; i++) {
		const struct stage_dep *dep = deps->pdata[i];
		struct entry **slot = (struct entry **)&entry->deps->pdata[i];

		if (!is_late(dep, *slot) || !is_changed(record, added->stage, dep, *slot))
			continue;
		record_tell_doubt(record, added->stage, dep->path ? dep->path : dep->written, "ran or since");
		record_blank(slot);
		added->unsure = true;
	}
}

void record_doubt_folders(struct record *record)
{
	bool any = false;

	/* All is forgotten before anything is looked at: folders may lie in each other. */
	for (guint i = 0; i < record->pending->len; i++)
		any |= forget_late(record, record->pending->pdata[i]);
	if (!any)
		return;
	facts_commit(record->facts);
	for (guint i = 0; i < record->pending->len; i++)
		doubt_late(record, record->pending->pdata[i]);
}

/* Whether an output of the stage lies in that folder. */
static bool writes_into(const struct stage *stage, const char *folder)
{
	for (guint i = 0; i < stage->outs->len; i++) {
		const struct output *output = g_array_index(stage->outs, struct stage_out, i).output;
		const char *below = output ? path_below(output->path, folder) : NULL;

		if (below && *below)
			return true;
	}
	return false;
}

bool record_concerns(const struct record *record, const struct stage *stage)
{
	for (guint i = 0; record->pending->len && i < stage->deps->len; i++) {
		const char *folder = g_array_index(stage->deps, struct stage_dep, i).path;

		for (guint k = 0; folder && k < record->pending->len; k++) {
			if (writes_into(((const struct record_stage *)record->pending->pdata[k])->stage, folder))
				return true;
		}
	}
	return false;
}
