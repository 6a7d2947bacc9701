/*
 * "Did you mean": the known word nearest to a mistyped one.
 */
#ifndef SERVICE_SUGGEST_H
#define SERVICE_SUGGEST_H

#include <stddef.h>

/* Longer words are never suggested. */
enum { SUGGEST_WORD_MAX = 64 };

struct suggest {
	const char *typed; /* not ours */
	const char *best;  /* one of those offered, NULL for none */
	size_t distance;   /* of `best` */
};

/* Start with what was typed, offer every known word, then read `best`. */
struct suggest suggest_for(const char *typed);
void suggest_offer(struct suggest *suggest, const char *word);

#endif
