/* An image that opens can be asked anything without leaving it. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "directory/directory.h"
#include "directory/directory_search.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
ask_orgs(const struct directory *directory)
{
	uint32_t indices[4];
	size_t total;

	for (uint32_t i = 0; i < directory_org_count(directory); i++) {
		struct directory_org org = directory_org_at(directory, i);
		struct directory_org found;
		struct directory_key key;

		if (!directory_find_org(directory, &org.code, &found) ||
		    found.index != i)
			abort();
		if (directory_find_receiver(directory, &org.code, &found,
			&key) &&
		    key.certificate_len > 0 && key.certificate[0] == 0xff)
			total = 0;
		(void)directory_search(directory, org.name, 0, 4, indices,
		    &total);
	}
}

static void
ask_network(const struct directory *directory, const struct digest *fingerprint)
{
	struct directory_caller caller =
	    directory_identify(directory, fingerprint, "192.0.2.1", "center-a");
	struct directory_owner owner;

	for (uint32_t i = 0; i < caller.host.code_count; i++) {
		struct org_code code =
		    directory_host_code_at(directory, &caller.host, i);

		if (!directory_host_serves(directory, &caller.host, &code))
			abort();
	}
	(void)directory_find_owner(directory, fingerprint, &owner);
	for (uint32_t i = 0; i < directory_center_count(directory); i++) {
		struct directory_center center =
		    directory_center_at(directory, i);

		for (uint32_t t = 0; t < center.tls_count; t++)
			(void)directory_center_tls_at(directory, &center, t);
		if (!directory_find_center(directory, center.name, &center))
			abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct directory *directory = NULL;
	struct error err = { 0 };
	uint64_t *aligned = malloc(len + 8);

	if (aligned == NULL)
		return 0;
	memcpy(aligned, data, len);
	if (directory_open(aligned, len, &directory, &err) == 0) {
		struct digest digest = { { 0 } };

		ask_orgs(directory);
		for (size_t i = 0; i + DIGEST_LEN <= len; i += 8) {
			memcpy(digest.bytes, data + i, DIGEST_LEN);
			ask_network(directory, &digest);
		}
		directory_close(directory);
	}
	free(aligned);
	return 0;
}
