/*
 * Many statements under one signature.  The keeper gets the statements
 * themselves, not their root: it looks at each as at one that is signed alone,
 * and makes the tree and what is signed itself.
 */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "crypto/merkle.h"
#include "crypto/signed.h"
#include "envelope/batch.h"
#include "role/keeper/keeper_internal.h"
#include "role/keeper/keeper_policy.h"

static int
denied(struct error *err, const char *what)
{
	return error_set_id(err, "E3307", ERROR_DENIED, "a batch %s", what);
}

static int
type_of(uint8_t kind, enum batch_type *ret_type, struct error *err)
{
	if (kind == KEEPER_WAYBILL)
		*ret_type = BATCH_WAYBILL;
	else if (kind == KEEPER_ACT)
		*ret_type = BATCH_ACT;
	else
		return denied(err, "of a kind that is signed one by one");
	return 0;
}

static int
compare(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct digest));
}

/* Sorts them.  A statement that stands there twice is somebody's mistake. */
static int
check_distinct(struct digest *leaves, size_t count, struct error *err)
{
	qsort(leaves, count, sizeof(*leaves), compare);
	for (size_t i = 1; i < count; i++)
		if (digest_equal(&leaves[i - 1], &leaves[i]))
			return denied(err, "has a statement twice");
	return 0;
}

static int
make_batch(const struct keeper *keeper,
    const struct message_sign_batch *request, struct digest *leaves,
    struct batch *batch, struct error *err)
{
	struct blob list = request->statements;
	struct message_statement item;
	int more;

	batch->count = 0;
	while ((more = codec_next(message_fields(MESSAGE_STATEMENT), &list,
		    &item, err)) > 0) {
		if (batch->count == BATCH_ITEMS_MAX)
			return denied(err, "has too many statements");
		if (item.statement.len > BATCH_STATEMENT_MAX)
			return denied(err, "has a statement that is too long");
		if (keeper_policy_check((enum keeper_kind)request->kind,
			request->key, keeper->environment, &item.statement,
			err) < 0)
			return -1;
		leaves[batch->count++] = batch_leaf(batch->type,
		    item.statement.data, item.statement.len);
	}
	if (more < 0)
		return -1;
	if (batch->count == 0)
		return denied(err, "of nothing");
	batch->root = merkle_root(leaves, batch->count);
	return check_distinct(leaves, batch->count, err);
}

static int
sign(struct keeper_key *key, const struct batch *batch, int64_t time,
    struct bytes *signature, struct error *err)
{
	struct signer signer = signer_of(key->cert, key->key);
	struct bytes json = { 0 };
	int rc = -1;

	if (batch_encode(batch, &json, err) == 0)
		rc = signed_make(&signer, 1, json.data, json.len, time,
		    signature, err);
	bytes_free(&json);
	return rc;
}

int
keeper_sign_batch(struct keeper *keeper,
    const struct message_sign_batch *request, struct bytes *signature,
    struct error *err)
{
	struct keeper_key *key = keeper_keys_find(&keeper->keys, request->key);
	struct digest *leaves = calloc(BATCH_ITEMS_MAX, sizeof(*leaves));
	struct batch batch = { .type = BATCH_WAYBILL };
	int rc = -1;

	if (leaves == NULL)
		return error_set_memory(err);
	if (keeper_module_check(&keeper->module, err) < 0)
		;
	else if (!text_copy(batch.environment, sizeof(batch.environment),
		     keeper->environment))
		error_set(err, ERROR_SYSTEM, "the environment is too long");
	else if (type_of(request->kind, &batch.type, err) == 0 &&
	    make_batch(keeper, request, leaves, &batch, err) == 0)
		rc = 0;
	free(leaves);
	if (rc < 0)
		return -1;
	if (key == NULL)
		return error_set_id(err, "E3301", ERROR_NOT_FOUND,
		    "no key %s is configured", request->key);
	if (keeper_count_use(keeper, key, err) < 0)
		return -1;
	return sign(key, &batch, request->time, signature, err);
}
