#include "envelope/bundle.h"

#include <string.h>

#include "base/bytes.h"
#include "base/error.h"

static const char magic[BUNDLE_MAGIC_LEN] = "YZBNDL1\n";

/*
 * Which kinds may follow which: one text for each kind, its first letter the
 * kind ("." for the beginning), "!" where the bundle may end.
 */
static const char *const grammar[BUNDLE_TYPE_COUNT][8] = {
	[BUNDLE_SUBMISSION] = { ".W", "WRL", "RL", "LK", "KLC", "C!" },
	[BUNDLE_RELAY] = { ".W", "WR", "RL", "LK", "KP", "PLC", "C!" },
	[BUNDLE_DELIVERY] = { ".W", "WR", "RL", "LP", "PC!", "C!" },
	[BUNDLE_RECEIPTS] = { ".R!", "RR!" },
	[BUNDLE_BULLETINS] = { ".B!", "BBR!", "RB!" },
	[BUNDLE_FILES] = { ".N", "NF", "FN!" },
	[BUNDLE_MOVE] = { ".W", "WR", "RM", "MML", "LK", "KP", "PC", "C!" },
};

void
bundle_put_magic(struct bytes *to)
{
	bytes_put(to, magic, BUNDLE_MAGIC_LEN);
}

void
bundle_put_head(struct bytes *to, enum bundle_kind kind, uint64_t len)
{
	bytes_put_u8(to, (uint8_t)kind);
	bytes_put_u64(to, len);
}

void
bundle_put(struct bytes *to, enum bundle_kind kind, const void *data,
    size_t len)
{
	bundle_put_head(to, kind, len);
	bytes_put(to, data, len);
}

void
bundle_put_path(struct bytes *to, uint32_t index, const struct digest *path,
    size_t count)
{
	bundle_put_head(to, BUNDLE_PATH, 8 + count * DIGEST_LEN);
	bytes_put_u32(to, index);
	bytes_put_u32(to, (uint32_t)count);
	for (size_t i = 0; i < count; i++)
		bytes_put(to, path[i].bytes, DIGEST_LEN);
}

static int
malformed(struct error *err, const char *what)
{
	return error_set_id(err, "E3105", ERROR_MALFORMED, "bundle: %s", what);
}

static int
too_much(struct error *err, const char *what)
{
	return error_set_id(err, "E3106", ERROR_DENIED, "bundle: %s", what);
}

int
bundle_parse_path(const void *data, size_t len, uint32_t *ret_index,
    struct digest path[MERKLE_PATH_MAX], size_t *ret_count, struct error *err)
{
	struct cursor cursor = cursor_of(data, len);
	uint32_t index = cursor_u32(&cursor);
	uint32_t count = cursor_u32(&cursor);

	if (count > MERKLE_PATH_MAX)
		return malformed(err, "path too long");
	for (uint32_t i = 0; i < count; i++)
		cursor_copy(&cursor, path[i].bytes, DIGEST_LEN);
	if (!cursor_done(&cursor))
		return malformed(err, "path of the wrong length");
	*ret_index = index;
	*ret_count = count;
	return 0;
}

struct bundle_reader
bundle_reader_of(enum bundle_type type, uint64_t content_max,
    const struct bundle_handler *handler, void *context)
{
	return (struct bundle_reader){ .type = type,
		.content_max = content_max,
		.handler = handler,
		.context = context };
}

/* True if `next` may come after the record at hand. */
static bool
may_follow(const struct bundle_reader *reader, char next)
{
	char now = reader->kind != 0 ? (char)reader->kind : '.';

	for (size_t i = 0; i < ARRAY_LEN(grammar[0]); i++) {
		const char *rule = grammar[reader->type][i];

		if (rule != NULL && rule[0] == now)
			return next != '\0' && strchr(rule + 1, next) != NULL;
	}
	return false;
}

