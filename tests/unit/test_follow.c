/*
 * Following a log, and proving that it told two stories (T-LOG-09, T-LOG-10).
 */
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
#include "crypto/ed25519.h"
#include "log/conflict.h"
#include "log/follow.h"
#include "log/tree.h"

enum { LEAVES = 70, LEVELS = 8 };

static const char origin[] = "yizhan/demo/center-a/1";

/* A log as it grew; two of them that differ from leaf `fork` on. */
struct story {
	struct digest nodes[LEVELS][LEAVES];
	struct note_checkpoint at[LEAVES + 1];
};

struct fixture {
	struct story one, other;
	struct ed25519_key *key;
	uint8_t public_key[NOTE_PUBLIC_LEN];
};

static void
keep(void *context, unsigned level, uint64_t index, const struct digest *hash)
{
	struct story *story = context;

	story->nodes[level][index] = *hash;
}

static int
fetch(void *context, unsigned level, uint64_t index, struct digest *ret_hash,
    struct error *err)
{
	const struct story *story = context;

	(void)err;
	*ret_hash = story->nodes[level][index];
	return 0;
}

static void
grow(struct story *story, size_t fork)
{
	struct tree_edge edge = { .size = 0 };

	for (size_t i = 0; i <= LEAVES; i++) {
		uint8_t data[2] = { (uint8_t)i, i >= fork };
		struct digest leaf = merkle_leaf(data, 2);

		story->at[i].size = i;
		story->at[i].root = tree_edge_root(&edge);
		text_copy(story->at[i].origin, sizeof(story->at[i].origin),
		    origin);
		if (i < LEAVES)
			tree_edge_append(&edge, &leaf, keep, story);
	}
}

static int
set_up(void **state)
{
	static const uint8_t seed[ED25519_SEED_LEN] = { 5 };
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	struct error err = { 0 };

	assert_non_null(fixture);
	assert_int_equal(ed25519_key_new(seed, &fixture->key, &err), 0);
	assert_int_equal(ed25519_key_public(fixture->key, fixture->public_key,
			     &err),
	    0);
	grow(&fixture->one, LEAVES);
	*state = fixture;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *fixture = *state;

	ed25519_key_free(fixture->key);
	free(fixture);
	return 0;
}

static void
a_log_that_grows_is_followed(void **state)
{
	struct fixture *fixture = *state;
	struct story *story = &fixture->one;
	struct digest proof[MERKLE_PATH_MAX];
	enum follow_verdict verdict;
	struct error err = { 0 };
	size_t count = 0;

	assert_int_equal(follow_judge(NULL, &story->at[3], NULL, 0, &verdict,
			     &err),
	    0);
	assert_int_equal(verdict, FOLLOW_FIRST);
	for (size_t old = 1; old <= LEAVES; old++)
		for (size_t size = old; size <= LEAVES; size++) {
			assert_int_equal(tree_consistency(old, size, fetch,
					     story, proof, &count, &err),
			    0);
			assert_int_equal(follow_judge(&story->at[old],
					     &story->at[size], proof, count,
					     &verdict, &err),
			    0);
			assert_int_equal(verdict,
			    old == size ? FOLLOW_SAME : FOLLOW_GROWN);
			assert_int_equal(follow_judge(&story->at[size],
					     &story->at[old], proof, count,
					     &verdict, &err),
			    0);
			assert_int_equal(verdict,
			    old == size ? FOLLOW_SAME : FOLLOW_BEHIND);
		}
	assert_int_equal(follow_judge(&story->at[0], &story->at[9], NULL, 0,
			     &verdict, &err),
	    0);
	assert_int_equal(verdict, FOLLOW_GROWN);
}

/* Whatever two sizes are signed, a fork before the smaller is proven. */
static void
every_fork_is_proven(void **state)
{
	struct fixture *fixture = *state;
	struct digest proof[MERKLE_PATH_MAX];
	enum follow_verdict verdict;
	struct error err = { 0 };
	size_t count = 0;

	for (size_t fork = 0; fork < LEAVES; fork += 7) {
		grow(&fixture->other, fork);
		for (size_t old = 1; old <= LEAVES; old++)
			for (size_t size = old; size <= LEAVES; size++) {
				assert_int_equal(tree_conflict(old, size, fetch,
						     &fixture->other, proof,
						     &count, &err),
				    0);
				assert_int_equal(follow_judge(&fixture->one
								   .at[old],
						     &fixture->other.at[size],
						     proof, count, &verdict,
						     &err),
				    0);
				assert_int_equal(verdict,
				    fork < old        ? FOLLOW_CONFLICT
					: old == size ? FOLLOW_SAME
						      : FOLLOW_GROWN);
			}
	}
}

