/*
 * What letters are found by: a text as pairs of neighbouring characters, folded
 * as people read them (document/name_fold.h), and a question as what SQLite's
 * index of words looks for.  Chinese is written without blanks, and its words
 * are of one or two characters, so neither words nor threes would do.  Pure.
 */
#ifndef GATEWAY_SEARCH_TEXT_H
#define GATEWAY_SEARCH_TEXT_H

#include "base/attr.h"

struct bytes;
struct error;

enum { SEARCH_QUESTION_MAX = 300, SEARCH_WORDS_MAX = 8 };

/*
 * Append the pairs of `text`, and its last character alone, with blanks between
 * them; what was there before is another text.
 */
void search_put_pairs(struct bytes *to, const char *text);

/*
 * Append the question: each part of `text` between blanks has to stand somewhere
 * in one of the columns.  ERROR_MALFORMED (E6921) when it is too long, or has
 * nothing that could be looked for.
 */
int search_put_question(struct bytes *to, const char *text,
    struct error *err) MUST_CHECK;

#endif
