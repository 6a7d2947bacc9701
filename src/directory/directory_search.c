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

static bool
starts(const char *text, const struct query *query)
{
	return strncmp(text, query->folded, query->len) == 0;
}

static enum rank
rank_of(const struct directory *directory, uint32_t index,
    const struct query *query)
{
	const struct image_org *org = &directory->orgs[index];
	const char *name = directory->strings + org->folded;
	char code[ORG_TEXT_SIZE];

	directory_fold(org->code.text, code, sizeof(code));
	if (strcmp(code, query->folded) == 0)
		return RANK_CODE;
	if (strcmp(name, query->folded) == 0)
		return RANK_NAME;
	if (starts(name, query) || starts(code, query))
		return RANK_START;
	return strstr(name, query->folded) != NULL ? RANK_PART : RANK_NONE;
}

/* Every match is in exactly one rank; within a rank codes ascend, and an
 * organisation's code comes before those of its units. */
size_t
directory_search(const struct directory *directory, const char *text,
    size_t skip, size_t max, uint32_t *ret_indices, size_t *ret_total)
{
	size_t counts[RANK_NONE + 1] = { 0 };
	uint32_t org_count = (uint32_t)directory->count[IMAGE_ORGS];
	struct query query;
	size_t written = 0;

	query.len = directory_fold(text, query.folded, sizeof(query.folded));
	*ret_total = 0;
	if (query.len == 0)
		return 0;
	for (uint32_t i = 0; i < org_count; i++)
		counts[rank_of(directory, i, &query)]++;

	for (int rank = RANK_CODE; rank < RANK_NONE; rank++) {
		*ret_total += counts[rank];
		if (skip >= counts[rank]) {
			skip -= counts[rank];
			continue;
		}
		for (uint32_t i = 0; i < org_count && written < max; i++) {
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
