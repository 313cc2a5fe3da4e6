#include "backend/sftp/sftp-temp.h"

#include "base/clock.h"
#include "base/proc.h"

#include <string.h>
#include <unistd.h>

#define STALE_SECONDS   (24 * 3600)
#define FOREIGN_SECONDS 3600

/* The parts of a name, in order. */
enum { PART_TIME, PART_HOST, PART_PID, PART_RANDOM, PART_SERIAL, PART_OBJECT, PARTS };

static gint64 now(void)
{
	return clock_file_now() / G_GINT64_CONSTANT(1000000000);
}

/* This machine as part of a name. New string. */
static char *host_part(void)
{
	return g_strcanon(g_strdup(g_get_host_name()),
			  "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-", '_');
}

char *sftp_temp_session(void)
{
	g_autofree char *host = host_part(), *unique = g_uuid_string_random();
	return g_strdup_printf("%" G_GINT64_FORMAT ".%s.%ld.%.8s.", now(), host, (long)getpid(), unique);
}

char *sftp_temp_name(const char *session, guint serial, const char *object)
{
	return g_strdup_printf("%s%u.%s", session, serial, object);
}

/* Seconds since the upload began; negative if the name is none of ours. */
static gint64 age_of(const char *const *parts)
{
	guint64 begun;
	if (g_strv_length((char **)parts) != PARTS ||
	    !g_ascii_string_to_unsigned(parts[PART_TIME], 10, 0, G_MAXINT64, &begun, NULL))
		return -1;
	return now() - (gint64)begun;
}

bool sftp_temp_is_stale(const char *name)
{
	g_auto(GStrv) parts = g_strsplit(name, ".", PARTS + 1);
	return age_of((const char *const *)parts) > STALE_SECONDS;
}

/* Whether a process of this machine can still write; true for what is no number. */
static bool is_running(const char *pid)
{
	guint64 number;
	return !g_ascii_string_to_unsigned(pid, 10, 1, G_MAXINT32, &number, NULL) || proc_is_running((gint64)number);
}

const char *sftp_temp_left(const char *name)
{
	g_auto(GStrv) parts = g_strsplit(name, ".", PARTS + 1);
	g_autofree char *host = host_part();
	gint64 age = age_of((const char *const *)parts);
	if (age < 0)
		return NULL;
	bool gone = strcmp(parts[PART_HOST], host) == 0 ? !is_running(parts[PART_PID]) : age > FOREIGN_SECONDS;
	return gone ? strrchr(name, '.') + 1 : NULL;
}
