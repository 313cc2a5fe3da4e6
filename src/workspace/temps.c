#include "workspace/temps.h"

#include "base/file.h"
#include "base/path.h"
#include "repo/worktree.h"

#include <fcntl.h>
#include <sys/stat.h>

/* Whether it was made, or got its name, longer ago than that. The mtime of a link to an object says nothing. */
static bool is_old(int dir, const char *name, int64_t grace)
{
	struct stat st;

	return !fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) && S_ISREG(st.st_mode) &&
	       g_get_real_time() / G_USEC_PER_SEC - (int64_t)st.st_ctim.tv_sec > grace;
}

/* Whether Git has one of these, by whatever accident: then it is a file like others. */
static bool is_tracked(const struct workspace *ws, const char *path)
{
	bool tracked;

	return !worktree_is_tracked(ws->repo, path, &tracked, NULL) || tracked;
}

bool temps_purge(const struct workspace *ws, int64_t grace, bool dry_run, guint *count, GError **error)
{
	static const char *const specs[] = {":(top,glob)**/" FILE_TEMP_PREFIX "*", NULL};
	const char *work_tree = ws->repo->work_tree;
	auto_fd int top = work_tree ? open(work_tree, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	g_autoptr(GPtrArray) files = NULL;

	*count = 0;
	if (top < 0)
		return true;
	files = worktree_files(ws->repo, specs, error);
	for (guint i = 0; files && i < files->len; i++) {
		const char *name;
		auto_fd int dir = file_open_parent(top, files->pdata[i], false, &name, NULL);

		if (dir >= 0 && file_is_temp_name(name) && is_old(dir, name, grace) && !is_tracked(ws, files->pdata[i]))
			*count += file_drop_dead(dir, name, dry_run);
	}
	return files;
}
