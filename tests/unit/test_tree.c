#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "log/tree.h"

enum { LEAVES = 300 };

/* All nodes that were ever complete, as a store would keep them. */
struct stored {
	struct digest leaves[LEAVES];
	struct digest nodes[10][LEAVES];
};

static void
keep(void *context, unsigned level, uint64_t index, const struct digest *hash)
{
	struct stored *stored = context;

	stored->nodes[level][index] = *hash;
}

static int
fetch(void *context, unsigned level, uint64_t index, struct digest *ret_hash,
    struct error *err)
{
	const struct stored *stored = context;

	(void)err;
	assert_true((index + 1) << level <= LEAVES);
	*ret_hash = stored->nodes[level][index];
	return 0;
}

static void
grow(struct stored *stored, struct digest roots[LEAVES + 1])
{
	struct tree_edge edge = { .size = 0 };

	roots[0] = tree_edge_root(&edge);
	for (size_t i = 0; i < LEAVES; i++) {
		uint8_t data[2] = { (uint8_t)(i >> 8), (uint8_t)i };

		stored->leaves[i] = merkle_leaf(data, 2);
		tree_edge_append(&edge, &stored->leaves[i], keep, stored);
		roots[i + 1] = tree_edge_root(&edge);
	}
}

/* The eight leaves and roots that RFC 6962 implementations share. */
static void
the_published_roots_hold(void **state)
{
	static const char *const leaves[] = { "", "00", "10", "2021", "3031",
		"40414243", "5051525354555657",
		"606162636465666768696a6b6c6d6e6f" };
	static const char *const roots[] = {
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b"
		"855",
		"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa"
		"01d",
		"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c"
		"125",
		"aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06"
		"e77",
		"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614"
		"b7",
		"4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264"
		"d4",
		"76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087"
		"ef",
		"ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c"
		"8c",
		"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff46043"
		"28",
	};
	struct tree_edge edge = { .size = 0 };

	(void)state;
	for (size_t i = 0; i <= ARRAY_LEN(leaves); i++) {
		struct digest root = tree_edge_root(&edge);
		char text[DIGEST_TEXT_SIZE];
		uint8_t data[16];
		struct digest leaf;

		digest_format(&root, text);
		assert_string_equal(text, roots[i]);
		if (i == ARRAY_LEN(leaves))
			break;
		assert_true(hex_parse(leaves[i], data, strlen(leaves[i]) / 2));
		leaf = merkle_leaf(data, strlen(leaves[i]) / 2);
		tree_edge_append(&edge, &leaf, NULL, NULL);
	}
}

static void
an_edge_makes_the_root_of_all_its_leaves(void **state)
{
	static struct stored stored;
	static struct digest roots[LEAVES + 1];

	(void)state;
	grow(&stored, roots);
	for (size_t size = 0; size <= LEAVES; size++) {
		struct digest whole = merkle_root(stored.leaves, size);
		struct tree_edge edge;
		struct digest root;
		struct error err = { 0 };

		assert_true(digest_equal(&whole, &roots[size]));
		assert_int_equal(tree_edge_load(size, fetch, &stored, &edge,
				     &err),
		    0);
		root = tree_edge_root(&edge);
		assert_true(digest_equal(&whole, &root));
	}
}

static bool
path_holds(const struct digest *leaf, uint64_t index, uint64_t size,
    const struct digest *path, size_t count, const struct digest *root)
{
	struct digest made;

	return merkle_root_of_path(leaf, index, size, path, count, &made) &&
	    digest_equal(&made, root);
}

/* T-LOG: a proof must hold, and nothing else may. */
static void
every_path_of_every_tree_verifies(void **state)
{
	static struct stored stored;
	static struct digest roots[LEAVES + 1];
	struct digest path[MERKLE_PATH_MAX];
	size_t count = 0;

	(void)state;
	grow(&stored, roots);
	for (uint64_t size = 1; size <= LEAVES; size++) {
		for (uint64_t index = 0; index < size; index++) {
			const struct digest *leaf = &stored.leaves[index];
			struct error err = { 0 };
			size_t bit = (index * 7 + size) % 256;

			assert_int_equal(tree_path(index, size, fetch, &stored,
					     path, &count, &err),
			    0);
			assert_true(path_holds(leaf, index, size, path, count,
			    &roots[size]));

			if (count == 0)
				continue;
			path[index % count].bytes[bit / 8] ^=
			    (uint8_t)(1 << bit % 8);
			assert_false(path_holds(leaf, index, size, path, count,
			    &roots[size]));
			path[index % count].bytes[bit / 8] ^=
			    (uint8_t)(1 << bit % 8);
			assert_false(path_holds(leaf, index ^ 1, size, path,
			    count, &roots[size]));
			assert_false(path_holds(leaf, index, size, path,
			    count - 1, &roots[size]));
		}
	}
}

static void
any_flipped_bit_of_a_path_is_found(void **state)
{
	static struct stored stored;
	static struct digest roots[LEAVES + 1];
	struct digest path[MERKLE_PATH_MAX];
	struct error err = { 0 };
	size_t count = 0;

	(void)state;
	grow(&stored, roots);
	assert_int_equal(tree_path(170, 213, fetch, &stored, path, &count,
			     &err),
	    0);
	for (size_t i = 0; i < count; i++)
		for (size_t bit = 0; bit < 256; bit++) {
			path[i].bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
			assert_false(path_holds(&stored.leaves[170], 170, 213,
			    path, count, &roots[213]));
			path[i].bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
}

static void
there_is_no_path_beyond_the_end(void **state)
{
	struct digest path[MERKLE_PATH_MAX];
	struct error err = { 0 };
	size_t count = 0;

	(void)state;
	assert_int_equal(tree_path(0, 0, fetch, NULL, path, &count, &err), -1);
	assert_int_equal(err.code, ERROR_NOT_FOUND);
	assert_int_equal(tree_path(5, 5, fetch, NULL, path, &count, &err), -1);
}

static void
every_tree_is_consistent_with_its_past(void **state)
{
	static struct stored stored;
	static struct digest roots[LEAVES + 1];
	struct digest proof[MERKLE_PATH_MAX];
	size_t count = 0;

	(void)state;
	grow(&stored, roots);
	for (uint64_t size = 1; size <= LEAVES; size++)
		for (uint64_t old = 1; old <= size; old++) {
			struct error err = { 0 };

			assert_int_equal(tree_consistency(old, size, fetch,
					     &stored, proof, &count, &err),
			    0);
			assert_int_equal(tree_consistency_check(old,
					     &roots[old], size, &roots[size],
					     proof, count, &err),
			    0);
			/* Another past, another present, a proof cut short. */
			assert_int_equal(tree_consistency_check(old,
					     &roots[old - 1], size,
					     &roots[size], proof, count, &err),
			    -1);
			assert_int_equal(err.code, ERROR_UNTRUSTED);
			assert_int_equal(tree_consistency_check(old,
					     &roots[old], size,
					     &roots[size - 1], proof, count,
					     &err),
			    -1);
			if (count > 0)
				assert_int_equal(tree_consistency_check(old,
						     &roots[old], size,
						     &roots[size], proof,
						     count - 1, &err),
				    -1);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_published_roots_hold),
		cmocka_unit_test(an_edge_makes_the_root_of_all_its_leaves),
		cmocka_unit_test(every_path_of_every_tree_verifies),
		cmocka_unit_test(any_flipped_bit_of_a_path_is_found),
		cmocka_unit_test(there_is_no_path_beyond_the_end),
		cmocka_unit_test(every_tree_is_consistent_with_its_past),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
