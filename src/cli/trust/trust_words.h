/*
 * What a bulletin says and changes, in words: for who is about to sign it.
 * Nothing that it says is left out.  Pure.
 */
#ifndef CLI_TRUST_WORDS_H
#define CLI_TRUST_WORDS_H

#include <stdbool.h>

struct bytes;
struct draft;

/*
 * Append the words of a draft: type, serial, term, who must sign, each
 * difference from its predecessor, and last the check code.
 */
void trust_words_put(bool is_chinese, const struct draft *draft,
    struct bytes *to);

#endif
