#include "role/courier_target.h"

#include <netdb.h>
#include <string.h>
#include <sys/socket.h>

#include "base/error.h"
#include "base/text.h"
#include "directory/directory.h"
#include "service/config.h"

static const char scheme[] = "https://";

/* Host and port of "https://host:port/"; the port stays when none is named. */
static bool
split_url(const char *url, char *host, size_t size, uint16_t *port)
{
	const char *at = url + strlen(scheme);
	size_t len;
	uint64_t number;
	char digits[8];

	if (!text_starts(url, scheme))
		return false;
	if (*at == '[') {
		len = strcspn(++at, "]");
		if (at[len] != ']')
			return false;
	} else {
		len = strcspn(at, ":/");
	}
	if (len == 0 || !text_copy_len(host, size, at, len))
		return false;
	at += len + (at[len] == ']');
	if (*at != ':')
		return true;
	at++;
	if (!text_copy_len(digits, sizeof(digits), at, strcspn(at, "/")) ||
	    !text_parse_u64(digits, UINT16_MAX, &number))
		return false;
	*port = (uint16_t)number;
	return true;
}

static int
resolve(const char *name, char to[NET_HOST_SIZE], struct error *err)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *found = NULL;
	int rc = getaddrinfo(name, NULL, &hints, &found);

	if (rc == 0)
		rc = getnameinfo(found->ai_addr, found->ai_addrlen, to,
		    NET_HOST_SIZE, NULL, 0, NI_NUMERICHOST);
	if (found != NULL)
		freeaddrinfo(found);
	if (rc != 0)
		return error_set_id(err, "E6301", ERROR_BUSY,
		    "address of %s: %s", name, gai_strerror(rc));
	return 0;
}

int
courier_upstream_read(const struct config_peer *peer,
    struct courier_upstream *ret_upstream, struct error *err)
{
	struct courier_upstream upstream = { .name = peer->name,
		.port = (uint16_t)peer->port };
	char name[256] = "";

	if (peer->url[0] != '\0' &&
	    !split_url(peer->url, name, sizeof(name), &upstream.port))
		return error_set_id(err, "E6301", ERROR_BUSY,
		    "%s names no host", peer->url);
	upstream.has_fingerprint =
	    digest_parse(peer->fingerprint, &upstream.fingerprint);
	if (peer->address[0] != '\0') {
		upstream.port = (uint16_t)peer->port;
		text_copy(upstream.host, sizeof(upstream.host), peer->address);
	} else if (name[0] != '\0' && resolve(name, upstream.host, err) < 0) {
		return -1;
	}
	*ret_upstream = upstream;
	return 0;
}

static void
expect(struct courier_target *target, struct digest fingerprint)
{
	if (target->expected_count < HTTP_EXPECTED_MAX)
		target->expected[target->expected_count++] = fingerprint;
}

static bool
find_management(const struct directory *directory, unsigned attempt,
    struct courier_target *target)
{
	size_t count = directory_management_count(directory);
	struct directory_center found;

	if (count == 0)
		return false;
	found = directory_management_at(directory, (uint32_t)(attempt % count));
	target->port = found.port;
	for (uint32_t i = 0; i < found.tls_count; i++)
		expect(target,
		    directory_management_tls_at(directory, &found, i));
	return text_copy(target->host, sizeof(target->host), found.address);
}

static bool
find_center(const struct directory *directory, const char *name,
    struct courier_target *target)
{
	struct directory_center found;

	if (!directory_find_center(directory, name, &found))
		return false;
	target->port = found.port;
	for (uint32_t i = 0; i < found.tls_count; i++)
		expect(target, directory_center_tls_at(directory, &found, i));
	return text_copy(target->host, sizeof(target->host), found.address);
}

static bool
take_configured(const struct courier_upstream *upstream,
    struct courier_target *target)
{
	if (upstream->host[0] == '\0' || !upstream->has_fingerprint)
		return false;
	text_copy(target->host, sizeof(target->host), upstream->host);
	target->port = upstream->port;
	expect(target, upstream->fingerprint);
	return true;
}

int
courier_target_find(const struct courier_sources *sources, const char *peer,
    unsigned attempt, struct courier_target *ret_target, struct error *err)
{
	const struct directory *directory = sources->directory;
	const struct courier_upstream *center = &sources->center;
	bool is_management = text_equal(peer, "management");
	bool is_found = false;

	memset(ret_target, 0, sizeof(*ret_target));
	if (directory != NULL)
		is_found = is_management
		    ? find_management(directory, attempt, ret_target)
		    : find_center(directory, peer, ret_target);
	if (is_found)
		return 0;
	if (is_management)
		is_found = take_configured(&sources->management, ret_target);
	else if (center->name != NULL && text_equal(peer, center->name))
		is_found = take_configured(center, ret_target);
	if (!is_found)
		return error_set_id(err, "E6302", ERROR_NOT_FOUND,
		    "address and certificate of %s are not known", peer);
	return 0;
}

static bool
is_expected(const struct courier_target *target, const struct digest *digest)
{
	for (size_t i = 0; i < target->expected_count; i++)
		if (digest_equal(&target->expected[i], digest))
			return true;
	return false;
}

bool
courier_target_covers(const struct courier_target *target,
    const struct courier_target *former)
{
	if (!text_equal(target->host, former->host) ||
	    target->port != former->port)
		return false;
	for (size_t i = 0; i < former->expected_count; i++)
		if (!is_expected(target, &former->expected[i]))
			return false;
	return true;
}
