#include "log/add_checkpoint.h"

#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "log/hash_lines.h"

void
add_checkpoint_put_proof(uint64_t old_size, const struct digest *proof,
    size_t count, struct bytes *to)
{
	bytes_put_format(to, "old %llu\n", (unsigned long long)old_size);
	hash_lines_put(proof, count, to);
}

int
add_checkpoint_put(uint64_t old_size, const struct digest *proof, size_t count,
    const void *note, size_t note_len, struct bytes *to, struct error *err)
{
	add_checkpoint_put_proof(old_size, proof, count, to);
	bytes_put(to, note, note_len);
	return bytes_failed(to, err);
}

static int
malformed(struct error *err, const char *what)
{
	return error_set_id(err, "E5025", ERROR_MALFORMED,
	    "checkpoint for a witness: %s", what);
}

/* "old 123". */
static bool
take_size(struct cursor *cursor, uint64_t *ret_size)
{
	const char *line = (const char *)cursor->data;
	const char *end =
	    cursor->left > 0 ? memchr(line, '\n', cursor->left) : NULL;
	char number[24];
	size_t len;

	if (end == NULL || end - line < 5 || memcmp(line, "old ", 4) != 0)
		return false;
	len = (size_t)(end - line) - 4;
	if (!text_copy_len(number, sizeof(number), line + 4, len) ||
	    (number[0] == '0' && len > 1) ||
	    !text_parse_u64(number, INT64_MAX, ret_size))
		return false;
	cursor_take(cursor, len + 5);
	return true;
}

int
add_checkpoint_parse(const void *data, size_t len,
    struct add_checkpoint *ret_request, struct error *err)
{
	struct cursor cursor = cursor_of(data, len);
	struct add_checkpoint request = { .proof_count = 0 };

	if (len > ADD_CHECKPOINT_MAX)
		return malformed(err, "too long");
	if (!take_size(&cursor, &request.old_size))
		return malformed(err, "it does not begin with the old size");
	if (!hash_lines_take(&cursor, request.proof, &request.proof_count))
		return malformed(err, "the proof");
	if (cursor.left == 0)
		return malformed(err, "there is no checkpoint");
	request.note = cursor.data;
	request.note_len = cursor.left;
	*ret_request = request;
	return 0;
}

int
add_checkpoint_next(struct cursor *cursor, uint64_t *ret_old_size,
    struct digest proof[MERKLE_PATH_MAX], size_t *ret_count)
{
	if (cursor->left < 4 || memcmp(cursor->data, "old ", 4) != 0)
		return 0;
	return take_size(cursor, ret_old_size) &&
		hash_lines_take(cursor, proof, ret_count)
	    ? 1
	    : -1;
}
