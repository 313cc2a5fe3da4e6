#include "store/presence.h"

#include "base/hex.h"
#include "store/manifest.h"
#include "store/store-int.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A directory takes about so many bytes for a name, and reading a name costs about so much less than looking at a file.
 */
#define BYTES_A_NAME 64
#define NAMES_A_LOOK 8

/* The digest and kind that a file name stands for, given the first byte of the digest; false if it is no object's name.
 */
static bool parse_name(const char *name, const struct oid *like, struct oid *oid)
{
	size_t length = strlen(name), digits = 2 * oid_digest_length((enum oid_algo)like->algo) - 2;

	*oid = (struct oid){.algo = like->algo, .digest = {like->digest[0]}};
	if (length == digits + 4 && strcmp(name + digits, ".dir") == 0)
		oid->dir = 1;
	else if (length != digits)
		return false;
	return hex_decode(oid->digest + 1, name, digits / 2);
}

/* The position of an id in the sorted list; count if it is not there. */
static size_t find(const struct oid *const *ids, size_t count, const struct oid *oid)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = oid_compare(ids[middle], oid);

		if (order == 0)
			return middle;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return count;
}

/* Read the whole directory. Takes the descriptor. */
static void list(int fd, const struct oid *const *ids, size_t count, bool *has)
{
	DIR *dir = fdopendir(fd);
	const struct dirent *d;

	if (!dir) {
		close(fd);
		return;
	}
	while ((d = readdir(dir))) {
		struct oid oid;
		size_t i;

		if ((d->d_type != DT_REG && d->d_type != DT_UNKNOWN) || !parse_name(d->d_name, ids[0], &oid))
			continue;
		i = find(ids, count, &oid);
		if (i < count)
			has[i] = true;
	}
	closedir(dir);
}

void presence_look(struct store *store, const struct oid *const *ids, size_t count, bool *has)
{
	char name[STORE_NAME_MAX];
	auto_fd int fd = -1;
	struct stat st;

	if (!count)
		return;
	*strrchr(store_name(ids[0], name), '/') = '\0';
	fd = openat(store->fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return;
	if ((uint64_t)st.st_size / BYTES_A_NAME <= (uint64_t)count * NAMES_A_LOOK + NAMES_A_LOOK) {
		list(fd_steal(&fd), ids, count, has);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		if (fstatat(fd, strrchr(store_name(ids[i], name), '/') + 1, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    S_ISREG(st.st_mode))
			has[i] = true;
	}
}

bool presence_whole(struct store *store, const struct oid *oid, uint64_t size)
{
	autoptr(manifest) manifest = NULL;

	if (!oid->dir)
		return store_has(store, oid, size);
	if (!store_has(store, oid, STORE_ANY_SIZE))
		return false;
	manifest = manifest_load(store, oid, NULL);
	for (size_t i = 0; manifest && i < manifest_count(manifest); i++) {
		const struct manifest_entry *entry = manifest_get(manifest, i);

		if (!oid_is_none(&entry->oid) &&
		    !store_has(store, &entry->oid, entry->size == MANIFEST_NO_SIZE ? STORE_ANY_SIZE : entry->size))
			return false;
	}
	return manifest;
}
