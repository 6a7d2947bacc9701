#include "directory/directory_network.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "directory/directory.h"
#include "directory/directory_internal.h"

/* ---- hosts -------------------------------------------------------------- */

size_t
directory_host_count(const struct directory *directory)
{
	return directory->count[IMAGE_HOSTS];
}

struct directory_host
directory_host_at(const struct directory *directory, uint32_t index)
{
	const struct image_host *host = &directory->hosts[index];

	return (struct directory_host){
		.name = directory->strings + host->name,
		.center = directory->strings + host->center,
		.address = directory->strings + host->address,
		.index = index,
		.code_count = host->code_count,
	};
}

bool
directory_find_host(const struct directory *directory,
    const struct digest *fingerprint, const char *center,
    struct directory_host *ret_host)
{
	struct image_owner owner;
	uint32_t cert;

	if (!directory_find_cert(directory, fingerprint, &cert) ||
	    !directory_find_host_of(directory, cert, center, &owner))
		return false;
	*ret_host = directory_host_at(directory, owner.index);
	return true;
}

struct org_code
directory_host_code_at(const struct directory *directory,
    const struct directory_host *host, uint32_t index)
{
	return directory
	    ->codes[directory->hosts[host->index].first_code + index];
}

static int
compare_codes(const void *a, const void *b)
{
	const struct org_code *left = a;
	const struct org_code *right = b;

	return strcmp(left->text, right->text);
}

bool
directory_host_serves(const struct directory *directory,
    const struct directory_host *host, const struct org_code *code)
{
	const struct image_host *of = &directory->hosts[host->index];

	return bsearch(code, directory->codes + of->first_code, of->code_count,
		   sizeof(*code), compare_codes) != NULL;
}

bool
directory_host_receives(const struct directory *directory,
    const struct directory_host *host, const struct org_code *code)
{
	struct directory_org receiver;
	struct directory_key seal;

	return directory_host_serves(directory, host, code) ||
	    (directory_find_receiver(directory, code, &receiver, &seal) &&
		directory_host_serves(directory, host, &receiver.code));
}

/* ---- centers and management --------------------------------------------- */

static struct directory_center
center_of(const struct directory *directory, const struct image_center *center,
    uint32_t index)
{
	struct directory_center found = {
		.name = directory->strings + center->name,
		.address = directory->strings + center->address,
		.port = center->port,
		.kind = (enum center_kind)center->kind,
		.conformance = (enum center_conformance)center->conformance,
		.origin = directory->strings + center->origin,
		.begins =
		    (uint64_t)center->begins_high << 32 | center->begins_low,
		.index = index,
		.tls_count = center->tls_count,
	};

	if (center->log != UINT32_MAX) {
		const struct image_cert *log = &directory->certs[center->log];

		found.log = directory->der + log->der;
		found.log_len = log->len;
	}
	return found;
}

static struct digest
tls_of(const struct directory *directory, const struct image_center *center,
    uint32_t index)
{
	uint32_t cert = directory->tls[center->first_tls + index];

	return directory->certs[cert].fingerprint;
}

size_t
directory_center_count(const struct directory *directory)
{
	return directory->count[IMAGE_CENTERS];
}

struct directory_center
directory_center_at(const struct directory *directory, uint32_t index)
{
	return center_of(directory, &directory->centers[index], index);
}

bool
directory_find_center(const struct directory *directory, const char *name,
    struct directory_center *ret_center)
{
	size_t low = 0;
	size_t high = directory->count[IMAGE_CENTERS];

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int order = strcmp(name,
		    directory->strings + directory->centers[mid].name);

		if (order == 0) {
			*ret_center =
			    directory_center_at(directory, (uint32_t)mid);
			return true;
		}
		if (order > 0)
			low = mid + 1;
		else
			high = mid;
	}
	return false;
}

struct digest
directory_center_tls_at(const struct directory *directory,
    const struct directory_center *center, uint32_t index)
{
	return tls_of(directory, &directory->centers[center->index], index);
}

size_t
directory_management_count(const struct directory *directory)
{
	return directory->count[IMAGE_MANAGEMENT];
}

struct directory_center
directory_management_at(const struct directory *directory, uint32_t index)
{
	return center_of(directory, &directory->management[index], index);
}

struct digest
directory_management_tls_at(const struct directory *directory,
    const struct directory_center *management, uint32_t index)
{
	return tls_of(directory, &directory->management[management->index],
	    index);
}

/* ---- callers ------------------------------------------------------------ */

/* An address as 16 bytes; IPv4 as the IPv6 addresses that map it. */
static bool
parse_address(const char *text, uint8_t to[16])
{
	static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff,
		0xff };

	memcpy(to, mapped, sizeof(mapped));
	return inet_pton(AF_INET, text, to + 12) == 1 ||
	    inet_pton(AF_INET6, text, to) == 1;
}

static bool
is_same_address(const char *a, const char *b)
{
	uint8_t left[16];
	uint8_t right[16];

	return parse_address(a, left) && parse_address(b, right) &&
	    memcmp(left, right, sizeof(left)) == 0;
}

struct directory_caller
directory_identify(const struct directory *directory,
    const struct digest *fingerprint, const char *address, const char *home)
{
	struct directory_caller caller = { .kind = HOST_UNKNOWN, .name = "" };
	const char *registered = "";
	struct image_owner owner;
	uint32_t cert;

	if (!directory_find_cert(directory, fingerprint, &cert))
		return caller;
	if (directory_find_owner_of(directory, cert, DIRECTORY_OWNER_CENTER,
		&owner)) {
		struct directory_center center =
		    directory_center_at(directory, owner.index);

		caller.kind = HOST_CENTER;
		caller.name = center.name;
		registered = center.address;
	} else if (directory_find_owner_of(directory, cert,
		       DIRECTORY_OWNER_MANAGEMENT, &owner)) {
		struct directory_center management =
		    directory_management_at(directory, owner.index);

		caller.kind = HOST_MANAGEMENT;
		caller.name = management.name;
		registered = management.address;
	} else if (directory_find_host_of(directory, cert, home, &owner)) {
		caller.kind = HOST_GATEWAY;
		caller.host = directory_host_at(directory, owner.index);
		caller.name = caller.host.name;
		registered = caller.host.address;
	}
	caller.address_matches = is_same_address(registered, address);
	return caller;
}
