/*
 * Some servers send head and body of a reply each by itself and wait in between, as TCP has it, for the head to be
 * acknowledged, which Linux puts off for 40 ms: too long for small objects. So a head is acknowledged at once. libcurl
 * does not tell the socket of a request under way, only its port: hence the table.
 */
#include "remote/wire-int.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

static unsigned local_port(int fd)
{
	struct sockaddr_storage address;
	socklen_t length = sizeof(address);
	if (getsockname(fd, (struct sockaddr *)&address, &length) < 0)
		return 0;
	if (address.ss_family == AF_INET)
		return ntohs(((const struct sockaddr_in *)&address)->sin_port);
	return address.ss_family == AF_INET6 ? ntohs(((const struct sockaddr_in6 *)&address)->sin6_port) : 0;
}

/* The socket is not connected yet, so it has no port that could be noted. */
static int on_socket(void *user, curl_socket_t fd, curlsocktype purpose)
{
	(void)purpose;
	g_hash_table_insert(user, GINT_TO_POINTER(fd + 1), NULL);
	return CURL_SOCKOPT_OK;
}

static int on_close(void *user, curl_socket_t fd)
{
	g_hash_table_remove(user, GINT_TO_POINTER(fd + 1));
	return close(fd);
}

void wire_watch_sockets(struct exchange *exchange)
{
	if (!exchange->sockets)
		return;
	curl_easy_setopt(exchange->easy, CURLOPT_SOCKOPTFUNCTION, on_socket);
	curl_easy_setopt(exchange->easy, CURLOPT_SOCKOPTDATA, exchange->sockets);
	curl_easy_setopt(exchange->easy, CURLOPT_CLOSESOCKETFUNCTION, on_close);
	curl_easy_setopt(exchange->easy, CURLOPT_CLOSESOCKETDATA, exchange->sockets);
}

void wire_acknowledge(const struct exchange *exchange)
{
	GHashTableIter iter;
	void *key, *known;
	long port = 0;
	int now = 1;
	if (!exchange->sockets || curl_easy_getinfo(exchange->easy, CURLINFO_LOCAL_PORT, &port) != CURLE_OK || port == 0)
		return;
	g_hash_table_iter_init(&iter, exchange->sockets);
	while (g_hash_table_iter_next(&iter, &key, &known)) {
		int fd = GPOINTER_TO_INT(key) - 1;
		if (!known) {
			known = GUINT_TO_POINTER(local_port(fd));
			g_hash_table_iter_replace(&iter, known);
		}
		if (GPOINTER_TO_UINT(known) == (unsigned)port)
			(void)setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &now, sizeof(now));
	}
}
