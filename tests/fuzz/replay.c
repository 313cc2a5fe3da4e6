/*
 * replay: feeds a fuzz target every file of its corpus, as a test in TAP.
 *
 * The corpus is the directory given as argument; without one, tests/fuzz/corpus/NAME of the source tree for the program fuzz-NAME.
 */
#include "fuzz.h"

#include <glib.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int compare_names(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The file names in dir, sorted. */
static GPtrArray *list_names(const char *dir)
{
	GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GError) error = NULL;
	g_autoptr(GDir) handle = g_dir_open(dir, 0, &error);
	const char *name;

	if (!handle) {
		printf("Bail out! %s\n", error->message);
		exit(1);
	}
	while ((name = g_dir_read_name(handle)))
		g_ptr_array_add(names, g_strdup(name));
	g_ptr_array_sort(names, compare_names);
	return names;
}

static char *default_corpus(const char *program)
{
	g_autofree char *base = g_path_get_basename(program);
	const char *top = g_getenv("top_srcdir");

	return g_build_filename(top ? top : ".", "tests", "fuzz", "corpus", base + strlen("fuzz-"), NULL);
}

int main(int argc, char **argv)
{
	g_autofree char *dir = argc > 1 ? g_strdup(argv[1]) : default_corpus(argv[0]);
	g_autoptr(GPtrArray) names = list_names(dir);

	printf("1..%u\n", names->len);
	for (guint i = 0; i < names->len; i++) {
		const char *name = g_ptr_array_index(names, i);
		g_autofree char *path = g_build_filename(dir, name, NULL);
		g_autofree char *data = NULL;
		gsize length;
		bool read = g_file_get_contents(path, &data, &length, NULL);

		fflush(stdout);
		if (read)
			LLVMFuzzerTestOneInput((const uint8_t *)data, length);
		printf("%sok %u - %s\n", read ? "" : "not ", i + 1, name);
	}
	return 0;
}
