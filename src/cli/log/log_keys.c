#include "cli/log/log_keys.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "cli/offline.h"
#include "crypto/cert.h"
#include "directory/directory_network.h"
#include "envelope/statement.h"
#include "role/verifier/verify.h"

enum { NETWORKS_MAX = 512 };

static int
read_key(const struct directory_center *center, struct leaves_log_key *key,
    struct error *err)
{
	struct cert *cert = NULL;
	int rc = cert_parse(center->log, center->log_len, &cert, err);

	memset(key, 0, sizeof(*key));
	if (rc == 0 &&
	    (!cert_ed25519(cert, key->public_key) ||
		!text_copy(key->origin, sizeof(key->origin), center->origin)))
		rc = error_set_id(err, "E3405", ERROR_UNTRUSTED,
		    "the log key of %s is not Ed25519", center->name);
	cert_free(cert);
	return rc;
}

static int
add_key(const struct directory_center *center, struct leaves_log_key *keys,
    size_t max, size_t *count, struct error *err)
{
	struct leaves_log_key key;

	if (center->log_len == 0)
		return 0;
	if (read_key(center, &key, err) < 0)
		return -1;
	for (size_t i = 0; i < *count; i++)
		if (memcmp(&keys[i], &key, sizeof(key)) == 0)
			return 0;
	if (*count == max)
		return error_set(err, ERROR_DENIED, "more than %zu log keys",
		    max);
	keys[(*count)++] = key;
	return 0;
}

/* Centers, and management where it keeps a log. */
static int
add_keys(const struct directory *directory, const char *name,
    struct leaves_log_key *keys, size_t max, size_t *count, struct error *err)
{
	size_t centers = directory_center_count(directory);
	size_t all = centers + directory_management_count(directory);

	for (size_t k = 0; k < all; k++) {
		struct directory_center host = k < centers
		    ? directory_center_at(directory, (uint32_t)k)
		    : directory_management_at(directory,
			  (uint32_t)(k - centers));

		if ((name == NULL || text_equal(host.name, name)) &&
		    add_key(&host, keys, max, count, err) < 0)
			return -1;
	}
	return 0;
}

int
log_keys_find(struct offline *offline, const char *name, int64_t now,
    struct leaves_log_key *keys, size_t max, size_t *ret_count,
    struct error *err)
{
	uint64_t networks[NETWORKS_MAX];
	size_t network_count =
	    offline_serials(offline, BULLETIN_NETWORK, networks, NETWORKS_MAX);

	*ret_count = 0;
	for (size_t i = 0; i < network_count; i++) {
		const struct statement_serials serials = { UINT64_MAX,
			UINT64_MAX, networks[i], UINT64_MAX };
		const struct directory *directory;

		if (offline_select(offline, &serials, now, err) < 0)
			return -1;
		directory = offline_context(offline)->directory;
		if (add_keys(directory, name, keys, max, ret_count, err) < 0)
			return -1;
	}
	return 0;
}
