#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "crypto/cert.h"
#include "crypto/cert_cache.h"
#include "crypto/merkle.h"
#include "crypto/sha256.h"
#include "crypto/signed.h"
#include "envelope/batch_open.h"
#include "harness/pki.h"

enum { COUNT = 5, STATEMENT_SIZE = 32 };

/* A batch of five statements and its items. */
struct fixture {
	struct pki pki;
	struct pki_holder module;
	struct cert_cache *certs;
	struct batch_cache *cache;
	char statements[COUNT][STATEMENT_SIZE];
	struct batch batch;
	struct bytes cms;
	struct merkle_tree *tree;
	struct error refusal;
};

static void
sign(struct fixture *fixture, const struct batch *batch, struct bytes *to)
{
	struct signer signer =
	    signer_of(fixture->module.cert, fixture->module.key);
	struct bytes json = { 0 };
	struct error err = { 0 };

	assert_int_equal(batch_encode(batch, &json, &err), 0);
	assert_int_equal(signed_make(&signer, 1, json.data, json.len, pki_now,
			     to, &err),
	    0);
	bytes_free(&json);
}

static void
set_up(struct fixture *fixture, enum batch_type type)
{
	struct digest leaves[COUNT];
	struct error err = { 0 };

	memset(fixture, 0, sizeof(*fixture));
	pki_new(&fixture->pki);
	fixture->module =
	    pki_issue(&fixture->pki, ISSUE_SIGN, CERT_KEY_P256, "module");
	assert_int_equal(cert_cache_new(16, &fixture->certs, &err), 0);
	assert_int_equal(batch_cache_new(16, &fixture->cache, &err), 0);
	for (int i = 0; i < COUNT; i++) {
		snprintf(fixture->statements[i], STATEMENT_SIZE, "statement %d",
		    i);
		leaves[i] = batch_leaf(type, fixture->statements[i],
		    strlen(fixture->statements[i]));
	}
	assert_int_equal(merkle_tree_new(leaves, COUNT, &fixture->tree, &err),
	    0);
	fixture->batch = (struct batch){ .environment = "demo",
		.type = type,
		.count = COUNT,
		.root = merkle_tree_root(fixture->tree) };
	sign(fixture, &fixture->batch, &fixture->cms);
}

static void
tear_down(struct fixture *fixture)
{
	merkle_tree_free(fixture->tree);
	bytes_free(&fixture->cms);
	batch_cache_free(fixture->cache);
	cert_cache_free(fixture->certs);
	pki_holder_free(&fixture->module);
	pki_free(&fixture->pki);
}

static struct batch_item
item_of(const struct fixture *fixture, uint32_t index)
{
	struct digest path[MERKLE_PATH_MAX];
	struct batch_item item = {
		.index = index,
		.count = COUNT,
		.statement = (const uint8_t *)fixture->statements[index],
		.statement_len = strlen(fixture->statements[index]),
		.cms = fixture->cms.data,
		.cms_len = fixture->cms.len,
	};

	item.path_count = merkle_tree_path(fixture->tree, index, path);
	memcpy(item.path, path, item.path_count * sizeof(*path));
	return item;
}

static bool
opens_as(struct fixture *fixture, enum batch_type type,
    const struct batch_item *item)
{
	struct signed_object object;
	struct bytes bytes = { 0 };
	bool is_good;

	batch_item_put(item, &bytes);
	memset(&fixture->refusal, 0, sizeof(fixture->refusal));
	is_good = batch_open(fixture->cache, fixture->certs, "demo", type,
		      bytes.data, bytes.len, &object, &fixture->refusal) == 0;
	if (is_good) {
		assert_int_equal(object.content_len, item->statement_len);
		assert_memory_equal(object.content, item->statement,
		    item->statement_len);
		assert_int_equal(object.count, 1);
		assert_true(digest_equal(&object.by[0].fingerprint,
		    cert_fingerprint(fixture->module.cert)));
	}
	bytes_free(&bytes);
	return is_good;
}

