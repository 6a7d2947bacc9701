#include "directory/directory_search.h"

#include <stdbool.h>
#include <string.h>

#include "directory/directory.h"
#include "directory/directory_internal.h"

/* How well an organisation matches, best first. */
enum rank { RANK_CODE, RANK_NAME, RANK_START, RANK_PART, RANK_NONE };

/* What a query is compared as. */
struct query {
	char folded[DIRECTORY_QUERY_MAX + 1];
	size_t len;
	uint64_t sign;
	uint32_t first, end; /* of the codes that start so */
};

/* The character at `text`, and how many bytes it has; broken ones have 1. */
static uint32_t
character_at(const unsigned char *text, size_t *ret_len)
{
	size_t len = text[0] < 0xc0 ? 1
	    : text[0] < 0xe0        ? 2
	    : text[0] < 0xf0        ? 3
				    : 4;
	uint32_t value = text[0];

	if (len > 1)
		value &= 0x7fu >> len;
	for (size_t i = 1; i < len; i++) {
		if ((text[i] & 0xc0) != 0x80) {
			*ret_len = 1;
			return text[0];
		}
		value = value << 6 | (text[i] & 0x3fu);
	}
	*ret_len = len;
	return value;
}

/* The form in which it is compared; 0 for what does not matter. */
static uint32_t
fold_character(uint32_t c)
{
	if (c >= 0xff01 && c <= 0xff5e)
		c -= 0xfee0; /* full width */
	if (c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == 0x3000)
		return 0;
	if (c >= 'A' && c <= 'Z')
		return c + ('a' - 'A');
	return c == 0x53f0 ? 0x81fa : c; /* 台 is 臺 */
}

/* Write a character of the basic plane; returns its length. */
static size_t
put_character(uint32_t c, char to[3])
{
	if (c < 0x80) {
		to[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		to[0] = (char)(0xc0 | c >> 6);
		to[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	to[0] = (char)(0xe0 | c >> 12);
	to[1] = (char)(0x80 | (c >> 6 & 0x3f));
	to[2] = (char)(0x80 | (c & 0x3f));
	return 3;
}

size_t
directory_fold(const char *text, char *to, size_t size)
{
	size_t used = 0;
	size_t len;

	for (; *text != '\0'; text += len) {
		uint32_t from = character_at((const unsigned char *)text, &len);
		uint32_t folded = fold_character(from);
		const char *bytes = text;
		char changed[3];
		size_t bytes_len = len;

		if (folded == 0)
			continue;
		if (folded != from) {
			bytes = changed;
			bytes_len = put_character(folded, changed);
		}
		if (used + bytes_len + 1 > size)
			break;
		memcpy(to + used, bytes, bytes_len);
		used += bytes_len;
	}
	to[used] = '\0';
	return used;
}

/* ---- signs ---------------------------------------------------------------- */

/* One of 64 bits. */
static uint64_t
bit_of(uint32_t number)
{
	return UINT64_C(1) << (number * UINT32_C(0x9e3779b1) >> 26);
}

uint64_t
directory_sign(const char *folded)
{
	uint64_t sign = 0;
	uint32_t before = 0;
	size_t len;

	for (; *folded != '\0'; folded += len) {
		uint32_t c = character_at((const unsigned char *)folded, &len);

		sign |= bit_of(c);
		if (before != 0)
			sign |= bit_of(before * 31 + c + 0x10000);
		before = c;
	}
	return sign;
}

/* ---- ranks ---------------------------------------------------------------- */

/* Codes have capitals alone, what is compared has none. */
static int
compare_start(const char *code, const struct query *query)
{
	for (size_t i = 0; i < query->len; i++) {
		char c = query->folded[i];

		if (c >= 'a' && c <= 'z')
			c = (char)(c - 'a' + 'A');
		if (code[i] != c)
			return (unsigned char)code[i] < (unsigned char)c ? -1
									 : 1;
	}
	return 0;
}

/* The first code that is not before the query, or, with `beyond`, the first
 * that neither is nor starts so. */
static uint32_t
bound(const struct directory *directory, const struct query *query, bool beyond)
{
	uint32_t low = 0;
	uint32_t high = (uint32_t)directory->count[IMAGE_ORGS];

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;
		int order =
		    compare_start(directory->orgs[mid].code.text, query);

		if (order < 0 || (beyond && order == 0))
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static enum rank
rank_of(const struct directory *directory, uint32_t index,
    const struct query *query)
{
	const struct image_org *org = &directory->orgs[index];
	bool has_code = index >= query->first && index < query->end;
	const char *name;
	const char *found = NULL;

	/* Most names lack a character or a pair of them: no need to look. */
	if ((directory->signs[index] & query->sign) != query->sign)
		return !has_code                         ? RANK_NONE
		    : org->code.text[query->len] == '\0' ? RANK_CODE
							 : RANK_START;
	if (has_code && org->code.text[query->len] == '\0')
		return RANK_CODE;
	name = directory->strings + org->folded;
	found = strstr(name, query->folded);
	if (found == name)
		return name[query->len] == '\0' ? RANK_NAME : RANK_START;
	return has_code ? RANK_START : found != NULL ? RANK_PART : RANK_NONE;
}

/* How many have a rank, and between which indices. */
struct tally {
	size_t count;
	uint32_t first, last;
};

static void
take_tally(const struct directory *directory, const struct query *query,
    struct tally tallies[RANK_NONE])
{
	uint32_t count = (uint32_t)directory->count[IMAGE_ORGS];

	for (uint32_t i = 0; i < count; i++) {
		enum rank rank = rank_of(directory, i, query);

		if (rank == RANK_NONE)
			continue;
		if (tallies[rank].count++ == 0)
			tallies[rank].first = i;
		tallies[rank].last = i;
	}
}

/* Every match is in exactly one rank; within a rank codes ascend, and an
 * organisation's code comes before those of its units. */
size_t
directory_search(const struct directory *directory, const char *text,
    size_t skip, size_t max, uint32_t *ret_indices, size_t *ret_total)
{
	struct tally tallies[RANK_NONE] = { { 0 } };
	struct query query;
	size_t written = 0;

	query.len = directory_fold(text, query.folded, sizeof(query.folded));
	*ret_total = 0;
	if (query.len == 0)
		return 0;
	query.sign = directory_sign(query.folded);
	query.first = bound(directory, &query, false);
	query.end = bound(directory, &query, true);
	take_tally(directory, &query, tallies);

	for (int rank = RANK_CODE; rank < RANK_NONE; rank++) {
		const struct tally *tally = &tallies[rank];

		*ret_total += tally->count;
		if (skip >= tally->count) {
			skip -= tally->count;
			continue;
		}
		for (uint32_t i = tally->first;
		     i <= tally->last && written < max; i++) {
			if ((int)rank_of(directory, i, &query) != rank)
				continue;
			if (skip > 0)
				skip--;
			else
				ret_indices[written++] = i;
		}
	}
	return written;
}
