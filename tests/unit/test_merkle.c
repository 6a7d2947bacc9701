#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/text.h"
#include "crypto/merkle.h"

enum { LEAVES = 70 };

/* The definition of RFC 6962 2.1, word for word. */
static struct digest
root_by_definition(const struct digest *leaves, size_t count)
{
	struct digest left, right;
	size_t split = 1;

	if (count == 1)
		return leaves[0];
	while (split * 2 < count)
		split *= 2;
	left = root_by_definition(leaves, split);
	right = root_by_definition(leaves + split, count - split);
	return merkle_node(&left, &right);
}

static void
make_leaves(struct digest leaves[LEAVES])
{
	for (size_t i = 0; i < LEAVES; i++) {
		uint8_t byte = (uint8_t)i;

		leaves[i] = merkle_leaf(&byte, 1);
	}
}

static void
hashes_are_those_of_the_certificate_transparency_vectors(void **state)
{
	struct digest none = merkle_root(NULL, 0);
	struct digest empty = merkle_leaf("", 0);
	struct digest leaves[3];
	char text[DIGEST_TEXT_SIZE];

	(void)state;
	digest_format(&none, text);
	assert_string_equal(text,
	    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	digest_format(&empty, text);
	assert_string_equal(text,
	    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
	leaves[0] = empty;
	leaves[1] = merkle_leaf("\x00", 1);
	leaves[2] = merkle_leaf("\x10", 1);
	none = merkle_root(leaves, 3);
	digest_format(&none, text);
	assert_string_equal(text,
	    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77");
}

static void
roots_are_those_of_the_definition(void **state)
{
	struct digest leaves[LEAVES];

	(void)state;
	make_leaves(leaves);
	for (size_t count = 1; count <= LEAVES; count++) {
		struct digest want = root_by_definition(leaves, count);
		struct digest got = merkle_root(leaves, count);
		struct merkle_tree *tree;
		struct error err = { 0 };

		assert_true(digest_equal(&want, &got));
		assert_int_equal(merkle_tree_new(leaves, count, &tree, &err),
		    0);
		got = merkle_tree_root(tree);
		assert_true(digest_equal(&want, &got));
		merkle_tree_free(tree);
	}
}

static void
every_path_leads_to_the_root_and_to_no_other(void **state)
{
	struct digest leaves[LEAVES];
	struct error err = { 0 };

	(void)state;
	make_leaves(leaves);
	for (size_t count = 1; count <= LEAVES; count++) {
		struct digest path[MERKLE_PATH_MAX];
		struct merkle_tree *tree;
		struct digest want, got;

		assert_int_equal(merkle_tree_new(leaves, count, &tree, &err),
		    0);
		want = merkle_tree_root(tree);
		for (size_t i = 0; i < count; i++) {
			size_t len = merkle_tree_path(tree, i, path);

			assert_true(merkle_root_of_path(&leaves[i], i, count,
			    path, len, &got));
			assert_true(digest_equal(&want, &got));
			assert_false(merkle_root_of_path(&leaves[i], i, count,
			    path, len + 1, &got));
			assert_false(merkle_root_of_path(&leaves[i], count,
			    count, path, len, &got));
			if (len == 0)
				continue;
			assert_false(merkle_root_of_path(&leaves[i], i, count,
			    path, len - 1, &got));
			path[len - 1].bytes[31] ^= 1;
			assert_true(merkle_root_of_path(&leaves[i], i, count,
			    path, len, &got));
			assert_false(digest_equal(&want, &got));
		}
		merkle_tree_free(tree);
	}
}

static void
a_salted_leaf_is_the_leaf_of_salt_and_data(void **state)
{
	struct digest salt = { { 1, 2, 3 } };
	uint8_t joined[DIGEST_LEN + 4];
	struct digest want, got;

	(void)state;
	memcpy(joined, salt.bytes, DIGEST_LEN);
	memcpy(joined + DIGEST_LEN, "data", 4);
	want = merkle_leaf(joined, sizeof(joined));
	got = merkle_leaf_salted(&salt, "data", 4);
	assert_true(digest_equal(&want, &got));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    hashes_are_those_of_the_certificate_transparency_vectors),
		cmocka_unit_test(roots_are_those_of_the_definition),
		cmocka_unit_test(every_path_leads_to_the_root_and_to_no_other),
		cmocka_unit_test(a_salted_leaf_is_the_leaf_of_salt_and_data),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
