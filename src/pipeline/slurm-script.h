/*
 * slurm-script: the shell script by which a node runs one job. Pure: text from what the job is.
 *
 * How a job ended stands in a file that the script leaves: slurmctld forgets jobs, and not every site keeps accounts. The file
 * gets its name when it is whole.
 */
#ifndef PIPELINE_SLURM_SCRIPT_H
#define PIPELINE_SLURM_SCRIPT_H

#include "pipeline/exec.h"

/* Names of the files of job number N in the folder of a run, behind "N". */
#define SLURM_SCRIPT ".sh"    /* the script */
#define SLURM_STARTED ".start" /* Slurm's id of the job that runs it */
#define SLURM_ENDED ".end"    /* its exit status, a decimal number and a newline */

/* Digests of what files were (slurm_look()): inputs and files of parameters before and after the commands, outputs after them. */
#define SLURM_READ ".read"
#define SLURM_READ_AFTER ".read-after"
#define SLURM_PARAMS ".params"
#define SLURM_PARAMS_AFTER ".params-after"
#define SLURM_WROTE ".wrote"
/* Copies of the files of parameters; behind it stands which, from 0. */
#define SLURM_PARAMS_COPY ".params-"

/* Files that the script notes, so that one who comes later can tell what the commands read. NULL-terminated, below root. */
struct slurm_notes {
	const char *root;
	char **inputs, **params, **outputs;
};

/* What to run where, beside the job. */
struct slurm_place {
	const char *dir;           /* absolute: the folder of the run, which all nodes see */
	const char *const *shell;  /* exec_shell() */
	guint number;              /* of the job there */
	const struct slurm_notes *notes; /* NULL: nothing to note */
};

/* The script of a job, to be stored as dir/N.sh. New string. */
char *slurm_script(const struct exec_job *job, const struct slurm_place *place);

/* What sbatch gets: it runs the script of job `first`, or as task I of an array that of job first + I. New string. */
char *slurm_starter(const char *dir, guint first, bool array);

/*
 * A command that prints a digest of which files there are at these paths and what their stamps say (inode, size, mtime, ctime in ns):
 * as long as it prints the same, they are the same. New string.
 */
char *slurm_look(const char *root, char *const *paths);

#endif
