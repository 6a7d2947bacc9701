/* Listening sockets that somebody else opened: who they are for, and where. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/error.h"
#include "sys/activation.h"
#include "sys/socket.h"

static void
descriptors_are_for_the_process_that_is_named(void **state)
{
	(void)state;
	assert_int_equal(activation_count("77", "2", 77), 2);
	assert_int_equal(activation_count("78", "2", 77), 0);
}

static void
what_makes_no_sense_hands_over_nothing(void **state)
{
	(void)state;
	assert_int_equal(activation_count(NULL, "2", 77), 0);
	assert_int_equal(activation_count("77", NULL, 77), 0);
	assert_int_equal(activation_count("77", "-1", 77), 0);
	assert_int_equal(activation_count("77", "17", 77), 0);
	assert_int_equal(activation_count("77", "2 ", 77), 0);
	assert_int_equal(activation_count("77x", "2", 77), 0);
}

static void
without_variables_nothing_is_taken(void **state)
{
	int fds[ACTIVATION_MAX];
	size_t count = 9;
	bool is_lent = true;
	struct error err = { 0 };

	(void)state;
	unsetenv("LISTEN_PID");
	assert_int_equal(activation_take(fds, &count, &is_lent, &err), 0);
	assert_int_equal(count, 0);
	assert_false(is_lent);
}

static uint16_t
port_of(int fd)
{
	struct sockaddr_in address = { 0 };
	socklen_t len = sizeof(address);

	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
	return ntohs(address.sin_port);
}

static void
a_socket_is_known_by_where_it_listens(void **state)
{
	struct error err = { 0 };
	uint16_t port;
	int fd;

	(void)state;
	assert_int_equal(socket_listen("127.0.0.1", 0, &fd, &err), 0);
	port = port_of(fd);

	assert_true(socket_is_at(fd, "127.0.0.1", port));
	assert_false(socket_is_at(fd, "127.0.0.2", port));
	assert_false(socket_is_at(fd, "127.0.0.1", (uint16_t)(port + 1)));
	assert_false(socket_is_at(fd, "::1", port));
	assert_false(socket_is_unix_at(fd, "/tmp/x"));
	close(fd);
}

static void
a_local_socket_is_known_by_its_path(void **state)
{
	char folder[] = "/tmp/activation-XXXXXX";
	char path[64];
	struct error err = { 0 };
	int fd;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/s", folder);
	assert_int_equal(socket_listen_unix(path, &fd, &err), 0);

	assert_true(socket_is_unix_at(fd, path));
	assert_false(socket_is_unix_at(fd, folder));
	close(fd);
	unlink(path);
	rmdir(folder);
}

static void
what_does_not_listen_is_no_listening_socket(void **state)
{
	int pair[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_false(socket_is_unix_at(pair[0], ""));
	assert_false(socket_is_at(0, "127.0.0.1", 1));
	close(pair[0]);
	close(pair[1]);
}

static void
who_started_it_is_told(void **state)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX,
		.sun_path = "\0activation-test" };
	socklen_t len = offsetof(struct sockaddr_un, sun_path) +
	    sizeof("@activation-test") - 1;
	char said[16] = "";
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	(void)state;
	assert_int_equal(bind(fd, (struct sockaddr *)&at, len), 0);
	setenv("NOTIFY_SOCKET", "@activation-test", 1);
	activation_tell("READY=1");
	assert_int_equal(recv(fd, said, sizeof(said) - 1, 0), 7);
	assert_string_equal(said, "READY=1");
	/* What is no place of a socket, and nobody at all, do no harm. */
	setenv("NOTIFY_SOCKET", "activation-test", 1);
	activation_tell("READY=1");
	unsetenv("NOTIFY_SOCKET");
	activation_tell("READY=1");
	assert_int_equal(recv(fd, said, sizeof(said) - 1, 0), -1);
	close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(descriptors_are_for_the_process_that_is_named),
		cmocka_unit_test(what_makes_no_sense_hands_over_nothing),
		cmocka_unit_test(without_variables_nothing_is_taken),
		cmocka_unit_test(a_socket_is_known_by_where_it_listens),
		cmocka_unit_test(a_local_socket_is_known_by_its_path),
		cmocka_unit_test(what_does_not_listen_is_no_listening_socket),
		cmocka_unit_test(who_started_it_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
