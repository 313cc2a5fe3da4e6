#include "http-server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct http_server {
	int fd, port;
	http_answer answer;
	void *user;
	GMutex mutex; /* of count, and of calls of answer() */
	unsigned count;
	GThread *thread;
	GPtrArray *clients; /* of GThread */
};

struct client {
	struct http_server *server;
	int fd;
};

char *http_ask_header(const struct http_ask *ask, const char *name)
{
	g_auto(GStrv) lines = g_strsplit(ask->head, "\r\n", -1);
	size_t length = strlen(name);
	for (char **line = lines; *line; line++)
		if (g_ascii_strncasecmp(*line, name, length) == 0 && (*line)[length] == ':')
			return g_strstrip(g_strdup(*line + length + 1));
	return NULL;
}

/* Read until `have` holds a whole head, or `need` bytes; false when the client has closed. */
static bool fill(int fd, GByteArray *have, gsize need)
{
	for (;;) {
		guint8 buffer[16384];
		bool whole = need ? have->len >= need
				  : have->len && g_strstr_len((char *)have->data, have->len, "\r\n\r\n");
		if (whole)
			return true;
		ssize_t got = recv(fd, buffer, sizeof(buffer), 0);
		if (got <= 0)
			return false;
		g_byte_array_append(have, buffer, (guint)got);
	}
}

/* Take one request off the connection; false when there is none any more. */
static bool take(int fd, GByteArray *have, struct http_ask *ask)
{
	if (!fill(fd, have, 0))
		return false;
	gsize head = (gsize)(g_strstr_len((char *)have->data, have->len, "\r\n\r\n") - (char *)have->data) + 4;
	g_autofree char *text = g_strndup((char *)have->data, head - 4);
	g_auto(GStrv) words = g_strsplit(text, " ", 3);
	ask->method = g_strdup(words[0]);
	ask->path = g_strdup(words[1]);
	ask->head = g_strdup(strchr(text, '\n') + 1);
	g_autofree char *length = http_ask_header(ask, "Content-Length");
	gsize body = length ? (gsize)g_ascii_strtoull(length, NULL, 10) : 0;
	if (!fill(fd, have, head + body))
		return false;
	ask->body = g_byte_array_new();
	g_byte_array_append(ask->body, have->data + head, (guint)body);
	g_byte_array_remove_range(have, 0, (guint)(head + body));
	return true;
}

static void clear(struct http_ask *ask)
{
	g_free(ask->method);
	g_free(ask->path);
	g_free(ask->head);
	if (ask->body)
		g_byte_array_unref(ask->body);
	*ask = (struct http_ask){0};
}

static void *serve(void *user)
{
	struct client *client = user;
	struct http_server *server = client->server;
	g_autoptr(GByteArray) have = g_byte_array_new();
	struct http_ask ask = {0};
	bool keep = true;
	while (keep && take(client->fd, have, &ask)) {
		g_autoptr(GByteArray) reply = g_byte_array_new();
		g_mutex_lock(&server->mutex);
		ask.number = ++server->count;
		keep = server->answer(&ask, reply, server->user);
		g_mutex_unlock(&server->mutex);
		for (guint at = 0; at < reply->len;) {
			ssize_t put = send(client->fd, reply->data + at, reply->len - at, MSG_NOSIGNAL);
			if (put <= 0)
				break;
			at += (guint)put;
		}
		clear(&ask);
	}
	clear(&ask);
	close(client->fd);
	g_free(client);
	return NULL;
}

static void *accept_all(void *user)
{
	struct http_server *server = user;
	int fd;
	while ((fd = accept(server->fd, NULL, NULL)) >= 0) {
		struct client *client = g_new(struct client, 1);
		*client = (struct client){server, fd};
		g_ptr_array_add(server->clients, g_thread_new("client", serve, client));
	}
	return NULL;
}

struct http_server *http_server_new(http_answer answer, void *user)
{
	struct http_server *server = g_new0(struct http_server, 1);
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof(address);
	server->answer = answer;
	server->user = user;
	server->clients = g_ptr_array_new();
	g_mutex_init(&server->mutex);
	server->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	g_assert_cmpint(bind(server->fd, (struct sockaddr *)&address, sizeof(address)), ==, 0);
	g_assert_cmpint(listen(server->fd, 64), ==, 0);
	g_assert_cmpint(getsockname(server->fd, (struct sockaddr *)&address, &length), ==, 0);
	server->port = ntohs(address.sin_port);
	server->thread = g_thread_new("server", accept_all, server);
	return server;
}

char *http_server_url(const struct http_server *server, const char *path)
{
	return g_strdup_printf("http://127.0.0.1:%d%s", server->port, path);
}

unsigned http_server_count(struct http_server *server)
{
	g_mutex_lock(&server->mutex);
	unsigned count = server->count;
	g_mutex_unlock(&server->mutex);
	return count;
}

void http_reply(GByteArray *reply, const char *status, const char *headers, const void *body, gsize length)
{
	g_autofree char *head = g_strdup_printf("HTTP/1.1 %s\r\n%sContent-Length: %" G_GSIZE_FORMAT "\r\n\r\n", status,
						headers, length);
	g_byte_array_append(reply, (guint8 *)head, (guint)strlen(head));
	g_byte_array_append(reply, body, (guint)length);
}

void http_server_free(struct http_server *server)
{
	if (!server)
		return;
	shutdown(server->fd, SHUT_RDWR);
	g_thread_join(server->thread);
	close(server->fd);
	for (guint i = 0; i < server->clients->len; i++)
		g_thread_join(g_ptr_array_index(server->clients, i));
	g_ptr_array_unref(server->clients);
	g_mutex_clear(&server->mutex);
	g_free(server);
}
