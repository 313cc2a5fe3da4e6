/*
 * handover: other programs that take over or help: the network program, ourselves as a child, the manual.
 */
#ifndef CLI_HANDOVER_H
#define CLI_HANDOVER_H

#include <glib.h>
#include <stdbool.h>

/*
 * Replace this process by the network program with the same arguments (argv[0] is replaced); returns only on failure.
 * It is looked for in $GIT_MLV_EXEC_PATH, then where it was installed, then beside this program.
 */
bool handover_to_network(char **argv, GError **error);

/*
 * Run `git mlv` with these arguments (NULL-terminated, without "git" and "mlv") as a child that shares our standard
 * streams; its exit code, 128 + signal if one killed it, or -1 with error. Nothing may be pending in our own output.
 */
int handover_run(const char *const *args, GError **error);

/* Replace this process by `man` with a page ("git-mlv-add"); returns only on failure. */
bool handover_to_manual(const char *page, GError **error);

#endif
