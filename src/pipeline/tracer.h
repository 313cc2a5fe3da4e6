/*
 * tracer: run a command and note which files inside a project it reads and writes, without root: by ptrace(2), with a
 * seccomp filter that stops the command only where it opens, renames, links, lists or executes files.
 *
 * The process that asks becomes the command. What watches it is a process of its own, in a session of its own, beside it: so
 * the command keeps its parent, process group, terminal, signals and exit status as without. The report (trace-report.h) is
 * written when the command has ended, before its parent learns of that; children that go on after it are watched no more, but
 * served until they end. If the watcher is killed, the command is, too: it never runs on unseen.
 *
 * Not seen, and told by a note in the report: programs of another word size than ours, and I/O through io_uring. Programs do
 * not gain privileges by set-user-id bits while they are watched, unless we have CAP_SYS_PTRACE.
 *
 *	argv of a stage   "/proc/self/exe" "trace-run" "--report" REPORT "--" SHELL "-c" COMMAND, as tracer_prefix() has it
 *	environment       MLV_ROOT: the project
 */
#ifndef PIPELINE_TRACER_H
#define PIPELINE_TRACER_H

#include <glib.h>
#include <stdbool.h>

/* Whether commands can be traced here; else an error that says why not. */
bool tracer_available(GError **error);

/*
 * What stands before the words of a command so that it runs traced, its report appended to the file `report`: a new
 * NULL-terminated list for g_strfreev().
 */
char **tracer_prefix(const char *report);

/*
 * Become argv[0] (found in PATH) with argv, watched: uses of files below `root` are appended to the file `report` as one
 * block. Only in a process without threads and children. Returns only on failure.
 */
void tracer_exec(const char *root, const char *report, char **argv, GError **error);

#endif
