#include "backend/sftp/known-hosts.h"
#include "backend/sftp/sftp-int.h"
#include "backend/sftp/sftp-temp.h"
#include "backend/sftp/sftp-url.h"
#include "backend/sftp/ssh-config.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/path.h"
#include "remote/credential-ask.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define KNOWN_HOSTS_LIMIT ((size_t)16 << 20)

/* Read a file of host keys; one that is missing or cannot be read knows nothing. */
static void add_known(struct known_hosts *known, const char *path)
{
	g_autofree char *text = NULL;
	size_t length;
	if (file_read(path, KNOWN_HOSTS_LIMIT, &text, &length, NULL))
		known_hosts_add(known, text, length);
}

/* Text as a file without a name. */
static int text_fd(const char *text, GError **error)
{
	auto_fd int fd = memfd_create("known_hosts", MFD_CLOEXEC);
	if (fd < 0)
		error_set_errno(error, errno, "make a file in memory");
	return fd >= 0 && file_write_all(fd, text, strlen(text), error) ? fd_steal(&fd) : -1;
}

/* Let libcurl know the keys of this host, and of no other. */
static bool set_known_hosts(struct remote_conn *conn, const struct ssh_config *config, GError **error)
{
	autoptr(known_hosts) known = known_hosts_new(config->alias, config->port);
	for (guint i = 0; i < config->known_hosts->len; i++)
		add_known(known, g_ptr_array_index(config->known_hosts, i));
	g_autofree char *lines = known_hosts_lines(known, config->host);
	if (!*lines) {
		error_set(error, ERROR_DENIED, "%s: the server's key is not known", conn->place);
		error_hint(error, "ssh -p %u %s@%s, and accept its key if it is the right one", config->port,
			   conn->user, config->host);
		return false;
	}
	conn->known_hosts = text_fd(lines, error);
	g_free(conn->access->known_hosts);
	conn->access->known_hosts = g_strdup_printf("/proc/self/fd/%d", conn->known_hosts);
	return conn->known_hosts >= 0;
}

/* The root as libcurl wants it in URLs and in commands. */
static void set_root(struct remote_conn *conn, const struct ssh_config *config, const char *path)
{
	bool home = path[0] != '/', bare = !*path || strcmp(path, "/") == 0;
	bool v6 = strchr(config->host, ':') != NULL;
	g_autofree char *escaped = g_uri_escape_string(path, "/", FALSE);
	const char *open = v6 ? "[" : "", *close = v6 ? "]" : "";
	conn->root = g_strconcat(path, bare ? "" : "/", NULL);
	conn->url = g_strdup_printf("sftp://%s%s%s:%u%s%s%s", open, config->host, close, config->port,
				    home ? "/~/" : "", escaped, bare ? "" : "/");
	g_autofree char *port = config->port == 22 ? g_strdup("") : g_strdup_printf(":%u", config->port);
	g_autofree char *option = config->port == 22 ? g_strdup("") : g_strdup_printf("-p %u ", config->port);
	conn->ssh = g_strdup_printf("ssh %s%s@%s", option, conn->user, config->host);
	conn->address = g_strdup_printf(*port ? "[%s]%s" : "%s%s", config->host, port);
	conn->place = g_strdup_printf("ssh://%s@%s%s%s%s%s%s", conn->user, open, config->host, close, port,
				      home ? "/~/" : "", path);
}

/* How the host is reached: the remote's options, then its URL, then the settings of ssh. */
static struct ssh_config *find_host(const struct remote_spec *spec, const struct sftp_url *url, GError **error)
{
	const char *user = remote_spec_get(spec, "user"), *port = remote_spec_get(spec, "port");
	guint64 number = url->port;
	if (port && !g_ascii_string_to_unsigned(port, 10, 1, 65535, &number, NULL)) {
		error_set(error, ERROR_USAGE, "port: '%s' is no port", port);
		return NULL;
	}
	autoptr(ssh_config) config = ssh_config_ask(url->host, user ? user : url->user, (unsigned)number, error);
	if (config && config->proxied) {
		error_set(error, ERROR_USAGE, "%s is reached through ProxyJump or ProxyCommand, which is not supported",
			  url->host);
		error_hint(error, "ssh -N -L 2222:localhost:22 %s, and the port 2222 of localhost in the URL",
			   url->host);
		return NULL;
	}
	return g_steal_pointer(&config);
}

static struct access *make_access(const struct remote_spec *spec, const struct remote_conn *conn,
				  const struct ssh_config *config, GError **error)
{
	struct remote_spec own = *spec;
	own.config = NULL; /* http.* is for HTTP */
	struct access *access = access_new(&own, conn->url, error);
	if (!access)
		return NULL;
	access->ssh_agent = access->ssh_agent && config->agent;
	return access;
}

struct remote_conn *sftp_open(const struct remote_spec *spec, enum remote_mode mode, GError **error)
{
	autoptr(sftp_url) url = sftp_url_parse(spec->url, error);
	if (url && sftp_option_is_on(spec, "gss_auth")) {
		error_set(error, ERROR_USAGE, "gss_auth: GSSAPI is not supported; use a key or a password");
		error_hint(error, "git mlv remote modify --unset %s gss_auth", spec->name);
		return NULL;
	}
	autoptr(ssh_config) config = url ? find_host(spec, url, error) : NULL;
	if (!config)
		return NULL;
	struct remote_conn *conn = g_new0(struct remote_conn, 1);
	conn->known_hosts = -1;
	conn->user = g_strdup(config->user);
	conn->password = g_strdup(remote_spec_get(spec, "password"));
	conn->dirs = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	conn->session = sftp_temp_session();
	set_root(conn, config, url->path);
	conn->access = make_access(spec, conn, config, error);
	if (conn->access && set_known_hosts(conn, config, error) && sftp_log_in(conn, spec, config, mode, error))
		return conn;
	sftp_close(conn);
	return NULL;
}

void sftp_close(struct remote_conn *conn)
{
	fd_auto(&conn->known_hosts);
	access_free(conn->access);
	g_hash_table_unref(conn->dirs);
	if (conn->left)
		g_hash_table_unref(conn->left);
	credential_wipe(conn->password);
	g_free(conn->user);
	g_free(conn->place);
	g_free(conn->ssh);
	g_free(conn->address);
	g_free(conn->url);
	g_free(conn->root);
	g_free(conn->session);
	g_free(conn);
}
