#include "../tap.h"

#include "format/dialect.h"

static void pointers(void)
{
	g_assert_true(dialect_is_pointer(&dialect_dvc, "a/b.csv.dvc"));
	g_assert_true(dialect_is_pointer(&dialect_native, "b.mlv"));
	g_assert_false(dialect_is_pointer(&dialect_native, "b.dvc"));
	g_assert_false(dialect_is_pointer(&dialect_dvc, ".dvc"));
	g_assert_false(dialect_is_pointer(&dialect_dvc, "a/.dvc"));
	g_assert_false(dialect_is_pointer(&dialect_dvc, "x.dvc/file"));
}

static void pipelines(void)
{
	g_assert_true(dialect_is_pipeline(&dialect_dvc, "dvc.yaml"));
	g_assert_true(dialect_is_pipeline(&dialect_native, "a/b/mlv.yaml"));
	g_assert_false(dialect_is_pipeline(&dialect_dvc, "xdvc.yaml"));
	g_assert_false(dialect_is_pipeline(&dialect_dvc, "dvc.yaml/x"));
}

int main(int argc, char **argv)
{
	tap_init(argc, argv);
	g_test_add_func("/dialect/pointers", pointers);
	g_test_add_func("/dialect/pipelines", pipelines);
	return g_test_run();
}
