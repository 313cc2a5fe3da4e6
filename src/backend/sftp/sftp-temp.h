/*
 * sftp-temp: the names of unfinished uploads in .mlv/tmp/: TIME.HOST.PID.RANDOM.SERIAL.OBJECT. Whoever sends the same
 * object later can tell from them what a killed process left, and go on with it. Any thread.
 */
#ifndef BACKEND_SFTP_SFTP_TEMP_H
#define BACKEND_SFTP_SFTP_TEMP_H

#include <glib.h>
#include <stdbool.h>

/* What all names of this process's connection begin with, ending in '.'. New string. */
char *sftp_temp_session(void);

/* The name of an upload of the session; `object` says of what, without a '.'. New string. */
char *sftp_temp_name(const char *session, guint serial, const char *object);

/* Whether such an upload was begun more than a day ago: nobody can be at it any longer. */
bool sftp_temp_is_stale(const char *name);

/*
 * Which object the name says, pointing into it, if nobody is at it: its process was one of this machine that is gone,
 * or one of another that began more than an hour ago. Else NULL.
 */
const char *sftp_temp_left(const char *name);

#endif
