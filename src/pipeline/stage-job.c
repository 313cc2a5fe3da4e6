#include "pipeline/stage-job.h"

#include "base/path.h"
#include "pipeline/run-stage.h"

#include <string.h>
#include <unistd.h>

void stage_job_fill(struct stage_job *made, struct workspace *ws, const struct stage *stage, const char *executor,
		    struct logs *logs)
{
	const char *at = strchr(stage->name, '@');

	made->dir = path_join(ws->root, stage->wdir);
	made->log = logs_take(logs, stage->address);
	made->commands = exec_commands(stage->body->cmd);
	made->environment = run_stage_environment(ws, stage);
	if (at)
		made->group = g_strdup_printf("%s:%.*s", stage->file, (int)(at - stage->name), stage->name);
	made->job = (struct exec_job){
		.title = stage->address,
		.group = made->group,
		.commands = (const char *const *)made->commands,
		.dir = made->dir,
		.environment = (const char *const *)made->environment,
		.log = made->log,
		.resources = node_get(node_get(stage->body->body, "meta"), executor),
	};
}

void stage_job_trace(struct stage_job *made)
{
	made->trace = g_strconcat(made->log, ".trace", NULL);
	made->job.trace = made->trace;
}

void stage_job_clear(struct stage_job *made)
{
	if (made->trace)
		unlink(made->trace);
	g_free(made->group);
	g_free(made->dir);
	g_free(made->log);
	g_free(made->trace);
	g_strfreev(made->commands);
	g_strfreev(made->environment);
}
