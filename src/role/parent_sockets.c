#include "role/parent_sockets.h"

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
take_hosts(struct parent_sockets *sockets, const struct config *config)
{
	for (size_t i = 0; i < sockets->inherited_count; i++) {
		int fd = sockets->inherited[i];

		if (fd < 0 ||
		    !socket_is_at(fd, config->host.address,
			(uint16_t)config->listen.hosts_port))
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

int
parent_sockets_bind(struct parent_sockets *sockets, const struct config *config,
    struct error *err)
{
	bool has_hosts = config_has_kind(config, CONFIG_CENTER) ||
	    config_has_kind(config, CONFIG_MANAGEMENT);

	if (has_hosts)
		sockets->hosts_fd = take_hosts(sockets, config);
	sockets->control_fd = take_control(sockets, config);
	close_rest(sockets);
	if (has_hosts && sockets->hosts_fd < 0 &&
	    socket_listen(config->host.address,
		(uint16_t)config->listen.hosts_port, &sockets->hosts_fd,
		err) < 0)
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
	size_t count = 0;

	if (sockets->hosts_fd >= 0)
		ret_fds[count++] = sockets->hosts_fd;
	if (sockets->control_fd >= 0)
		ret_fds[count++] = sockets->control_fd;
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
}
