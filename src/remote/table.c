#include "remote/table.h"

#include "remote/folder.h"
#include "remote/http.h"
#include "remote/lfs.h"
#include "remote/s3.h"
#include "remote/sftp.h"
#include "remote/webdav.h"

const struct remote_ops *const remote_table[] = {
	&remote_folder,
	&remote_folder_file,
	&remote_ssh,
	&remote_sftp,
	&remote_lfs,
	&remote_s3,
	&remote_gs,
	&remote_http,
	&remote_https,
	&remote_webdav,
	&remote_webdavs,
	NULL,
};
