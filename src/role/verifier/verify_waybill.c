#include "role/verifier/verify.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "crypto/merkle.h"
#include "crypto/sha256.h"
#include "crypto/signed.h"
#include "envelope/batch_open.h"
#include "envelope/binding.h"
#include "envelope/bundle.h"
#include "envelope/leaf.h"
#include "envelope/waybill.h"

/* One recipient as its records came. */
struct item {
	struct leaf leaf;
	struct digest hash;
	struct blob json;
	struct blob key_part;
	struct blob path;
	uint32_t index;
};

struct items {
	struct item *list;
	size_t count;
	size_t size; /* capacity */
};

static int
out_of_order(struct error *err, const char *what)
{
	return error_set_id(err, "E3401", ERROR_MALFORMED,
	    "records of the waybill: %s", what);
}

/* 1 and the next record, 0 at the end. */
static int
next_record(struct blob *records, uint8_t *ret_kind, struct blob *ret_record,
    struct error *err)
{
	struct cursor cursor = cursor_of(records->data, records->len);
	uint64_t len;

	if (records->len == 0)
		return 0;
	*ret_kind = cursor_u8(&cursor);
	len = cursor_u64(&cursor);
	if (cursor.failed || len > cursor.left || len > BUNDLE_RECORD_MAX)
		return out_of_order(err, "one is cut off or too long");
	*ret_record = blob_of(cursor.data, (size_t)len);
	*records = blob_of(cursor.data + len, cursor.left - (size_t)len);
	return 1;
}

static int
begin_item(struct items *items, const struct blob *json, struct error *err)
{
	struct item *item;

	if (items->count == WAYBILL_RECIPIENTS_MAX)
		return out_of_order(err, "too many recipients");
	if (items->count == items->size) {
		size_t size = items->size * 2 + 8;
		struct item *list = realloc(items->list, size * sizeof(*list));

		if (list == NULL)
			return error_set_memory(err);
		items->list = list;
		items->size = size;
	}
	item = &items->list[items->count++];
	memset(item, 0, sizeof(*item));
	item->json = *json;
	item->hash = merkle_leaf(json->data, json->len);
	item->index = (uint32_t)items->count - 1;
	return leaf_decode(json->data, json->len, &item->leaf, err);
}

/* Key part and path come once, in this order, behind their leaf. */
static int
add_record(struct items *items, uint8_t kind, const struct blob *record,
    struct error *err)
{
	struct item *item =
	    items->count > 0 ? &items->list[items->count - 1] : NULL;

	if (kind == BUNDLE_LEAF)
		return begin_item(items, record, err);
	if (item == NULL || record->len == 0)
		return out_of_order(err, "one is without its leaf, or empty");
	if (kind == BUNDLE_KEY_PART && item->key_part.len == 0 &&
	    item->path.len == 0)
		item->key_part = *record;
	else if (kind == BUNDLE_PATH && item->path.len == 0)
		item->path = *record;
	else
		return out_of_order(err, "one is of the wrong kind");
	return 0;
}

static int
read_items(struct blob records, struct items *items, struct error *err)
{
	struct blob record;
	uint8_t kind;
	int rc;

	while ((rc = next_record(&records, &kind, &record, err)) > 0)
		if (add_record(items, kind, &record, err) < 0)
			return -1;
	return rc;
}

/* What each kind of bundle brings along. */
static int
check_shape(const struct items *items, uint8_t type, struct error *err)
{
	bool has_key_parts = type != BUNDLE_DELIVERY;
	bool has_paths = type != BUNDLE_SUBMISSION;

	bool is_of_one = type == BUNDLE_DELIVERY || type == BUNDLE_MOVE;

	if (type > BUNDLE_DELIVERY && type != BUNDLE_MOVE)
		return out_of_order(err, "no such bundle carries a waybill");
	if (items->count == 0 || (is_of_one && items->count != 1))
		return out_of_order(err, "the number of leaves is wrong");
	for (size_t i = 0; i < items->count; i++)
		if ((items->list[i].key_part.len > 0) != has_key_parts ||
		    (items->list[i].path.len > 0) != has_paths)
			return out_of_order(err,
			    "key part or path is missing, or one too many");
	return 0;
}

static int
compare_recipients(const void *a, const void *b)
{
	const struct item *const *first = a;
	const struct item *const *second = b;

	return strcmp((*first)->leaf.recipient.text,
	    (*second)->leaf.recipient.text);
}

static int
check_recipients(const struct items *items, struct error *err)
{
	const struct item **sorted = calloc(items->count, sizeof(*sorted));
	int rc = 0;

	if (sorted == NULL)
		return error_set_memory(err);
	for (size_t i = 0; i < items->count; i++)
		sorted[i] = &items->list[i];
	qsort(sorted, items->count, sizeof(*sorted), compare_recipients);
	for (size_t i = 1; i < items->count && rc == 0; i++)
		if (compare_recipients(&sorted[i - 1], &sorted[i]) == 0)
			rc = error_set_id(err, "E3402", ERROR_MALFORMED,
			    "recipient %s is there twice",
			    sorted[i]->leaf.recipient.text);
	free(sorted);
	return rc;
}

