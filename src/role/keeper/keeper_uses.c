#include "role/keeper/keeper_uses.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "crypto/cert.h"
#include "crypto/sha256.h"
#include "role/keeper/keeper_file.h"
#include "role/query/metrics.h"
#include "sys/file.h"

/*
 * certificate (32) || turn (8) || count (8) || name (64) || the first 16 bytes
 * of the SHA-256 of all that
 */
enum {
	RECORD = 128,
	CHECKED = 112,
	NAME_AT = 48,
	FILE_MAX = 2 * RECORD * KEEPER_USES_KEYS_MAX,
};

struct record {
	struct digest certificate;
	uint64_t turn;
	uint64_t count;
	char name[MESSAGE_KEY_NAME_SIZE];
};

/* ---- records ------------------------------------------------------------ */

static void
encode(const struct record *record, struct bytes *to)
{
	struct digest check;

	bytes_put(to, record->certificate.bytes, DIGEST_LEN);
	bytes_put_u64(to, record->turn);
	bytes_put_u64(to, record->count);
	bytes_put(to, record->name, sizeof(record->name));
	if (!to->failed)
		sha256(to->data, CHECKED, &check);
	bytes_put(to, check.bytes, RECORD - CHECKED);
}

static bool
decode(const uint8_t *data, struct record *ret_record)
{
	struct cursor cursor = cursor_of(data, CHECKED);
	struct digest check;

	*ret_record = (struct record){ 0 };
	sha256(data, CHECKED, &check);
	if (memcmp(check.bytes, data + CHECKED, RECORD - CHECKED) != 0 ||
	    data[CHECKED - 1] != '\0')
		return false;
	cursor_copy(&cursor, ret_record->certificate.bytes, DIGEST_LEN);
	ret_record->turn = cursor_u64(&cursor);
	ret_record->count = cursor_u64(&cursor);
	memcpy(ret_record->name, data + NAME_AT, sizeof(ret_record->name));
	return true;
}

/* The newer of the two of a place; false if neither is whole. */
static bool
decode_place(const uint8_t *data, struct record *ret_record)
{
	struct record other;
	bool has_one = decode(data, ret_record);

	if (decode(data + RECORD, &other) &&
	    (!has_one || other.turn > ret_record->turn)) {
		*ret_record = other;
		return true;
	}
	return has_one;
}

static int
read_file(int fd, struct bytes *to, struct error *err)
{
	uint64_t len;
	uint8_t *room;
	size_t got;

	if (file_size(fd, &len, err) < 0)
		return -1;
	/* What was not written to its end was never counted on. */
	len -= len % ((uint64_t)2 * RECORD);
	if (len > FILE_MAX)
		return error_set_id(err, "E3310", ERROR_MALFORMED,
		    "the file of uses has %llu bytes", (unsigned long long)len);
	if (len == 0)
		return 0;
	room = bytes_extend(to, (size_t)len);
	if (room == NULL)
		return error_set_memory(err);
	if (file_read_at(fd, room, (size_t)len, 0, &got, err) < 0)
		return -1;
	to->len = got - got % ((size_t)2 * RECORD);
	return 0;
}

static int
write_key(const struct keeper_uses *uses, struct keeper_uses_key *at,
    const struct keeper_key *key, uint64_t count, struct error *err)
{
	struct record record = { .certificate = at->certificate,
		.turn = at->turn + 1,
		.count = count };
	uint64_t place = ((uint64_t)at->place * 2 + record.turn % 2) * RECORD;
	struct bytes data = { 0 };
	int rc;

	memcpy(record.name, key->name, sizeof(record.name));
	encode(&record, &data);
	rc = bytes_failed(&data, err);
	/* O_DSYNC: durable when it returns. */
	if (rc == 0)
		rc = file_write_at(uses->fd, data.data, data.len, place, err);
	bytes_free(&data);
	if (rc < 0)
		return -1;
	at->turn = record.turn;
	at->reserved = count;
	return 0;
}

/* ---- the file ------------------------------------------------------------ */

