#include "remote/table.h"

#include "remote/folder.h"

const struct remote_ops *const remote_table[] = {
	&remote_folder,
	&remote_folder_file,
	NULL,
};
