#include "role/parent/parent_sockets.h"

#include <unistd.h>

#include "base/error.h"
#include "service/config.h"
#include "sys/socket.h"

int
parent_sockets_inherit(struct parent_sockets *sockets, struct error *err)
{
	return activation_take(sockets->inherited, &sockets->inherited_count,
	    &sockets->is_lent, err);
}

static int
take_port(struct parent_sockets *sockets, const struct config *config,
    int64_t port)
{
	for (size_t i = 0; i < sockets->inherited_count; i++) {
		int fd = sockets->inherited[i];

		if (fd < 0 ||
		    !socket_is_at(fd, config->host.address, (uint16_t)port))
			continue;
		sockets->inherited[i] = -1;
		return fd;
	}
	return -1;
}

static int
take_control(struct parent_sockets *sockets, const struct config *config)
{
	for (size_t i = 0; i < sockets->inherited_count; i++) {
		int fd = sockets->inherited[i];

		if (fd < 0 || !socket_is_unix_at(fd, config->listen.control))
			continue;
		sockets->inherited[i] = -1;
		return fd;
	}
	return -1;
}

static void
close_rest(struct parent_sockets *sockets)
{
	for (size_t i = 0; i < sockets->inherited_count; i++)
		if (sockets->inherited[i] >= 0)
			close(sockets->inherited[i]);
	sockets->inherited_count = 0;
}

struct port {
	int *fd;
	int kinds; /* of the hosts that serve it */
	int64_t number;
};

static bool
is_served(const struct port *port, const struct config *config)
{
	return port->number != 0 && (config->host.kinds & port->kinds) != 0;
}

int
parent_sockets_bind(struct parent_sockets *sockets, const struct config *config,
    struct error *err)
{
	const struct port ports[] = {
		{ &sockets->hosts_fd, CONFIG_CENTER | CONFIG_MANAGEMENT,
		    config->listen.hosts_port },
		{ &sockets->people_fd, CONFIG_GATEWAY | CONFIG_MANAGEMENT,
		    config->listen.people_port },
		{ &sockets->operators_fd, CONFIG_GATEWAY | CONFIG_MANAGEMENT,
		    config->listen.operators_port },
	};

	for (size_t i = 0; i < ARRAY_LEN(ports); i++)
		if (is_served(&ports[i], config))
			*ports[i].fd =
			    take_port(sockets, config, ports[i].number);
	sockets->control_fd = take_control(sockets, config);
	close_rest(sockets);
	for (size_t i = 0; i < ARRAY_LEN(ports); i++)
		if (is_served(&ports[i], config) && *ports[i].fd < 0 &&
		    socket_listen(config->host.address,
			(uint16_t)ports[i].number, ports[i].fd, err) < 0)
			return -1;
	if (sockets->control_fd >= 0)
		return 0;
	return socket_listen_unix(config->listen.control, &sockets->control_fd,
	    err);
}

size_t
parent_sockets_list(const struct parent_sockets *sockets,
    int ret_fds[PARENT_SOCKETS_MAX])
{
	const int fds[PARENT_SOCKETS_MAX] = { sockets->hosts_fd,
		sockets->people_fd, sockets->operators_fd,
		sockets->control_fd };
	size_t count = 0;

	for (size_t i = 0; i < ARRAY_LEN(fds); i++)
		if (fds[i] >= 0)
			ret_fds[count++] = fds[i];
	return count;
}

void
parent_sockets_close(struct parent_sockets *sockets,
    const struct config *config)
{
	close_rest(sockets);
	if (sockets->control_fd >= 0) {
		if (!sockets->is_lent)
			unlink(config->listen.control);
		close(sockets->control_fd);
	}
	if (sockets->hosts_fd >= 0)
		close(sockets->hosts_fd);
	if (sockets->people_fd >= 0)
		close(sockets->people_fd);
	if (sockets->operators_fd >= 0)
		close(sockets->operators_fd);
}
