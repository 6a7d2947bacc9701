#include "envelope/binding.h"

#include "base/error.h"
#include "base/text.h"
#include "crypto/merkle.h"
#include "crypto/secret.h"
#include "crypto/sha256.h"
#include "envelope/act.h"
#include "envelope/keypart.h"
#include "envelope/leaf.h"
#include "envelope/waybill.h"

static int
refuse(struct error *err, const char *id, const char *what)
{
	return error_set_id(err, id, ERROR_UNTRUSTED, "%s", what);
}

int
binding_check_place(const struct waybill *waybill, const char *environment,
    const char *center, struct error *err)
{
	if (!text_equal(waybill->head.environment, environment))
		return refuse(err, "E3120", "waybill of another environment");
	if (center != NULL && !text_equal(waybill->head.center, center))
		return refuse(err, "E3120", "waybill for another center");
	return 0;
}

int
binding_check_content(const struct waybill *waybill,
    const struct digest *content, uint64_t len, struct error *err)
{
	if (len != waybill->content_len ||
	    !digest_equal(content, &waybill->content))
		return refuse(err, "E3121",
		    "content part is not the one of the waybill");
	return 0;
}

int
binding_check_leaves(const struct waybill *waybill,
    const struct digest *leaf_hashes, size_t count, struct error *err)
{
	struct digest root = merkle_root(leaf_hashes, count);

	if (count != waybill->count || !digest_equal(&root, &waybill->root))
		return refuse(err, "E3122",
		    "recipients are not those of the waybill");
	return 0;
}

int
binding_check_leaf(const struct waybill *waybill,
    const struct digest *leaf_hash, uint64_t index, const struct digest *path,
    size_t path_count, struct error *err)
{
	struct digest root;

	if (!merkle_root_of_path(leaf_hash, index, waybill->count, path,
		path_count, &root) ||
	    !digest_equal(&root, &waybill->root))
		return refuse(err, "E3122",
		    "recipient is not one of the waybill's");
	return 0;
}

int
binding_check_key_part(const struct leaf *leaf, const void *key_part,
    size_t len, struct error *err)
{
	struct digest digest;

	sha256(key_part, len, &digest);
	if (!digest_equal(&digest, &leaf->key_part))
		return refuse(err, "E3123",
		    "key part is not the one of the waybill");
	return 0;
}

int
binding_check_opened(const struct waybill *waybill, const struct leaf *leaf,
    const struct keypart *part, struct error *err)
{
	struct digest commitment = keypart_commitment(part);

	if (!digest_equal(&part->head, &waybill->head_digest))
		return refuse(err, "E3124", "key part of another waybill");
	if (!org_code_equal(&part->recipient, &leaf->recipient))
		return refuse(err, "E3124", "key part for another recipient");
	if (!secret_equal(&commitment, &waybill->commitment,
		sizeof(commitment)))
		return refuse(err, "E3124",
		    "key is not the one that the waybill commits to");
	return 0;
}

int
binding_check_package(const struct keypart *part, const struct digest *package,
    struct error *err)
{
	if (!digest_equal(package, &part->package))
		return refuse(err, "E3125",
		    "package is not the one that the waybill commits to");
	return 0;
}

int
binding_check_act(const struct waybill *waybill, const struct leaf *leaf,
    const struct digest *leaf_hash, const struct act *act, struct error *err)
{
	if (!text_equal(act->environment, waybill->head.environment))
		return refuse(err, "E3126", "act of another environment");
	if (!digest_equal(&act->waybill, &waybill->digest) ||
	    !id_equal(&act->waybill_id, &waybill->head.waybill_id) ||
	    !digest_equal(&act->content, &waybill->content))
		return refuse(err, "E3126", "act on another waybill");
	if (!digest_equal(&act->leaf, leaf_hash) ||
	    !org_code_equal(&act->recipient, &leaf->recipient))
		return refuse(err, "E3126", "act of another recipient");
	return 0;
}
