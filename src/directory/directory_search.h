/*
 * Find organisations by a part of the name or the start of the code, the way
 * people type: 台 is 臺, full-width letters are half-width, case and blanks do
 * not matter.  Organisations come before their units.
 */
#ifndef DIRECTORY_DIRECTORY_SEARCH_H
#define DIRECTORY_DIRECTORY_SEARCH_H

#include <stddef.h>
#include <stdint.h>

struct directory;

enum { DIRECTORY_QUERY_MAX = 200 };

/*
 * Indices (for directory_org_at) of at most `max` matches after the first
 * `skip`, best first: code equal, name equal, name or code starts so, name
 * contains it.  Returns how many were written; `ret_total` gets all matches.
 */
size_t directory_search(const struct directory *directory, const char *query,
    size_t skip, size_t max, uint32_t *ret_indices, size_t *ret_total);

/*
 * Fold `text` for comparison into `to` (NUL at its end, cut at a character if
 * it does not fit); returns the length.  What the image holds for each name.
 */
size_t directory_fold(const char *text, char *to, size_t size);

/*
 * Which characters and pairs of neighbours a folded text has, as bits: a text
 * that lacks a bit of the query's cannot contain it.
 */
uint64_t directory_sign(const char *folded);

#endif