static void
refused(struct fixture *fixture, const struct batch_item *item, const char *id)
{
	assert_false(opens_as(fixture, fixture->batch.type, item));
	assert_string_equal(fixture->refusal.id, id);
}

static void
each_item_is_complete_by_itself(void **state)
{
	struct fixture fixture;

	(void)state;
	set_up(&fixture, BATCH_WAYBILL);
	for (int round = 0; round < 2; round++) {
		for (uint32_t i = 0; i < COUNT; i++) {
			struct batch_item item = item_of(&fixture, i);

			assert_true(opens_as(&fixture, BATCH_WAYBILL, &item));
		}
	}
	tear_down(&fixture);
}

/* The certificate is found in the item at hand, also when the check is not
 * made again. */
static void
the_signer_is_told_each_time(void **state)
{
	struct fixture fixture;

	(void)state;
	set_up(&fixture, BATCH_ACT);
	for (uint32_t i = 0; i < 2; i++) {
		struct batch_item item = item_of(&fixture, i);
		struct signed_object object;
		struct bytes bytes = { 0 };
		struct digest digest;
		struct error err = { 0 };

		batch_item_put(&item, &bytes);
		assert_int_equal(batch_open(fixture.cache, fixture.certs,
				     "demo", BATCH_ACT, bytes.data, bytes.len,
				     &object, &err),
		    0);
		assert_true(object.by[0].cert > bytes.data &&
		    object.by[0].cert + object.by[0].cert_len <
			bytes.data + bytes.len);
		sha256(object.by[0].cert, object.by[0].cert_len, &digest);
		assert_true(digest_equal(&digest, &object.by[0].fingerprint));
		bytes_free(&bytes);
	}
	tear_down(&fixture);
}

static void
what_is_signed_alone_opens_as_ever(void **state)
{
	struct fixture fixture;
	struct signer signer;
	struct signed_object object;
	struct bytes cms = { 0 };
	struct error err = { 0 };

	(void)state;
	set_up(&fixture, BATCH_WAYBILL);
	signer = signer_of(fixture.module.cert, fixture.module.key);
	assert_int_equal(signed_make(&signer, 1, "alone", 5, pki_now, &cms,
			     &err),
	    0);
	assert_int_equal(batch_open(fixture.cache, fixture.certs, "demo",
			     BATCH_WAYBILL, cms.data, cms.len, &object, &err),
	    0);
	assert_memory_equal(object.content, "alone", 5);
	bytes_free(&cms);
	tear_down(&fixture);
}

static void
a_wrong_index_is_refused(void **state)
{
	struct fixture fixture;

	(void)state;
	set_up(&fixture, BATCH_WAYBILL);
	for (uint32_t i = 0; i < COUNT; i++) {
		for (uint32_t wrong = 0; wrong < COUNT; wrong++) {
			struct batch_item item = item_of(&fixture, i);

			item.index = wrong;
			if (wrong != i)
				refused(&fixture, &item, "E3802");
		}
	}
	tear_down(&fixture);
}

static void
a_wrong_path_is_refused(void **state)
{
	struct fixture fixture;
	struct batch_item item;

	(void)state;
	set_up(&fixture, BATCH_WAYBILL);
	for (size_t i = 0; i < item_of(&fixture, 1).path_count; i++) {
		item = item_of(&fixture, 1);
		item.path[i].bytes[31] ^= 1;
		refused(&fixture, &item, "E3802");
	}
	item = item_of(&fixture, 1);
	item.path_count--;
	refused(&fixture, &item, "E3802");
	item = item_of(&fixture, 1);
	item.path_count++;
	refused(&fixture, &item, "E3802");
	/* The path of a neighbour. */
	item = item_of(&fixture, 2);
	item.statement = (const uint8_t *)fixture.statements[3];
	refused(&fixture, &item, "E3802");
	tear_down(&fixture);
}

static void
another_statement_is_refused(void **state)
{
	struct fixture fixture;
	struct batch_item item;

	(void)state;
	set_up(&fixture, BATCH_ACT);
	item = item_of(&fixture, 0);
	item.statement = (const uint8_t *)"statement X";
	refused(&fixture, &item, "E3802");
	/* Once the signature is known to hold, it is the same. */
	item = item_of(&fixture, 0);
	assert_true(opens_as(&fixture, BATCH_ACT, &item));
	item.statement = (const uint8_t *)"statement X";
	refused(&fixture, &item, "E3802");
	tear_down(&fixture);
}