/* What the file says of the key, or a new place behind all others. */
static int
find_place(struct keeper_uses *uses, struct keeper_key *key,
    const struct bytes *file, size_t *places, struct error *err)
{
	struct keeper_uses_key *at = &uses->keys[uses->count++];
	struct record record;

	at->certificate = *cert_fingerprint(key->cert);
	for (size_t i = 0; i < file->len / (2 * RECORD); i++) {
		if (!decode_place(file->data + 2 * RECORD * i, &record) ||
		    !digest_equal(&record.certificate, &at->certificate))
			continue;
		at->place = i;
		at->turn = record.turn;
		at->reserved = record.count;
		key->uses = record.count;
		return 0;
	}
	if (*places == KEEPER_USES_KEYS_MAX)
		return error_set_id(err, "E3310", ERROR_MALFORMED,
		    "uses of more than %d keys", KEEPER_USES_KEYS_MAX);
	at->place = (*places)++;
	/* Both, so that later writes need no room on the disk. */
	return write_key(uses, at, key, 0, err) < 0
	    ? -1
	    : write_key(uses, at, key, 0, err);
}

int
keeper_uses_open(const char *path, struct keeper_keys *keys,
    struct keeper_uses *ret_uses, struct error *err)
{
	struct keeper_uses uses = { .fd = -1 };
	struct bytes file = { 0 };
	size_t places = 0;
	int rc = -1;

	uses.keys = calloc(keys->count + 1, sizeof(*uses.keys));
	if (uses.keys == NULL)
		return error_set_memory(err);
	uses.fd = open(path,
	    O_RDWR | O_CREAT | O_DSYNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (uses.fd < 0)
		error_set_errno(err, "opening %s", path);
	else if (read_file(uses.fd, &file, err) == 0)
		rc = 0;
	places = file.len / ((size_t)2 * RECORD);
	for (size_t i = 0; i < keys->count && rc == 0; i++)
		rc = find_place(&uses, &keys->items[i], &file, &places, err);
	if (rc == 0)
		rc = keeper_file_sync_folder(path, err);
	bytes_free(&file);
	if (rc < 0) {
		if (uses.fd >= 0)
			close(uses.fd);
		free(uses.keys);
		return error_prefix(err, "%s", path);
	}
	*ret_uses = uses;
	return 0;
}

static struct keeper_uses_key *
find(const struct keeper_uses *uses, const struct keeper_key *key)
{
	for (size_t i = 0; i < uses->count; i++)
		if (digest_equal(&uses->keys[i].certificate,
			cert_fingerprint(key->cert)))
			return &uses->keys[i];
	return NULL;
}

int
keeper_uses_reserve(struct keeper_uses *uses, const struct keeper_key *key,
    uint64_t count, struct error *err)
{
	struct keeper_uses_key *at = find(uses, key);

	if (at == NULL || count <= at->reserved)
		return 0;
	return write_key(uses, at, key, count + KEEPER_USES_AHEAD, err);
}

void
keeper_uses_close(struct keeper_uses *uses, const struct keeper_keys *keys)
{
	struct error ignored = { 0 };

	for (size_t i = 0; i < keys->count; i++) {
		struct keeper_uses_key *at = find(uses, &keys->items[i]);

		if (at != NULL && keys->items[i].uses < at->reserved &&
		    write_key(uses, at, &keys->items[i], keys->items[i].uses,
			&ignored) < 0)
			break;
	}
	if (uses->keys != NULL && uses->fd >= 0)
		close(uses->fd);
	free(uses->keys);
	*uses = (struct keeper_uses){ .fd = -1 };
}

void
keeper_uses_put_metrics(const char *path, struct bytes *to)
{
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	struct error ignored = { 0 };
	struct bytes file = { 0 };

	if (fd < 0)
		return;
	if (read_file(fd, &file, &ignored) == 0) {
		metrics_put_head(to, "yizhan_module_key_uses_total", "counter",
		    "Uses of each key of the crypto module, counted ahead.");
		for (size_t i = 0; i < file.len / ((size_t)2 * RECORD); i++) {
			struct record record;
			char text[DIGEST_TEXT_SIZE];

			if (!decode_place(file.data + (size_t)2 * RECORD * i,
				&record))
				continue;
			digest_format(&record.certificate, text);
			bytes_put_format(to,
			    "yizhan_module_key_uses_total{key=\"%s\","
			    "certificate=\"%.16s\"} %" PRIu64 "\n",
			    record.name, text, record.count);
		}
	}
	bytes_free(&file);
	close(fd);
}
