#include "format/scalar-text-int.h"

#include "doc/number.h"

void scalar_text_append(GString *out, const struct node *scalar)
{
	switch (scalar->kind) {
	case NODE_NULL:
		g_string_append(out, "None");
		break;
	case NODE_BOOL:
		g_string_append(out, scalar->boolean ? "true" : "false");
		break;
	case NODE_INT:
		g_string_append_printf(out, "%" G_GINT64_FORMAT, scalar->integer);
		break;
	case NODE_FLOAT:
		number_append(out, scalar->real);
		break;
	default:
		g_string_append(out, scalar->text);
		break;
	}
}