static void
what_shows_nothing_is_refused(void **state)
{
	struct fixture *fixture = *state;
	struct story *story = &fixture->one;
	struct note_checkpoint foreign = story->at[20];
	struct digest proof[MERKLE_PATH_MAX + 1] = { { { 0 } } };
	enum follow_verdict verdict;
	struct error err = { 0 };
	size_t count = 0;

	assert_int_equal(tree_consistency(13, 20, fetch, story, proof, &count,
			     &err),
	    0);
	assert_int_equal(follow_judge(&story->at[13], &story->at[20], proof,
			     count - 1, &verdict, &err),
	    -1);
	assert_string_equal(err.id, "E5022");
	assert_int_equal(follow_judge(&story->at[13], &story->at[20], proof,
			     count + 1, &verdict, &err),
	    -1);
	for (size_t i = 0; i < count * DIGEST_LEN; i++) {
		proof[i / DIGEST_LEN].bytes[i % DIGEST_LEN] ^= 1;
		assert_int_equal(follow_judge(&story->at[13], &story->at[20],
				     proof, count, &verdict, &err),
		    -1);
		proof[i / DIGEST_LEN].bytes[i % DIGEST_LEN] ^= 1;
	}
	text_copy(foreign.origin, sizeof(foreign.origin), "another");
	assert_int_equal(follow_judge(&story->at[13], &foreign, proof, count,
			     &verdict, &err),
	    -1);
	assert_string_equal(err.id, "E3406");
}

/* ---- proofs that travel ---------------------------------------------- */

static void
sign(const struct fixture *fixture, const struct note_checkpoint *checkpoint,
    struct bytes *note)
{
	uint8_t signature[ED25519_SIGNATURE_LEN];
	struct bytes text = { 0 };
	struct error err = { 0 };

	if (note_put_text(checkpoint, &text, &err) < 0 ||
	    ed25519_sign(fixture->key, text.data, text.len, signature, &err) <
		0 ||
	    note_put(checkpoint, fixture->public_key, signature, note, &err) <
		0)
		fail_msg("%s", err.text);
	bytes_free(&text);
}

static int
check(const struct fixture *fixture, const struct bytes *text,
    struct error *err)
{
	struct note_checkpoint checkpoints[2];
	struct conflict conflict;

	*err = (struct error){ 0 };
	if (conflict_parse(text->data, text->len, &conflict, err) < 0)
		return -1;
	return conflict_check(&conflict, origin, fixture->public_key,
	    checkpoints, err);
}

static void
make(struct fixture *fixture, size_t old, size_t size, struct bytes *to)
{
	struct digest proof[MERKLE_PATH_MAX];
	struct bytes small = { 0 };
	struct bytes large = { 0 };
	struct error err = { 0 };
	size_t count = 0;

	sign(fixture, &fixture->one.at[old], &small);
	sign(fixture, &fixture->other.at[size], &large);
	assert_int_equal(tree_conflict(old, size, fetch, &fixture->other, proof,
			     &count, &err),
	    0);
	/* The order in which they were seen does not matter. */
	assert_int_equal(conflict_put(large.data, large.len, small.data,
			     small.len, proof, count, to, &err),
	    0);
	bytes_free(&small);
	bytes_free(&large);
}

static void
a_proof_travels(void **state)
{
	static const size_t sizes[][2] = { { 20, 20 }, { 16, 20 }, { 16, 16 },
		{ 13, 70 }, { 32, 64 }, { 1, 2 } };
	struct fixture *fixture = *state;
	struct bytes text = { 0 };
	struct error err = { 0 };

	grow(&fixture->other, 0);
	for (size_t i = 0; i < 6; i++) {
		bytes_clear(&text);
		make(fixture, sizes[i][0], sizes[i][1], &text);
		if (check(fixture, &text, &err) < 0)
			fail_msg("%zu: %s", i, err.text);
	}
	/* The other way round in size: the fork begins behind the old one. */
	grow(&fixture->other, 30);
	bytes_clear(&text);
	make(fixture, 20, 40, &text);
	assert_int_equal(check(fixture, &text, &err), -1);
	assert_string_equal(err.id, "E5024");
	bytes_free(&text);
}

static void
a_changed_proof_proves_nothing(void **state)
{
	struct fixture *fixture = *state;
	struct bytes text = { 0 };
	struct error err = { 0 };
	size_t len;

	grow(&fixture->other, 5);
	make(fixture, 13, 20, &text);
	assert_int_equal(check(fixture, &text, &err), 0);
	for (size_t i = 0; i < text.len * 8; i += 3) {
		text.data[i / 8] ^= (uint8_t)(1 << i % 8);
		if (check(fixture, &text, &err) == 0)
			fail_msg("bit %zu", i);
		text.data[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	len = text.len;
	for (text.len = 0; text.len < len; text.len++)
		assert_int_equal(check(fixture, &text, &err), -1);
	fixture->public_key[0] ^= 1;
	assert_int_equal(check(fixture, &text, &err), -1);
	fixture->public_key[0] ^= 1;
	bytes_free(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_log_that_grows_is_followed),
		cmocka_unit_test(every_fork_is_proven),
		cmocka_unit_test(what_shows_nothing_is_refused),
		cmocka_unit_test(a_proof_travels),
		cmocka_unit_test(a_changed_proof_proves_nothing),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