static int
check_limits(struct bundle_reader *reader, uint64_t len, struct error *err)
{
	if (reader->kind == BUNDLE_CONTENT || reader->kind == BUNDLE_FILE ||
	    reader->kind == BUNDLE_BULLETIN)
		return len > reader->content_max
		    ? too_much(err, "content is too long")
		    : 0;
	if (len > BUNDLE_RECORD_MAX)
		return too_much(err, "a record is too long");
	reader->small_len += len + BUNDLE_RECORD_HEAD_LEN;
	if (reader->small_len > BUNDLE_RECORDS_MAX)
		return too_much(err, "the records are too long");
	if (reader->kind == BUNDLE_LEAF &&
	    ++reader->recipients > BUNDLE_RECIPIENTS_MAX)
		return too_much(err, "too many recipients");
	return 0;
}

static int
begin_record(struct bundle_reader *reader, struct error *err)
{
	struct cursor cursor = cursor_of(reader->head, sizeof(reader->head));
	uint8_t kind = cursor_u8(&cursor);
	uint64_t len = cursor_u64(&cursor);

	if (kind == '!' || kind > 'Z' || !may_follow(reader, (char)kind))
		return malformed(err, "a record of unexpected kind");
	reader->kind = kind;
	if (check_limits(reader, len, err) < 0)
		return -1;
	reader->head_len = 0;
	reader->left = len;
	reader->in_record = true;
	return reader->handler->begin(reader->context, (enum bundle_kind)kind,
	    len, err);
}

/* Collect magic and record heads; returns how much of `data` was taken. */
static int
take_head(struct bundle_reader *reader, const uint8_t *data, size_t len,
    size_t *ret_taken, struct error *err)
{
	size_t want =
	    reader->has_magic ? BUNDLE_RECORD_HEAD_LEN : BUNDLE_MAGIC_LEN;
	size_t room = want - reader->head_len;

	*ret_taken = len < room ? len : room;
	memcpy(reader->head + reader->head_len, data, *ret_taken);
	reader->head_len += *ret_taken;
	if (reader->head_len < want)
		return 0;
	if (reader->has_magic)
		return begin_record(reader, err);
	if (memcmp(reader->head, magic, BUNDLE_MAGIC_LEN) != 0)
		return malformed(err, "it does not begin as one");
	reader->has_magic = true;
	reader->head_len = 0;
	return 0;
}

static int
take_body(struct bundle_reader *reader, const uint8_t *data, size_t len,
    size_t *ret_taken, struct error *err)
{
	*ret_taken = len < reader->left ? len : (size_t)reader->left;
	reader->left -= *ret_taken;
	return *ret_taken == 0
	    ? 0
	    : reader->handler->data(reader->context, data, *ret_taken, err);
}

static int
push(struct bundle_reader *reader, const uint8_t *at, size_t len,
    struct error *err)
{
	while (len > 0) {
		size_t taken;
		int rc = reader->in_record
		    ? take_body(reader, at, len, &taken, err)
		    : take_head(reader, at, len, &taken, err);

		if (rc < 0)
			return -1;
		at += taken;
		len -= taken;
		if (reader->in_record && reader->left == 0) {
			reader->in_record = false;
			if (reader->handler->end(reader->context, err) < 0)
				return -1;
		}
	}
	return 0;
}

int
bundle_reader_push(struct bundle_reader *reader, const void *data, size_t len,
    struct error *err)
{
	if (reader->failed)
		return malformed(err, "refused before");
	if (push(reader, data, len, err) < 0)
		reader->failed = true;
	return reader->failed ? -1 : 0;
}

int
bundle_reader_finish(struct bundle_reader *reader, struct error *err)
{
	if (reader->failed)
		return malformed(err, "refused before");
	reader->failed = true;
	if (!reader->has_magic || reader->in_record || reader->head_len > 0 ||
	    !may_follow(reader, '!'))
		return malformed(err, "it ends too early");
	return 0;
}
