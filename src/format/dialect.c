#include "format/dialect.h"

#include "base/path.h"

const struct dialect dialect_native = {
	.name = "native",
	.marker = ".mlvconfig",
	.pointer_suffix = ".mlv",
	.pipeline_name = "mlv.yaml",
	.lock_name = "mlv.lock",
	.ignore_name = ".mlvignore",
	.algo = OID_SHA256,
	.keeps_links = true,
	.keeps_modes = true,
	.keeps_empty_dirs = true,
	.keeps_any_bytes = true,
	.text_manifest = true,
	.plots_dir = "mlv_plots",
	.experiment_refs = "refs/mlv/exps/",
};

const struct dialect dialect_dvc = {
	.name = "dvc",
	.marker = ".dvc",
	.pointer_suffix = ".dvc",
	.pipeline_name = "dvc.yaml",
	.lock_name = "dvc.lock",
	.ignore_name = ".dvcignore",
	.algo = OID_MD5,
	.plots_dir = "dvc_plots",
	.experiment_refs = "refs/exps/",
};

const struct dialect *const dialect_all[] = {&dialect_native, &dialect_dvc, NULL};

bool dialect_is_pointer(const struct dialect *dialect, const char *path)
{
	const char *base = path_base(path);

	/* The suffix alone is no pointer: DVC's own folder is called just that. */
	return strlen(base) > strlen(dialect->pointer_suffix) && g_str_has_suffix(base, dialect->pointer_suffix);
}

bool dialect_is_pipeline(const struct dialect *dialect, const char *path)
{
	return strcmp(path_base(path), dialect->pipeline_name) == 0;
}
