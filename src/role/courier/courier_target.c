#include "role/courier/courier_target.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "directory/directory.h"
#include "service/config.h"

void
courier_upstream_read(const struct config_peer *peer,
    struct courier_upstream *ret_upstream)
{
	struct courier_upstream upstream = { .name = peer->name,
		.port = (uint16_t)peer->port };

	upstream.has_fingerprint =
	    digest_parse(peer->fingerprint, &upstream.fingerprint);
	text_copy(upstream.host, sizeof(upstream.host), peer->address);
	*ret_upstream = upstream;
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
