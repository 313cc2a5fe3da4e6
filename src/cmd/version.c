#include "cmd/commands.h"

struct version_options {
	bool build;
};

static const struct option_spec options[] = {
	OPT_FLAG(version_options, 0, "build", build, "also print how this program was built"),
	OPT_END,
};

static void print_line(struct view *view, const char *name, const char *value)
{
	view_print(view, VIEW_PLAIN, "%s: %s\n", name, value);
}

static void print_build(struct view *view)
{
	print_line(view, "libraries", MLV_LIBRARIES);
	print_line(view, "compiler", MLV_COMPILER);
	print_line(view, "options", MLV_COMPILE_OPTIONS);
	print_line(view, "configured with", MLV_CONFIGURE_ARGUMENTS);
	print_line(view, "network program", PKGLIBEXECDIR "/git-mlv-network");
	print_line(view, "manual", MANDIR);
}

static int run(struct context *context, GError **error G_GNUC_UNUSED)
{
	const struct version_options *given = context->options;

	view_print(context->view, VIEW_PLAIN, "git-mlv %s\n", PACKAGE_VERSION);
	if (given->build)
		print_build(context->view);
	return EXIT_DONE;
}

const struct command cmd_version = {
	.name = "version",
	.group = "Help",
	.synopsis = "[--build]",
	.summary = "Print the version",
	.needs = NEEDS_NOTHING,
	.options_size = sizeof(struct version_options),
	.options = options,
	.run = run,
};
