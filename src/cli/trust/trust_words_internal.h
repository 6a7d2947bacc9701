/*
 * What the files trust_words*.c share.
 */
#ifndef CLI_TRUST_WORDS_INTERNAL_H
#define CLI_TRUST_WORDS_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>

struct bytes;
struct draft;
struct json_value;

struct words {
	bool is_chinese;
	const struct draft *draft;
	struct bytes *to;
};

/* One of two texts, by language. */
const char *words_pick(const struct words *words, const char *chinese,
    const char *english);

/* Who a certificate is, and the first groups of its fingerprint. */
bool words_put_certificate(struct bytes *to, const void *der, size_t len);

/* All of a value, each line with the sign. */
void words_put_tree(const struct words *words, int depth, const char *sign,
    const char *key, const struct json_value *value);

/* What is different in two lists, item by item. */
void words_change_list(const struct words *words, int depth,
    const struct json_value *before, const struct json_value *after);

/*
 * The body of a directory that says what it changes; false if the draft is
 * another one.
 */
bool words_put_directory(const struct words *words);

/*
 * Whose tokens, all of them, would count no more under a new root.  It is what
 * a stolen key asks for; one that only retires should stay, with an end.
 */
void words_put_lost_stampers(const struct words *words);

#endif
