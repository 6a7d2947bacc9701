#include <string.h>

#include "archive/archive_internal.h"
#include "base/bytes.h"
#include "base/error.h"

static bool
contains(const uint8_t *data, size_t len, const char *word, size_t word_len)
{
	const uint8_t *end = data + len;

	while (len >= word_len) {
		const uint8_t *at = memchr(data, word[0], len - word_len + 1);

		if (at == NULL)
			return false;
		if (memcmp(at, word, word_len) == 0)
			return true;
		data = at + 1;
		len = (size_t)(end - data);
	}
	return false;
}

void
search_push(struct search *search, const uint8_t *data, size_t len)
{
	uint8_t seam[2 * SEARCH_WORD_MAX];
	size_t keep = search->word_len - 1;
	size_t head = len < keep ? len : keep;

	if (search->found)
		return;
	/* Across the seam, then within the piece. */
	memcpy(seam, search->tail, search->tail_len);
	memcpy(seam + search->tail_len, data, head);
	search->found = contains(seam, search->tail_len + head, search->word,
			    search->word_len) ||
	    contains(data, len, search->word, search->word_len);
	if (len >= keep) {
		memcpy(search->tail, data + len - keep, keep);
		search->tail_len = keep;
		return;
	}
	head = search->tail_len + len;
	if (head > keep) {
		memmove(seam, seam + head - keep, keep);
		head = keep;
	}
	memcpy(search->tail, seam, head);
	search->tail_len = head;
}

/* Names of the streams inside, as such files have them. */
#define WIDE(text) text, sizeof(text) - 1

static const char macro_stream[] = "_\0V\0B\0A\0_\0P\0R\0O\0J\0E\0C\0T";
static const char encrypted_stream[] =
    "E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e";

int
level_search_ole(struct level *level, struct error *err)
{
	struct search macros = { WIDE(macro_stream), { 0 }, 0, false };
	struct search encrypted = { WIDE(encrypted_stream), { 0 }, 0, false };
	const struct archive_source *source = level->source;
	struct bytes chunk = { 0 };
	uint8_t *room = bytes_extend(&chunk, ARCHIVE_CHUNK);
	uint64_t offset = 0;
	size_t len = 0;
	int rc = room == NULL ? error_set_memory(err) : 0;

	while (rc == 0) {
		rc = source->read_at(source->ctx, offset, room, ARCHIVE_CHUNK,
		    &len, err);
		if (rc < 0 || len == 0)
			break;
		search_push(&macros, room, len);
		search_push(&encrypted, room, len);
		offset += len;
	}
	bytes_free(&chunk);
	if (macros.found)
		level_report_macros(level, "");
	if (encrypted.found)
		level_report_encrypted(level, "");
	return rc;
}
