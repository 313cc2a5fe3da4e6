#include "backend/table.h"

#include "backend/folder.h"
#include "backend/lfs/lfs.h"
#include "backend/s3/s3.h"
#include "backend/sftp/sftp.h"
#include "backend/web/http.h"
#include "backend/web/webdav.h"

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
