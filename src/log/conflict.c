#include "log/conflict.h"

#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "log/follow.h"
#include "log/hash_lines.h"

static const char title[] = "yizhan-log-conflict-1\n";

static int
malformed(struct error *err, const char *what)
{
	return error_set_id(err, "E5023", ERROR_MALFORMED,
	    "proof of a conflict: %s", what);
}

int
conflict_put(const void *note, size_t len, const void *other, size_t other_len,
    const struct digest *proof, size_t count, struct bytes *to,
    struct error *err)
{
	struct note first, second;
	bool is_swapped;

	if (note_parse(note, len, &first, err) < 0 ||
	    note_parse(other, other_len, &second, err) < 0)
		return -1;
	is_swapped = second.checkpoint.size < first.checkpoint.size;
	bytes_put_text(to, title);
	hash_lines_put(proof, count, to);
	bytes_put(to, is_swapped ? other : note, is_swapped ? other_len : len);
	bytes_put_u8(to, '\n');
	bytes_put(to, is_swapped ? note : other, is_swapped ? len : other_len);
	return bytes_failed(to, err);
}

/*
 * The length of the note at the front, up to the empty line that separates it
 * from the next: the second one, since a note has one of its own.
 */
static size_t
note_len(const struct cursor *cursor)
{
	int empty = 0;

	for (size_t i = 1; i < cursor->left; i++) {
		if (cursor->data[i] != '\n' || cursor->data[i - 1] != '\n')
			continue;
		if (++empty == 2)
			return i;
	}
	return 0;
}

int
conflict_parse(const void *data, size_t len, struct conflict *ret_conflict,
    struct error *err)
{
	struct cursor cursor = cursor_of(data, len);
	struct conflict conflict = { .proof_count = 0 };
	const uint8_t *start = cursor_take(&cursor, sizeof(title) - 1);

	if (len > CONFLICT_MAX)
		return malformed(err, "too long");
	if (start == NULL || memcmp(start, title, sizeof(title) - 1) != 0)
		return malformed(err, "it does not begin like one");
	if (!hash_lines_take(&cursor, conflict.proof, &conflict.proof_count))
		return malformed(err, "a line that is no hash, or too many");
	conflict.small_len = note_len(&cursor);
	if (conflict.small_len == 0)
		return malformed(err, "there are not two checkpoints");
	conflict.small = cursor_take(&cursor, conflict.small_len);
	cursor_take(&cursor, 1);
	conflict.large = cursor.data;
	conflict.large_len = cursor.left;
	if (conflict.large_len == 0)
		return malformed(err, "there are not two checkpoints");
	*ret_conflict = conflict;
	return 0;
}

int
conflict_check(const struct conflict *conflict, const char *origin,
    const uint8_t public_key[NOTE_PUBLIC_LEN],
    struct note_checkpoint ret_checkpoints[2], struct error *err)
{
	enum follow_verdict verdict = FOLLOW_SAME;
	struct note small, large;
	struct error why = { 0 };

	if (note_verify(conflict->small, conflict->small_len, origin,
		public_key, &small, err) < 0 ||
	    note_verify(conflict->large, conflict->large_len, origin,
		public_key, &large, err) < 0)
		return -1;
	if (!text_equal(small.checkpoint.origin, origin) ||
	    small.checkpoint.size > large.checkpoint.size ||
	    follow_judge(&small.checkpoint, &large.checkpoint, conflict->proof,
		conflict->proof_count, &verdict, &why) < 0 ||
	    verdict != FOLLOW_CONFLICT)
		return error_set_id(err, "E5024", ERROR_UNTRUSTED,
		    "%s may have signed both", origin);
	ret_checkpoints[0] = small.checkpoint;
	ret_checkpoints[1] = large.checkpoint;
	return 0;
}
