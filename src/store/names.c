/* Names of objects below the root, directories for them, and the walk over all of them. */
#include "base/error.h"
#include "base/file.h"
#include "base/path.h"
#include "store/store-int.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* Digits of the digest that make the directory. */
#define FAN_DIGITS 2

/* Where the objects of an algorithm are. */
static const char *const places[] = {
	[OID_NONE] = "",
	[OID_MD5] = "files/md5/",
	[OID_SHA256] = "files/sha256/",
	[OID_MD5_2X] = "",
};

/* Asked for each object, several times: printf() would cost more than the rest of a look at it. */
char *store_name(const struct oid *oid, char name[STORE_NAME_MAX])
{
	size_t place = strlen(places[oid->algo]);
	char *fan = name + place;

	memcpy(name, places[oid->algo], place);
	/* The text goes one further than it will stand, and makes room for the slash. */
	oid_text(oid, fan + 1);
	memmove(fan, fan + 1, FAN_DIGITS);
	fan[FAN_DIGITS] = '/';
	return name;
}

char *store_object_path(const struct oid *oid)
{
	char name[STORE_NAME_MAX];

	return g_strdup(store_name(oid, name));
}

/* The id of "ab" and "cdef….dir"; false unless they are exactly what store_name() makes. */
static bool parse_fan(enum oid_algo algo, const char *fan, const char *rest, struct oid *oid)
{
	char text[OID_TEXT_MAX], back[OID_TEXT_MAX];

	if (strlen(fan) != FAN_DIGITS || strlen(rest) >= sizeof(text) - FAN_DIGITS)
		return false;
	g_snprintf(text, sizeof(text), "%s%s", fan, rest);
	return oid_parse(oid, algo, text, NULL) && strcmp(oid_text(oid, back), text) == 0;
}

bool store_parse_name(const char *name, struct oid *oid)
{
	g_auto(GStrv) parts = g_strsplit(name, "/", 5);
	enum oid_algo algo;

	if (g_strv_length(parts) == 2)
		return parse_fan(OID_MD5_2X, parts[0], parts[1], oid);
	if (g_strv_length(parts) != 4 || strcmp(parts[0], "files") != 0)
		return false;
	algo = oid_algo_named(parts[1]);
	return (algo == OID_MD5 || algo == OID_SHA256) && parse_fan(algo, parts[2], parts[3], oid);
}

bool store_is_object_path(const char *path)
{
	const char *name = path + strlen(path);
	struct oid oid;

	for (int parts = 0; parts < 4; parts++) {
		name = g_strrstr_len(path, name - path, "/");
		if (!name)
			return false;
	}
	return store_parse_name(name + 1, &oid);
}

enum oid_algo store_algo(const struct oid *oid)
{
	return oid->dir && oid->algo == OID_MD5_2X ? OID_MD5 : (enum oid_algo)oid->algo;
}

bool store_fail(const struct store *store, int errnum, const char *verb, const char *name, GError **error)
{
	error_set_errno(error, errnum, "%s '%s/%s'", verb, store->root, name);
	if (errnum == ENOSPC || errnum == EDQUOT)
		error_hint(error, "git mlv gc");
	return false;
}

/* mkdir of one directory with the modes of this store; one that exists is fine. */
static bool make_dir(const struct store *store, int base, const char *path)
{
	if (mkdirat(base, path, 0777) < 0)
		return errno == EEXIST;
	/* By chmod, since neither the umask nor mkdir()'s own rules let the set-group bit through. */
	return !store->options.shared_group || fchmodat(base, path, 02775, 0) == 0;
}

bool store_make_dirs(const struct store *store, int base, const char *path, GError **error)
{
	g_autofree char *part = g_strdup(path);

	/* Most of the time only the last one is missing. */
	if (make_dir(store, base, path))
		return true;
	for (char *p = part; *p; p++) {
		bool made;

		if (*p != '/')
			continue;
		*p = '\0';
		made = make_dir(store, base, part);
		*p = '/';
		if (!made)
			return store_fail(store, errno, "make the directory of", path, error);
	}
	return make_dir(store, base, path) || store_fail(store, errno, "make directory", path, error);
}

struct scan {
	const struct store *store;
	int base;
	store_name_visit visit;
	void *user;
};

/* Open a directory below the base for reading; NULL without an error if there is none. */
static DIR *open_dir(const struct scan *scan, const char *name, GError **error)
{
	int fd = openat(scan->base, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (!dir && fd >= 0)
		close(fd);
	if (!dir && errno != ENOENT && errno != ENOTDIR)
		store_fail(scan->store, errno, "read", name, error);
	return dir;
}

/* Visit the objects of one directory of two digits. */
static bool scan_fan(const struct scan *scan, const char *prefix, enum oid_algo algo, const char *fan, GError **error)
{
	g_autofree char *path = path_join(prefix, fan);
	DIR *dir = open_dir(scan, path, error);
	const struct dirent *d;
	bool ok = dir || !*error;

	while (ok && dir && (d = readdir(dir))) {
		char name[STORE_NAME_MAX];
		struct oid oid;
		struct stat st;

		/* What does not parse is a stranger's: DVC's half-made files, for one. A file that is gone by now was collected. */
		if (!parse_fan(algo, fan, d->d_name, &oid) || fstatat(dirfd(dir), d->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		if (S_ISREG(st.st_mode))
			ok = scan->visit(store_name(&oid, name), &oid, &st, scan->user, error);
	}
	if (dir)
		closedir(dir);
	return ok;
}

/* Visit the objects in all directories of two digits below `prefix`. */
static bool scan_algo(const struct scan *scan, const char *prefix, enum oid_algo algo, GError **error)
{
	DIR *dir = open_dir(scan, *prefix ? prefix : ".", error);
	const struct dirent *d;
	bool ok = dir || !*error;

	while (ok && dir && (d = readdir(dir)))
		if (strlen(d->d_name) == FAN_DIGITS && g_ascii_isxdigit(d->d_name[0]) && g_ascii_isxdigit(d->d_name[1]))
			ok = scan_fan(scan, prefix, algo, d->d_name, error);
	if (dir)
		closedir(dir);
	return ok;
}

bool store_scan(const struct store *store, int base, store_name_visit visit, void *user, GError **error)
{
	const struct scan scan = {store, base, visit, user};
	GError *local = NULL;
	bool ok = scan_algo(&scan, "files/sha256", OID_SHA256, &local) && scan_algo(&scan, "files/md5", OID_MD5, &local) &&
		  scan_algo(&scan, "", OID_MD5_2X, &local);

	if (!ok)
		g_propagate_error(error, local);
	return ok;
}