static int
check_all_leaves(const struct waybill *waybill, const struct items *items,
    struct error *err)
{
	struct digest *hashes = calloc(items->count, sizeof(*hashes));
	int rc;

	if (hashes == NULL)
		return error_set_memory(err);
	for (size_t i = 0; i < items->count; i++)
		hashes[i] = items->list[i].hash;
	rc = binding_check_leaves(waybill, hashes, items->count, err);
	free(hashes);
	return rc;
}

static int
check_path(const struct waybill *waybill, struct item *item, struct error *err)
{
	struct digest path[MERKLE_PATH_MAX];
	size_t count;

	if (bundle_parse_path(item->path.data, item->path.len, &item->index,
		path, &count, err) < 0)
		return -1;
	return binding_check_leaf(waybill, &item->hash, item->index, path,
	    count, err);
}

static int
check_items(const struct waybill *waybill, struct items *items, uint8_t type,
    struct error *err)
{
	if (check_shape(items, type, err) < 0 ||
	    check_recipients(items, err) < 0)
		return -1;
	if (type == BUNDLE_SUBMISSION &&
	    check_all_leaves(waybill, items, err) < 0)
		return -1;
	for (size_t i = 0; i < items->count; i++) {
		struct item *item = &items->list[i];

		if (type != BUNDLE_SUBMISSION &&
		    check_path(waybill, item, err) < 0)
			return -1;
		if (type != BUNDLE_DELIVERY &&
		    binding_check_key_part(&item->leaf, item->key_part.data,
			item->key_part.len, err) < 0)
			return -1;
	}
	return 0;
}

/* The signature first: nothing else is looked at in what nobody signed. */
static int
open_waybill(const struct verify_context *context, const struct blob *cms,
    struct waybill *waybill, struct digest *ret_signer, struct error *err)
{
	struct signed_object object;

	if (cms->len > WAYBILL_CMS_MAX)
		return error_set_id(err, "E3101", ERROR_MALFORMED,
		    "waybill of %zu bytes", cms->len);
	if (batch_open(context->batches, context->certs, context->environment,
		BATCH_WAYBILL, cms->data, cms->len, &object, err) < 0)
		return -1;
	if (object.content == NULL)
		return error_set_id(err, "E3101", ERROR_MALFORMED,
		    "waybill without content");
	if (waybill_decode(object.content, object.content_len, waybill, err) <
		0 ||
	    binding_check_place(waybill, context->environment, NULL, err) < 0)
		return -1;
	*ret_signer = object.by[0].fingerprint;
	if (!digest_equal(ret_signer, &waybill->head.module))
		return error_set_id(err, "E3403", ERROR_UNTRUSTED,
		    "the waybill is signed by another module than it names");
	return verify_signer(context, &object.by[0], err);
}

static void
put_leaf(const struct item *item, struct bytes *list)
{
	struct message_leaf leaf = {
		.seal = item->leaf.seal,
		.key_part = item->leaf.key_part,
		.leaf = item->hash,
		.leaf_json = item->json,
		.key = item->key_part,
		.path = item->path,
		.index = item->index,
	};

	memcpy(leaf.recipient, item->leaf.recipient.text,
	    sizeof(leaf.recipient));
	memcpy(leaf.center, item->leaf.center, sizeof(leaf.center));
	message_list_add(list, MESSAGE_LEAF, &leaf);
}

static void
put_waybill(const struct waybill *waybill, struct message_waybill *to)
{
	const struct head *head = &waybill->head;

	*to = (struct message_waybill){
		.waybill = waybill->digest,
		.waybill_id = head->waybill_id,
		.document_id = head->document_id,
		.module = head->module,
		.created_at = head->created_at,
		.not_after = head->not_after_at,
		.speed = (uint8_t)head->speed,
		.message = (uint8_t)head->message,
		.earlier = head->earlier,
		.head = waybill->head_digest,
		.content = waybill->content,
		.content_len = waybill->content_len,
		.root = waybill->root,
		.count = waybill->count,
		.commitment = waybill->commitment,
	};
	memcpy(to->environment, head->environment, sizeof(to->environment));
	memcpy(to->sender, head->sender.text, sizeof(to->sender));
	memcpy(to->center, head->center, sizeof(to->center));
}

int
verify_records(const struct waybill *waybill, uint8_t type,
    const struct blob *records, struct bytes *leaves, struct error *err)
{
	struct items items = { 0 };
	int rc = -1;

	if (read_items(*records, &items, err) < 0 ||
	    check_items(waybill, &items, type, err) < 0)
		goto done;
	for (size_t i = 0; i < items.count; i++)
		put_leaf(&items.list[i], leaves);
	rc = bytes_failed(leaves, err);
done:
	free(items.list);
	return rc;
}

int
verify_waybill(const struct verify_context *context,
    const struct message_verify_waybill *request,
    struct message_waybill *ret_waybill, struct bytes *leaves,
    struct error *err)
{
	struct waybill waybill;
	struct digest signer;

	if (open_waybill(context, &request->waybill, &waybill, &signer, err) <
		0 ||
	    verify_records(&waybill, request->kind, &request->records, leaves,
		err) < 0)
		return -1;
	put_waybill(&waybill, ret_waybill);
	ret_waybill->signer = signer;
	ret_waybill->leaves = blob_of_bytes(leaves);
	return 0;
}
