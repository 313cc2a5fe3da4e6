#include "fake-http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Read up to the end of the headers and of the body that they announce. */
static GString *read_question(int fd)
{
	GString *text = g_string_new(NULL);
	char buffer[4096];
	for (;;) {
		const char *end = strstr(text->str, "\r\n\r\n");
		const char *length = end ? strcasestr(text->str, "\r\ncontent-length:") : NULL;
		gsize wanted = length && length < end ? strtoul(length + 17, NULL, 10) : 0;
		if (end && text->len >= (gsize)(end + 4 - text->str) + wanted)
			return text;
		ssize_t n = recv(fd, buffer, sizeof(buffer), 0);
		if (n <= 0)
			return text;
		g_string_append_len(text, buffer, n);
	}
}

static bool parse_question(const GString *text, struct fake_question *question)
{
	const char *end = strstr(text->str, "\r\n\r\n"), *line = strstr(text->str, "\r\n");
	if (!end)
		return false;
	g_autofree char *first = g_strndup(text->str, (gsize)(line - text->str));
	g_auto(GStrv) words = g_strsplit(first, " ", 3);
	if (g_strv_length(words) != 3)
		return false;
	question->method = g_strdup(words[0]);
	question->path = g_strdup(words[1]);
	question->headers = g_strndup(line, (gsize)(end + 2 - line));
	for (char *c = question->headers, *name = c; *c; c++) {
		if (*c == '\n')
			name = c;
		if (name && *c == ':')
			name = NULL;
		if (name)
			*c = g_ascii_tolower(*c);
	}
	question->body = g_strdup(end + 4);
	return true;
}

static void serve(const struct fake_http *server, int fd)
{
	g_autoptr(GString) text = read_question(fd);
	struct fake_question question = {0};
	if (parse_question(text, &question)) {
		struct fake_answer answer = server->answer(&question, server->user);
		g_autofree char *reply = g_strdup_printf(
			"HTTP/1.1 %u Fake\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n%s", answer.status,
			answer.body ? strlen(answer.body) : 0, answer.body ? answer.body : "");
		if (send(fd, reply, strlen(reply), MSG_NOSIGNAL) < 0)
			g_printerr("fake server: %s\n", g_strerror(errno));
		g_free(answer.body);
	}
	g_free(question.method);
	g_free(question.path);
	g_free(question.headers);
	g_free(question.body);
}

static gpointer run(gpointer user)
{
	const struct fake_http *server = user;
	for (;;) {
		auto_fd int fd = accept(server->listener, NULL, NULL);
		if (fd < 0)
			return NULL;
		serve(server, fd);
	}
}

struct fake_http *fake_http_start(struct fake_answer (*answer)(const struct fake_question *question, void *user),
				  void *user)
{
	struct fake_http *server = g_new0(struct fake_http, 1);
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof(address);
	server->answer = answer;
	server->user = user;
	server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	g_assert_cmpint(server->listener, >=, 0);
	g_assert_cmpint(bind(server->listener, (struct sockaddr *)&address, sizeof(address)), ==, 0);
	g_assert_cmpint(listen(server->listener, 16), ==, 0);
	g_assert_cmpint(getsockname(server->listener, (struct sockaddr *)&address, &length), ==, 0);
	server->url = g_strdup_printf("http://127.0.0.1:%u", ntohs(address.sin_port));
	server->thread = g_thread_new("fake-http", run, server);
	return server;
}

bool fake_question_has(const struct fake_question *question, const char *line)
{
	g_autofree char *whole = g_strconcat("\r\n", line, "\r\n", NULL);
	return strstr(question->headers, whole);
}

void fake_http_stop(struct fake_http *server)
{
	/* Wakes accept(). */
	shutdown(server->listener, SHUT_RDWR);
	g_thread_join(server->thread);
	close(server->listener);
	g_free(server->url);
	g_free(server);
}