/* Two leaves put together are no statement: leaves and nodes differ. */
static void
an_inner_node_is_no_statement(void **state)
{
	struct fixture fixture;
	struct batch_item item;
	struct digest leaves[2];

	(void)state;
	set_up(&fixture, BATCH_WAYBILL);
	for (size_t i = 0; i < 2; i++)
		leaves[i] = batch_leaf(BATCH_WAYBILL, fixture.statements[i],
		    strlen(fixture.statements[i]));
	item = item_of(&fixture, 0);
	item.statement = leaves[0].bytes;
	item.statement_len = sizeof(leaves);
	item.path_count--;
	memmove(item.path, item.path + 1, item.path_count * DIGEST_LEN);
	refused(&fixture, &item, "E3802");
	tear_down(&fixture);
}

static void
a_signature_for_another_type_is_refused(void **state)
{
	struct fixture fixture;
	struct batch_item item;

	(void)state;
	set_up(&fixture, BATCH_WAYBILL);
	item = item_of(&fixture, 0);
	assert_false(opens_as(&fixture, BATCH_ACT, &item));
	assert_string_equal(fixture.refusal.id, "E3802");
	assert_true(opens_as(&fixture, BATCH_WAYBILL, &item));
	assert_false(opens_as(&fixture, BATCH_ACT, &item));
	assert_string_equal(fixture.refusal.id, "E3802");
	tear_down(&fixture);
}

/* Even if the types said the same: the label is inside the leaf. */
static void
a_tree_of_another_type_is_refused(void **state)
{
	struct fixture fixture;
	struct batch_item item;

	(void)state;
	set_up(&fixture, BATCH_WAYBILL);
	fixture.batch.type = BATCH_ACT;
	bytes_clear(&fixture.cms);
	sign(&fixture, &fixture.batch, &fixture.cms);
	item = item_of(&fixture, 0);
	refused(&fixture, &item, "E3802");
	tear_down(&fixture);
}

static void
another_count_is_refused(void **state)
{
	static const uint32_t counts[] = { 1, 2, COUNT - 1, COUNT + 1, 8,
		BATCH_ITEMS_MAX };
	struct fixture fixture;

	(void)state;
	set_up(&fixture, BATCH_WAYBILL);
	for (size_t i = 0; i < ARRAY_LEN(counts); i++) {
		struct batch_item item = item_of(&fixture, 0);

		item.count = counts[i];
		refused(&fixture, &item, "E3802");
	}
	tear_down(&fixture);
}

static void
counts_have_limits(void **state)
{
	struct fixture fixture;
	struct batch_item item;
	struct batch batch;

	(void)state;
	set_up(&fixture, BATCH_WAYBILL);
	item = item_of(&fixture, 0);
	item.count = BATCH_ITEMS_MAX + 1;
	refused(&fixture, &item, "E3801");
	item.count = 0;
	refused(&fixture, &item, "E3801");
	item = item_of(&fixture, 4);
	item.index = COUNT;
	refused(&fixture, &item, "E3801");
	item = item_of(&fixture, 0);
	item.statement_len = 0;
	refused(&fixture, &item, "E3801");
	item = item_of(&fixture, 0);
	item.cms_len = 0;
	refused(&fixture, &item, "E3801");
	/* Nor can so many be signed. */
	batch = fixture.batch;
	batch.count = BATCH_ITEMS_MAX + 1;
	bytes_clear(&fixture.cms);
	sign(&fixture, &batch, &fixture.cms);
	item = item_of(&fixture, 0);
	refused(&fixture, &item, "E3801");
	tear_down(&fixture);
}

