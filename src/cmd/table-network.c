#include "cmd/commands.h"

/* Every command, in the order of help: the local ones too, because completions and hand-overs with options come here.
 */
static const struct command *const commands[] = {
	&cmd_config, &cmd_help, &cmd_version, &cmd_root, &cmd_completion, NULL,
};

const struct program program_network = {.commands = commands, .network = true};
