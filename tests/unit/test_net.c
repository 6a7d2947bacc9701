#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/error.h"
#include "sys/net.h"

/* A listening socket on loopback; the kernel chooses the port. */
static int
listen_on_loopback(uint16_t *ret_port)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, len), 0);
	assert_int_equal(listen(fd, 8), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
	*ret_port = ntohs(address.sin_port);
	return fd;
}

static void
wait_for(int fd, short events)
{
	struct pollfd poll_fd = { .fd = fd, .events = events };

	assert_int_equal(poll(&poll_fd, 1, 5000), 1);
}

static void
a_connection_comes_from_the_address_that_was_asked_for(void **state)
{
	struct error err = { 0 };
	struct net_peer peer;
	uint16_t port;
	int listen_fd = listen_on_loopback(&port);
	int client_fd;
	int server_fd;
	int no_delay = 0;
	socklen_t len = sizeof(no_delay);

	(void)state;
	assert_int_equal(net_accept(listen_fd, &server_fd, &peer, &err), 0);
	assert_int_equal(net_connect("127.0.0.1", port, "127.0.0.7", &client_fd,
			     &err),
	    0);
	wait_for(client_fd, POLLOUT);
	assert_int_equal(net_connect_result(client_fd, &err), 0);
	wait_for(listen_fd, POLLIN);
	assert_int_equal(net_accept(listen_fd, &server_fd, &peer, &err), 1);

	assert_string_equal(peer.host, "127.0.0.7");
	assert_false(peer.is_local);
	assert_int_not_equal(peer.port, 0);
	assert_true(fcntl(server_fd, F_GETFL) & O_NONBLOCK);
	assert_true(fcntl(server_fd, F_GETFD) & FD_CLOEXEC);
	assert_int_equal(getsockopt(server_fd, IPPROTO_TCP, TCP_NODELAY,
			     &no_delay, &len),
	    0);
	assert_int_not_equal(no_delay, 0);

	close(client_fd);
	close(server_fd);
	close(listen_fd);
}

static void
nobody_listening_is_temporary(void **state)
{
	struct error err = { 0 };
	uint16_t port;
	int fd = listen_on_loopback(&port);

	(void)state;
	close(fd);
	if (net_connect("127.0.0.1", port, NULL, &fd, &err) == 0) {
		wait_for(fd, POLLOUT);
		assert_int_equal(net_connect_result(fd, &err), -1);
		close(fd);
	}
	assert_true(error_is_temporary(&err));
}

static void
names_are_not_addresses(void **state)
{
	struct error err = { 0 };
	int fd;

	(void)state;
	assert_int_equal(net_connect("localhost", 1, NULL, &fd, &err), -1);
	assert_int_equal(err.code, ERROR_MALFORMED);
	assert_int_equal(net_connect("127.0.0.1", 1, "nowhere", &fd, &err), -1);
	assert_int_equal(err.code, ERROR_MALFORMED);
}

static void
a_unix_connection_tells_the_user(void **state)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	char folder[] = "/tmp/test_net.XXXXXX";
	struct error err = { 0 };
	struct net_peer peer;
	int listen_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	int client_fd;
	int server_fd;
	char byte;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/s", folder);
	assert_int_equal(bind(listen_fd, (struct sockaddr *)&address,
			     sizeof(address)),
	    0);
	assert_int_equal(listen(listen_fd, 1), 0);

	assert_int_equal(net_connect_unix(address.sun_path, &client_fd, &err),
	    0);
	assert_int_equal(net_accept(listen_fd, &server_fd, &peer, &err), 1);
	assert_true(peer.is_local);
	assert_int_equal(peer.uid, getuid());
	assert_string_equal(peer.host, "");

	assert_int_equal(net_read(server_fd, &byte, 1, &err), 0);
	assert_int_equal(net_write(client_fd, "x", 1, &err), 1);
	assert_int_equal(net_read(server_fd, &byte, 1, &err), 1);
	close(client_fd);
	assert_int_equal(net_read(server_fd, &byte, 1, &err), -1);
	assert_int_equal(err.code, ERROR_NOT_FOUND);
	assert_int_equal(net_write(server_fd, "x", 1, &err), -1);
	assert_int_equal(err.code, ERROR_BUSY);

	close(server_fd);
	close(listen_fd);
	unlink(address.sun_path);
	rmdir(folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_connection_comes_from_the_address_that_was_asked_for),
		cmocka_unit_test(nobody_listening_is_temporary),
		cmocka_unit_test(names_are_not_addresses),
		cmocka_unit_test(a_unix_connection_tells_the_user),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