static void
another_environment_is_refused(void **state)
{
	struct fixture fixture;
	struct batch_item item;

	(void)state;
	set_up(&fixture, BATCH_WAYBILL);
	text_copy(fixture.batch.environment, sizeof(fixture.batch.environment),
	    "production");
	bytes_clear(&fixture.cms);
	sign(&fixture, &fixture.batch, &fixture.cms);
	item = item_of(&fixture, 0);
	refused(&fixture, &item, "E3411");
	tear_down(&fixture);
}

/* What a bad signature was refused for is not forgotten as good. */
static void
a_bad_signature_is_refused_each_time(void **state)
{
	struct fixture fixture;
	struct batch_item item;

	(void)state;
	set_up(&fixture, BATCH_WAYBILL);
	item = item_of(&fixture, 0);
	assert_true(opens_as(&fixture, BATCH_WAYBILL, &item));
	fixture.cms.data[fixture.cms.len - 1] ^= 1;
	refused(&fixture, &item, "E3005");
	refused(&fixture, &item, "E3005");
	tear_down(&fixture);
}

/* A signature over one statement is no signature over a batch. */
static void
what_is_no_batch_is_refused(void **state)
{
	struct fixture fixture;
	struct batch_item item;
	struct signer signer;
	struct error err = { 0 };

	(void)state;
	set_up(&fixture, BATCH_WAYBILL);
	signer = signer_of(fixture.module.cert, fixture.module.key);
	bytes_clear(&fixture.cms);
	assert_int_equal(signed_make(&signer, 1, fixture.statements[0],
			     strlen(fixture.statements[0]), pki_now,
			     &fixture.cms, &err),
	    0);
	item = item_of(&fixture, 0);
	refused(&fixture, &item, "E3801");
	tear_down(&fixture);
}

static void
an_item_cut_short_is_refused(void **state)
{
	struct fixture fixture;
	struct batch_item item;
	struct bytes bytes = { 0 };

	(void)state;
	set_up(&fixture, BATCH_WAYBILL);
	item = item_of(&fixture, 3);
	batch_item_put(&item, &bytes);
	for (size_t len = 0; len < bytes.len; len++) {
		struct signed_object object;
		struct error err = { 0 };

		assert_int_equal(batch_open(fixture.cache, fixture.certs,
				     "demo", BATCH_WAYBILL, bytes.data, len,
				     &object, &err),
		    -1);
	}
	bytes_free(&bytes);
	tear_down(&fixture);
}

/* docs/protocol.md 4, byte for byte. */
static void
a_batch_is_written_as_it_was_read(void **state)
{
	static const char json[] =
	    "{\"format\":\"yizhan-batch-1\",\"environment\":\"demo\","
	    "\"type\":\"act\",\"count\":2,\"root\":\"11111111111111111111111111"
	    "11111111111111111111111111111111111111\"}";
	struct batch batch;
	struct bytes out = { 0 };
	struct error err = { 0 };

	(void)state;
	assert_int_equal(batch_decode(json, strlen(json), &batch, &err), 0);
	assert_int_equal(batch.type, BATCH_ACT);
	assert_int_equal(batch_encode(&batch, &out, &err), 0);
	assert_int_equal(out.len, strlen(json));
	assert_memory_equal(out.data, json, out.len);
	bytes_free(&out);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_item_is_complete_by_itself),
		cmocka_unit_test(the_signer_is_told_each_time),
		cmocka_unit_test(what_is_signed_alone_opens_as_ever),
		cmocka_unit_test(a_wrong_index_is_refused),
		cmocka_unit_test(a_wrong_path_is_refused),
		cmocka_unit_test(another_statement_is_refused),
		cmocka_unit_test(an_inner_node_is_no_statement),
		cmocka_unit_test(a_signature_for_another_type_is_refused),
		cmocka_unit_test(a_tree_of_another_type_is_refused),
		cmocka_unit_test(another_count_is_refused),
		cmocka_unit_test(counts_have_limits),
		cmocka_unit_test(another_environment_is_refused),
		cmocka_unit_test(a_bad_signature_is_refused_each_time),
		cmocka_unit_test(what_is_no_batch_is_refused),
		cmocka_unit_test(an_item_cut_short_is_refused),
		cmocka_unit_test(a_batch_is_written_as_it_was_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
