#include "service/suggest.h"

#include <string.h>

static size_t
least(size_t a, size_t b, size_t c)
{
	size_t ab = a < b ? a : b;

	return ab < c ? ab : c;
}

/*
 * Insertions, deletions, replacements and swapped neighbours between `a` and
 * `b`, both at most SUGGEST_WORD_MAX long.
 */
static size_t
distance(const char *a, const char *b)
{
	size_t rows[3][SUGGEST_WORD_MAX + 1];
	size_t a_len = strlen(a);
	size_t b_len = strlen(b);

	for (size_t j = 0; j <= b_len; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= a_len; i++) {
		size_t *row = rows[i % 3];
		const size_t *above = rows[(i + 2) % 3];

		row[0] = i;
		for (size_t j = 1; j <= b_len; j++) {
			row[j] = least(above[j] + 1, row[j - 1] + 1,
			    above[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1])
				row[j] = least(row[j],
				    rows[(i + 1) % 3][j - 2] + 1, row[j]);
		}
	}
	return rows[a_len % 3][b_len];
}

struct suggest
suggest_for(const char *typed)
{
	return (struct suggest){ .typed = typed };
}

void
suggest_offer(struct suggest *suggest, const char *word)
{
	size_t len = strlen(suggest->typed);
	size_t found;

	if (len > SUGGEST_WORD_MAX || strlen(word) > SUGGEST_WORD_MAX)
		return;
	found = distance(suggest->typed, word);

	/* Further away than a third of the word is a guess, not a typo. */
	if (found > 1 + len / 3 || found >= strlen(word))
		return;
	if (suggest->best == NULL || found < suggest->distance) {
		suggest->best = word;
		suggest->distance = found;
	}
}
