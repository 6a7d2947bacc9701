#include "role/host_identity.h"

#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "http/tls.h"
#include "role/keeper/keeper_file.h"
#include "service/config.h"

enum { PEM_MAX = 65536 };

/* Both parts are found in the same text, whatever their order. */
static int
read_pem(const struct config *config, const char *name, struct bytes *pem,
    struct tls_identity *ret_identity, struct error *err)
{
	const char *source = config_key_source(config, name);

	if (source == NULL || !text_starts(source, "file:"))
		return error_set_id(err, "E6207", ERROR_MALFORMED,
		    "[keeper] key.%s must be file:/path of key and "
		    "certificate",
		    name);
	if (keeper_file_read(source + strlen("file:"), PEM_MAX, pem, err) < 0)
		return -1;
	ret_identity->cert_pem = ret_identity->key_pem =
	    (const char *)pem->data;
	ret_identity->cert_len = ret_identity->key_len = pem->len;
	return 0;
}

int
host_identity_server(const struct config *config, struct tls **ret_tls,
    struct error *err)
{
	struct tls_identity identity;
	struct bytes pem = { 0 };
	int rc = -1;

	if (read_pem(config, "tls", &pem, &identity, err) == 0)
		rc = tls_server_new(&identity, TLS_PEER_REQUIRED, ret_tls, err);
	bytes_wipe(&pem);
	return rc;
}

int
host_identity_people(const struct config *config, struct tls **ret_tls,
    struct error *err)
{
	bool has_web = config_key_source(config, "web") != NULL;
	struct tls_identity identity;
	struct bytes pem = { 0 };
	int rc = -1;

	if (read_pem(config, has_web ? "web" : "tls", &pem, &identity, err) ==
	    0)
		rc = tls_server_new(&identity, TLS_PEER_ASKED, ret_tls, err);
	if (rc == 0)
		tls_allow_http1(*ret_tls);
	bytes_wipe(&pem);
	return rc;
}

int
host_identity_client(const struct config *config, struct tls **ret_tls,
    struct error *err)
{
	struct tls_identity identity;
	struct bytes pem = { 0 };
	int rc = -1;

	if (read_pem(config, "tls", &pem, &identity, err) == 0)
		rc = tls_client_new(&identity, ret_tls, err);
	bytes_wipe(&pem);
	return rc;
}
