#include "cmd/commands.h"

/* Every command, in the order of help: the local ones too, because completions and hand-overs with options come here.
 */
/* clang-format off: one a line */
static const struct command *const commands[] = {
	&cmd_init,
	&cmd_add,
	&cmd_status_remote,
	&cmd_diff,
	&cmd_checkout,
	&cmd_commit,
	&cmd_remove,
	&cmd_move,
	&cmd_unprotect,
	&cmd_ls,
	&cmd_list,
	&cmd_du,
	&cmd_cat,
	&cmd_data_remote,
	&cmd_stage,
	&cmd_dag,
	&cmd_freeze,
	&cmd_unfreeze,
	&cmd_plots,
	&cmd_repro,
	&cmd_params,
	&cmd_metrics,
	&cmd_push,
	&cmd_fetch,
	&cmd_pull,
	&cmd_remote,
	&cmd_gc_remote,
	&cmd_fsck_remote,
	&cmd_doctor,
	&cmd_install,
	&cmd_hook,
	&cmd_check_ignore,
	&cmd_config,
	&cmd_help,
	&cmd_version,
	&cmd_root,
	&cmd_completion,
	NULL,
};
/* clang-format on */

static const struct command *const hidden[] = {&cmd_ask_urls, &cmd_trace_run, NULL};

const struct program program_network = {.commands = commands, .hidden = hidden, .network = true};
