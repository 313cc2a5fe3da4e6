/*
 * The conformance suite over the bodies that need no server.
 */
#include "../remote/conformance.h"
#include "../remote/memory-remote.h"
#include "../tap.h"
#include "backend/folder.h"

#include <string.h>
#include <sys/stat.h>

static void memory_make(struct place *place)
{
	place->state = memory_place_new();
	g_autofree char *url = memory_place_url(place->state);
	place->spec = remote_spec_new("mem", url);
}

static void memory_unmake(struct place *place)
{
	memory_place_free(place->state);
}

static void memory_lock(struct place *place, bool on)
{
	if (on)
		memory_place_fault(place->state, &(struct fault){FAULT_DENY, TRANSFER_PUT, NULL, 0});
	else
		memory_place_heal(place->state);
}

static void folder_make(struct place *place)
{
	g_autofree char *template = g_strdup_printf("%s/remote-XXXXXX", tap_tmpdir());
	place->state = g_strdup(g_mkdtemp(template));
	place->spec = remote_spec_new("disk", place->state);
}

/* A name that needs percent-encoding. */
static void file_url_make(struct place *place)
{
	g_autofree char *template = g_strdup_printf("%s/re mote%%-XXXXXX", tap_tmpdir());
	place->state = g_strdup(g_mkdtemp(template));
	g_autofree char *escaped = g_uri_escape_string(place->state, "/", FALSE);
	g_autofree char *url = g_strdup_printf("file://%s", escaped);
	place->spec = remote_spec_new("url", url);
}

static void folder_unmake(struct place *place)
{
	g_free(place->state);
}

/* Root may write anywhere, so it must become somebody else for a while. */
static void folder_lock(struct place *place, bool on)
{
	if (!on && getuid() == 0)
		g_assert_cmpint(seteuid(0), ==, 0);
	g_assert_cmpint(chmod(tap_tmpdir(), 0755), ==, 0);
	g_assert_cmpint(chmod(place->state, on ? 0555 : 0755), ==, 0);
	if (on && getuid() == 0)
		g_assert_cmpint(seteuid(65534), ==, 0);
}

static const struct body bodies[] = {
	{.name = "memory", .ops = &memory_remote, .make = memory_make, .unmake = memory_unmake, .lock = memory_lock},
	{.name = "folder", .ops = &remote_folder, .make = folder_make, .unmake = folder_unmake, .lock = folder_lock},
	{.name = "file-url", .ops = &remote_folder_file, .make = file_url_make, .unmake = folder_unmake, .lock = folder_lock},
};

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	conformance_add(bodies, G_N_ELEMENTS(bodies));
	return g_test_run();
}
