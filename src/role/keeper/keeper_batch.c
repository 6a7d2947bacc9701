/*
 * Many statements under one signature.  The keeper gets the statements
 * themselves, not their root: it looks at each as at one that is signed alone,
 * and makes the tree, or the list of packages, and what is signed itself.
 */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "crypto/merkle.h"
#include "crypto/sha256.h"
#include "crypto/signed.h"
#include "envelope/batch.h"
#include "package/package_batch.h"
#include "role/keeper/keeper_internal.h"
#include "role/keeper/keeper_policy.h"

static int
denied(struct error *err, const char *what)
{
	return error_set_id(err, "E3307", ERROR_DENIED, "a batch %s", what);
}

static bool
is_batched(enum keeper_kind kind)
{
	return kind == KEEPER_WAYBILL || kind == KEEPER_ACT ||
	    kind == KEEPER_PACKAGE;
}

static enum batch_type
type_of(enum keeper_kind kind)
{
	return kind == KEEPER_WAYBILL ? BATCH_WAYBILL : BATCH_ACT;
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

/* A leaf of the tree; of a package, the digest of its manifest. */
static struct digest
leaf_of(enum keeper_kind kind, const struct blob *statement)
{
	struct digest digest;

	if (kind != KEEPER_PACKAGE)
		return batch_leaf(type_of(kind), statement->data,
		    statement->len);
	sha256(statement->data, statement->len, &digest);
	return digest;
}

static size_t
count_max(enum keeper_kind kind)
{
	return kind == KEEPER_PACKAGE ? PACKAGE_BATCH_ITEMS_MAX
				      : BATCH_ITEMS_MAX;
}

/* The leaves of all statements, each of which may be signed. */
static int
take_leaves(const struct keeper *keeper,
    const struct message_sign_batch *request, struct digest *leaves,
    size_t *ret_count, struct error *err)
{
	enum keeper_kind kind = (enum keeper_kind)request->kind;
	struct blob list = request->statements;
	struct message_statement item;
	size_t count = 0;
	int more;

	while ((more = codec_next(message_fields(MESSAGE_STATEMENT), &list,
		    &item, err)) > 0) {
		if (count == count_max(kind))
			return denied(err, "has too many statements");
		if (item.statement.len > BATCH_STATEMENT_MAX)
			return denied(err, "has a statement that is too long");
		if (keeper_policy_check(kind, request->key, keeper->environment,
			&item.statement, err) < 0)
			return -1;
		leaves[count++] = leaf_of(kind, &item.statement);
	}
	if (more < 0)
		return -1;
	if (count == 0)
		return denied(err, "of nothing");
	*ret_count = count;
	return 0;
}

/* What is signed: the batch, or the list of manifests. */
static int
put_content(const struct keeper *keeper, enum keeper_kind kind,
    const struct digest *leaves, size_t count, struct bytes *to,
    struct error *err)
{
	struct batch batch = { .type = type_of(kind),
		.count = (uint32_t)count };

	if (kind == KEEPER_PACKAGE) {
		package_batch_put_list(keeper->environment, leaves, count, to);
		return bytes_failed(to, err);
	}
	if (!text_copy(batch.environment, sizeof(batch.environment),
		keeper->environment))
		return error_set(err, ERROR_SYSTEM,
		    "the environment is too long");
	batch.root = merkle_root(leaves, count);
	return batch_encode(&batch, to, err);
}

static int
make_content(const struct keeper *keeper,
    const struct message_sign_batch *request, struct bytes *content,
    struct error *err)
{
	struct digest *leaves = calloc(BATCH_ITEMS_MAX, sizeof(*leaves));
	size_t count;
	int rc = -1;

	if (leaves == NULL)
		return error_set_memory(err);
	if (take_leaves(keeper, request, leaves, &count, err) == 0 &&
	    put_content(keeper, (enum keeper_kind)request->kind, leaves, count,
		content, err) == 0)
		rc = check_distinct(leaves, count, err);
	free(leaves);
	return rc;
}

static int
sign(struct keeper_key *key, enum keeper_kind kind, const struct bytes *content,
    int64_t time, struct bytes *signature, struct error *err)
{
	struct signer signer = signer_of(key->cert, key->key);
	struct digest digest;

	if (kind != KEEPER_PACKAGE)
		return signed_make(&signer, 1, content->data, content->len,
		    time, signature, err);
	sha256(content->data, content->len, &digest);
	return signed_make_detached(&signer, 1, &digest, time, signature, err);
}

int
keeper_sign_batch(struct keeper *keeper,
    const struct message_sign_batch *request, struct bytes *signature,
    struct error *err)
{
	struct keeper_key *key = keeper_keys_find(&keeper->keys, request->key);
	enum keeper_kind kind = (enum keeper_kind)request->kind;
	struct bytes content = { 0 };
	int rc = -1;

	if (keeper_module_check(&keeper->module, err) < 0)
		return -1;
	if (!is_batched(kind))
		return denied(err, "of a kind that is signed one by one");
	if (make_content(keeper, request, &content, err) < 0)
		;
	else if (key == NULL)
		error_set_id(err, "E3301", ERROR_NOT_FOUND,
		    "no key %s is configured", request->key);
	else if (keeper_count_use(keeper, key, err) == 0)
		rc = sign(key, kind, &content, request->time, signature, err);
	bytes_free(&content);
	return rc;
}
