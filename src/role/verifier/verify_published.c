/*
 * Whether a bulletin is an entry of management's log under a checkpoint that
 * enough witnesses cosigned; and, for who is a witness, the timestamp that a
 * checkpoint of that log must end with.
 */
#include "role/verifier/verify.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "bulletin/log_entry.h"
#include "bulletin/root.h"
#include "directory/directory_network.h"
#include "envelope/receipt.h"
#include "log/epoch.h"

const struct directory_center *
verify_find_management_log(const struct verify_context *context,
    const char *origin, struct directory_center *ret_management)
{
	size_t count = context->directory != NULL
	    ? directory_management_count(context->directory)
	    : 0;

	for (uint32_t i = 0; i < count; i++) {
		*ret_management =
		    directory_management_at(context->directory, i);
		if (ret_management->log_len > 0 &&
		    (origin == NULL ||
			epoch_is_of(origin, ret_management->origin)))
			return ret_management;
	}
	return NULL;
}

static int
not_shown(const struct bulletin *bulletin, const char *why, struct error *err)
{
	return error_set_id(err, "E3611", ERROR_UNTRUSTED,
	    "bulletin %s %s %llu: %s", bulletin_type_name(bulletin->type),
	    bulletin->name, (unsigned long long)bulletin->serial, why);
}

/* The entry is of this bulletin and no other. */
static int
check_entry(const struct receipt *receipt, const struct bulletin *bulletin,
    struct error *err)
{
	struct log_entry_published entry;

	if (log_entry_read_published(receipt->statement,
		strlen(receipt->statement), &entry, err) < 0)
		return -1;
	if (entry.type != bulletin->type || entry.serial != bulletin->serial ||
	    !text_equal(entry.name, bulletin->name) ||
	    !text_equal(entry.environment, bulletin->environment) ||
	    !digest_equal(&entry.sha256, &bulletin->digest))
		return not_shown(bulletin, "the receipt is of another one",
		    err);
	return 0;
}

/* The path leads to a checkpoint of `size` records with this root. */
static int
check_path(const struct receipt *receipt, const struct bulletin *bulletin,
    uint64_t size, const struct digest *root, struct error *err)
{
	struct digest found;

	if (!receipt_root(receipt, size, &found) || !digest_equal(&found, root))
		return not_shown(bulletin,
		    "its path leads to another checkpoint", err);
	if (bulletin->type == BULLETIN_TIMESTAMP && receipt->index + 1 != size)
		return not_shown(bulletin,
		    "the checkpoint does not end with it", err);
	return 0;
}

static int
check_cosigned(const struct verify_context *context, const struct root *root,
    const struct receipt *receipt, const struct bulletin *bulletin,
    struct message_cosigned *ret_cosigned, struct error *err)
{
	struct blob note =
	    blob_of(receipt->checkpoint, strlen(receipt->checkpoint));
	struct directory_center management;

	if (verify_cosigned(context, root, &note, ret_cosigned, err) < 0)
		return -1;
	if (verify_find_management_log(context, ret_cosigned->origin,
		&management) == NULL)
		return not_shown(bulletin, "the log is not management's", err);
	if (ret_cosigned->authorities == 0 ||
	    ret_cosigned->authorities < root->quorum)
		return not_shown(bulletin,
		    "too few witnesses cosigned its checkpoint", err);
	return 0;
}

int
verify_published(const struct verify_context *context, const struct root *root,
    const struct blob *json, const struct bulletin *bulletin,
    int64_t *ret_witnessed_at, struct error *err)
{
	struct receipt receipt = { 0 };
	struct message_cosigned cosigned;
	int rc = -1;

	if (json->len == 0)
		return not_shown(bulletin, "no receipt came with it", err);
	if (json->len <= RECEIPT_MAX &&
	    receipt_decode(json->data, json->len, &receipt, err) == 0 &&
	    check_entry(&receipt, bulletin, err) == 0 &&
	    check_cosigned(context, root, &receipt, bulletin, &cosigned, err) ==
		0 &&
	    check_path(&receipt, bulletin, cosigned.size, &cosigned.root,
		err) == 0) {
		*ret_witnessed_at = cosigned.time;
		rc = 0;
	} else if (json->len > RECEIPT_MAX) {
		not_shown(bulletin, "the receipt is too long", err);
	}
	receipt_free(&receipt);
	return rc;
}

/* ---- for witnesses --------------------------------------------------- */

/* By the key that the root names, and nothing but a timestamp. */
static int
open_timestamp(const struct verify_context *context, const struct root *root,
    const struct blob *cms, struct bulletin *ret_bulletin, struct error *err)
{
	const struct bulletin_role *role =
	    root != NULL ? root_role_of(root, BULLETIN_TIMESTAMP, "") : NULL;

	if (role == NULL)
		return error_set_id(err, "E3410", ERROR_BUSY, "no root yet");
	if (bulletin_verify(context->certs, cms->data, cms->len, role,
		ret_bulletin, err) < 0)
		return -1;
	if (ret_bulletin->type == BULLETIN_TIMESTAMP &&
	    text_equal(ret_bulletin->environment, context->environment))
		return 0;
	not_shown(ret_bulletin, "not a timestamp of this environment", err);
	bulletin_free(ret_bulletin);
	return -1;
}

int
verify_stated(const struct verify_context *context, const struct root *root,
    const struct verify_stated *stated, uint64_t size,
    const struct digest *tree_root, struct bytes *json, struct error *err)
{
	struct bulletin bulletin = { .serial = 0 };
	struct receipt receipt = { 0 };
	int rc = -1;

	if (stated->cms.len == 0)
		return error_set_id(err, "E3612", ERROR_UNTRUSTED,
		    "management's checkpoint shows no timestamp");
	if (open_timestamp(context, root, &stated->cms, &bulletin, err) == 0 &&
	    receipt_decode(stated->receipt.data, stated->receipt.len, &receipt,
		err) == 0 &&
	    check_entry(&receipt, &bulletin, err) == 0 &&
	    check_path(&receipt, &bulletin, size, tree_root, err) == 0) {
		bytes_put(json, bulletin.json.data, bulletin.json.len);
		rc = bytes_failed(json, err);
	}
	receipt_free(&receipt);
	bulletin_free(&bulletin);
	return rc;
}
