#include "workspace/roots.h"

#include "base/error.h"

/* Set ERROR_CANCELLED, which nobody sees, when there is nothing left to look for. */
static bool strike(const struct output *output, const char *where, void *user, GError **error)
{
	GHashTable *wanted = user;

	(void)where;
	g_hash_table_remove(wanted, &output->oid);
	if (g_hash_table_size(wanted))
		return true;
	error_set(error, ERROR_CANCELLED, "all were found");
	return false;
}

/* What cannot be read in some commit names nothing; that is no reason to stop. */
static bool look(struct workspace *ws, const struct roots_scope *scope, GHashTable *wanted, GError **error)
{
	g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func((GDestroyNotify)roots_problem_free);
	g_autoptr(GError) why = NULL;

	if (!g_hash_table_size(wanted) || roots_each(ws, scope, strike, wanted, problems, &why) ||
	    !g_hash_table_size(wanted))
		return true;
	g_propagate_error(error, g_steal_pointer(&why));
	return false;
}

bool roots_strike_recorded(struct workspace *ws, GHashTable *wanted, GError **error)
{
	/* Most often it is a branch that was left a moment ago. */
	static const struct roots_scope near = {.heads = true, .branches = true};

	return look(ws, &near, wanted, error) && look(ws, &roots_scope_all, wanted, error);
}
