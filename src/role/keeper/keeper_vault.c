#include "role/keeper/keeper_vault.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "crypto/random.h"
#include "crypto/secret.h"
#include "crypto/stream.h"
#include "role/keeper/keeper_file.h"

/* Binds what is sealed to this purpose and version. */
static const char label[] = "yizhan-kept-1";

enum { OVERHEAD = STREAM_HEADER_LEN + STREAM_TAG_LEN };

struct keeper_vault {
	struct secret_key key;
	struct stream *stream;
};

static int
make_key(const char *path, struct secret_key *key, struct error *err)
{
	if (random_fill(key->bytes, sizeof(key->bytes), err) < 0)
		return -1;
	return keeper_file_create(path, key->bytes, sizeof(key->bytes), err);
}

static int
read_key(const char *path, struct secret_key *key, struct error *err)
{
	struct bytes data = { 0 };
	int rc = keeper_file_read(path, sizeof(key->bytes), &data, err);

	if (rc < 0 && err->code == ERROR_NOT_FOUND) {
		rc = make_key(path, key, err);
	} else if (rc == 0 && data.len != sizeof(key->bytes)) {
		rc = error_set_id(err, "E3310", ERROR_MALFORMED,
		    "%s is not %zu bytes", path, sizeof(key->bytes));
	} else if (rc == 0) {
		memcpy(key->bytes, data.data, sizeof(key->bytes));
	}
	bytes_wipe(&data);
	return rc;
}

int
keeper_vault_open(const char *path, struct keeper_vault **ret_vault,
    struct error *err)
{
	struct keeper_vault *vault = calloc(1, sizeof(*vault));

	if (vault == NULL)
		return error_set_memory(err);
	if (stream_new(NULL, &vault->stream, err) < 0 ||
	    read_key(path, &vault->key, err) < 0) {
		keeper_vault_close(vault);
		return -1;
	}
	*ret_vault = vault;
	return 0;
}

void
keeper_vault_close(struct keeper_vault *vault)
{
	if (vault == NULL)
		return;
	stream_free(vault->stream);
	secret_wipe(vault, sizeof(*vault));
	free(vault);
}

static int
put_output(void *context, const uint8_t *data, size_t len, struct error *err)
{
	struct bytes *out = context;

	bytes_put(out, data, len);
	return bytes_failed(out, err);
}

int
keeper_vault_seal(struct keeper_vault *vault, const void *secret, size_t len,
    struct bytes *sealed, struct error *err)
{
	if (len > KEEPER_SECRET_MAX)
		return error_set_id(err, "E3307", ERROR_DENIED,
		    "a secret of %zu bytes is not kept", len);
	if (stream_begin_encrypt(vault->stream, &vault->key, label,
		sizeof(label) - 1, put_output, sealed, err) < 0 ||
	    stream_push(vault->stream, secret, len, err) < 0)
		return -1;
	return stream_finish(vault->stream, err);
}

int
keeper_vault_unseal(struct keeper_vault *vault, const void *sealed, size_t len,
    struct bytes *secret, struct error *err)
{
	if (len < OVERHEAD || len > KEEPER_SECRET_MAX + OVERHEAD)
		return error_set_id(err, "E3311", ERROR_UNTRUSTED,
		    "%zu bytes are no kept secret", len);
	if (stream_begin_decrypt(vault->stream, &vault->key, label,
		sizeof(label) - 1, put_output, secret, err) < 0 ||
	    stream_push(vault->stream, sealed, len, err) < 0 ||
	    stream_finish(vault->stream, err) < 0)
		return error_set_id(err, "E3311", ERROR_UNTRUSTED,
		    "the secret was not sealed with this storage key");
	return 0;
}
