#include "crash/crash_store.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "crypto/sha256.h"
#include "store/leaves.h"
#include "store/query.h"
#include "store/rows.h"
#include "store/store_partial.h"

enum {
	LETTER_LEN_MAX = 700000,
	GROUPS = 12,
	GROUPS_AFTER = 3,  /* when it is a recovery */
	PART_LEN = 270000, /* more than a frame */
};

static const char *const migrations[] = {
	"CREATE TABLE letter (id INTEGER PRIMARY KEY, "
	"payload INTEGER NOT NULL, leaf INTEGER NOT NULL);"
	"CREATE INDEX letter_payload ON letter (payload)",
};

struct work {
	struct store *store;
	uint64_t seed;
	uint32_t next;
	unsigned acknowledged;
	unsigned lost;

	/* The letter that comes in parts; NULL: none, or it is resumed. */
	struct segment_writer *writer;
	uint32_t part_number;
	size_t part_put;
};

/* A letter of the open group. */
struct letter {
	struct work *work;
	uint32_t number;
	uint64_t leaf; /* or its durable bytes */
	enum letters_said kind;
};

static enum letters_mistake mistaken;

void
letters_make_mistake(enum letters_mistake mistake)
{
	mistaken = mistake;
}

struct store_options
letters_options(const char *dir)
{
	return (struct store_options){ .dir = dir,
		.application_id = 7,
		.migrations = migrations,
		.migration_count = 1,
		.segments = { .segment_mib = 1,
		    .reads_disk = true,
		    .buffered = mistaken == LETTERS_NO_PAYLOAD_SYNC,
		    .tests_never_sync = mistaken == LETTERS_NO_PAYLOAD_SYNC },
		.allow_volatile = true,
		.tests_ack_too_early = mistaken == LETTERS_ACK_TOO_EARLY };
}

static bool
comes_in_parts(uint32_t letter)
{
	return letter % 16 == 9;
}

static size_t
len_of(uint32_t letter)
{
	uint64_t seed = letter;
	uint64_t chance = crash_random(&seed);

	/* Most fit a block or few, some take several frames. */
	if (comes_in_parts(letter))
		return 2 * PAYLOAD_FRAME_DATA + crash_random(&seed) % 150000;
	return chance % 16 == 0 ? crash_random(&seed) % LETTER_LEN_MAX
				: crash_random(&seed) % 20000;
}

static void
fill(uint32_t letter, uint8_t *data, size_t len)
{
	uint8_t next = (uint8_t)(letter * 31);

	for (size_t i = 0; i < len; next++)
		for (size_t line = 0; line < 251 && i < len; line++, i++) {
			data[i] = next;
			next += 7;
		}
}

static uint8_t letter_data[LETTER_LEN_MAX];

/* ---- working --------------------------------------------------------------- */

static void
on_end(void *context, const struct error *why)
{
	struct letter *letter = context;

	if (why == NULL) {
		if (letter->kind == LETTERS_KEPT)
			segment_writer_keep(letter->work->writer, letter->leaf);
		crash_disk_say(letter->kind, letter->number, &letter->leaf,
		    sizeof(letter->leaf));
		letter->work->acknowledged +=
		    letter->kind == LETTERS_ACKNOWLEDGED;
	}
	free(letter);
}

static int
when_durable(struct work *work, uint32_t number, uint64_t leaf,
    enum letters_said kind, struct error *err)
{
	struct letter *letter = malloc(sizeof(*letter));

	if (letter == NULL)
		return error_set_memory(err);
	*letter = (struct letter){ work, number, leaf, kind };
	if (store_after(work->store, on_end, letter, err) == 0)
		return 0;
	free(letter);
	return -1;
}

static int
insert(struct work *work, uint32_t number, uint64_t payload, uint64_t leaf,
    struct error *err)
{
	struct query *query = NULL;

	if (query_begin(store_rows(work->store),
		"INSERT INTO letter (id, payload, leaf) VALUES (?1, ?2, ?3)",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, number);
	query_bind_int(query, 2, (int64_t)payload);
	query_bind_int(query, 3, (int64_t)leaf);
	return query_finish(query, err);
}

/* Leaf and row of a letter whose payload is in the open group. */
static int
add_rows(struct work *work, uint32_t number, uint64_t payload,
    struct error *err)
{
	const struct digest salt = { { 1 } };
	uint64_t leaf = 0;

	if (leaves_append(store_leaves(work->store), &salt, &number,
		sizeof(number), &leaf, err) < 0 ||
	    insert(work, number, payload, leaf, err) < 0)
		return -1;
	return when_durable(work, number, leaf, LETTERS_ACKNOWLEDGED, err);
}

static int
add_letter(struct work *work, uint32_t number, struct error *err)
{
	const struct id label = { { (uint8_t)number } };
	struct segment_writer *writer = NULL;
	struct payload payload = { 0 };
	uint64_t payload_number;
	size_t len = len_of(number);

	fill(number, letter_data, len);
	if (store_payload_new(work->store, &label, &writer, err) < 0)
		return -1;
	if (segment_writer_put(writer, letter_data, len, err) < 0) {
		segment_writer_abort(writer);
		return -1;
	}
	if (store_payload_add(work->store, writer, &payload, err) < 0)
		return -1;
	payload_number = payload.number;
	payload_free(&payload);
	return add_rows(work, number, payload_number, err);
}

/* ---- letters in parts ------------------------------------------------------ */

static struct digest
name_of(uint32_t number)
{
	struct digest name = { { 0 } };

	memcpy(name.bytes, &number, sizeof(number));
	return name;
}

static uint32_t
number_of(const struct store_partial *partial)
{
	uint32_t number;

	memcpy(&number, partial->name.bytes, sizeof(number));
	return number;
}

/* Read what is kept: its hash, with which it goes on. */
static int
hash_kept(struct store *store, const struct store_partial *partial,
    struct sha256 **ret_sha, struct error *err)
{
	struct segment_reader *reader = NULL;
	struct sha256 *sha = NULL;
	const uint8_t *data = NULL;
	size_t len = 0;
	int more = -1;

	if (sha256_new(&sha, err) == 0 &&
	    segment_reader_new(store_segments(store), &partial->payload,
		&reader, err) == 0)
		while (
		    (more = segment_reader_next(reader, &data, &len, err)) > 0)
			sha256_update(sha, data, len);
	segment_reader_free(reader);
	if (more < 0) {
		sha256_free(sha);
		return -1;
	}
	*ret_sha = sha;
	return 0;
}

/* Go on with what is kept: 1, or 0 if nothing is. */
static int
resume_part(struct work *work, struct error *err)
{
	struct store_partial partial = { 0 };
	struct sha256 *sha = NULL;
	int found = store_partial_next(work->store, 0, &partial, err);

	if (found <= 0)
		return found;
	work->part_number = number_of(&partial);
	work->part_put = (size_t)partial.payload.length;
	if (hash_kept(work->store, &partial, &sha, err) < 0 ||
	    store_partial_resume(work->store, &partial, sha, &work->writer,
		err) < 0)
		found = -1;
	store_partial_free(&partial);
	return found;
}

static void
give_up_part(struct work *work)
{
	segment_writer_abort(work->writer);
	work->writer = NULL;
}

/* The last byte is here: it becomes a letter. */
static int
end_part(struct work *work, struct error *err)
{
	struct segment_writer *writer = work->writer;
	struct payload payload = { 0 };
	uint64_t payload_number;
	struct digest wanted;

	work->writer = NULL;
	sha256(letter_data, len_of(work->part_number), &wanted);
	if (store_partial_finish(work->store, writer, &wanted, &payload, err) <
	    0)
		return -1;
	payload_number = payload.number;
	payload_free(&payload);
	return add_rows(work, work->part_number, payload_number, err);
}

/* Another part of the letter that is on its way. */
static int
put_part(struct work *work, struct error *err)
{
	uint32_t number = work->part_number;
	size_t left = len_of(number) - work->part_put;
	size_t len = left < PART_LEN ? left : PART_LEN;
	struct store_partial partial = { .host = "sender",
		.name = name_of(number),
		.total = len_of(number) };
	uint64_t frames;

	fill(number, letter_data, len_of(number));
	if (segment_writer_put(work->writer, letter_data + work->part_put, len,
		err) < 0) {
		give_up_part(work);
		return -1;
	}
	work->part_put += len;
	if (len == left)
		return end_part(work, err);
	frames = segment_writer_frames(work->writer)->length;
	if (store_partial_save(work->store, &partial, work->writer, err) < 0)
		return -1;
	return when_durable(work, number, frames, LETTERS_KEPT, err);
}

static int
begin_part(struct work *work, uint32_t number, struct error *err)
{
	const struct id label = { { (uint8_t)number } };

	work->part_number = number;
	work->part_put = 0;
	return store_payload_new(work->store, &label, &work->writer, err);
}

/* It is refused: what is kept goes. */
static int
drop_part(struct work *work, struct error *err)
{
	struct store_partial partial = { 0 };
	int found;

	give_up_part(work);
	found = store_partial_next(work->store, 0, &partial, err);
	if (found <= 0)
		return found;
	crash_disk_say(LETTERS_REMOVING, number_of(&partial), NULL, 0);
	found = store_partial_remove(work->store, partial.payload.number, err);
	store_partial_free(&partial);
	return found;
}

static int
work_on_part(struct work *work, struct error *err)
{
	uint64_t chance = crash_random(&work->seed) % 8;

	if (chance == 0)
		return drop_part(work, err);
	/* The link is cut. */
	if (chance < 3)
		give_up_part(work);
	if (work->writer == NULL && resume_part(work, err) < 0)
		return -1;
	return work->writer != NULL ? put_part(work, err) : 0;
}

static int
add_some_letter(struct work *work, uint32_t number, struct error *err)
{
	if (!comes_in_parts(number))
		return add_letter(work, number, err);
	/* One at a time; this number is left out. */
	if (work->writer != NULL || resume_part(work, err) != 0)
		return work->writer != NULL ? 0 : -1;
	return begin_part(work, number, err) < 0 ? -1 : put_part(work, err);
}

/* Payload of an old letter goes, its row and leaf stay. */
static int
remove_one(struct work *work, struct error *err)
{
	struct query *query = NULL;
	int64_t number = 0, payload = 0;
	int more;

	if (query_begin(store_rows(work->store),
		"SELECT id, payload FROM letter WHERE payload <> 0 "
		"ORDER BY id LIMIT 1",
		&query, err) < 0)
		return -1;
	more = query_next(query, err);
	if (more > 0) {
		number = query_int(query, 0);
		payload = query_int(query, 1);
	}
	query_end(query);
	if (more <= 0)
		return more;
	crash_disk_say(LETTERS_REMOVING, (uint32_t)number, NULL, 0);
	if (store_payload_remove(work->store, (uint64_t)payload, err) < 0 ||
	    query_begin(store_rows(work->store),
		"UPDATE letter SET payload = 0 WHERE id = ?1", &query, err) < 0)
		return -1;
	query_bind_int(query, 1, number);
	if (query_finish(query, err) < 0)
		return -1;
	return when_durable(work, (uint32_t)number, 0, LETTERS_REMOVED, err);
}

static int
remove_some(struct work *work, unsigned count, struct error *err)
{
	for (unsigned i = 0; i < count; i++)
		if (remove_one(work, err) < 0)
			return -1;
	return 0;
}

static int
fill_group(struct work *work, struct error *err)
{
	unsigned letters = (unsigned)(crash_random(&work->seed) % 5);
	unsigned removals = (unsigned)(crash_random(&work->seed) % 3);
	bool removes_first = crash_random(&work->seed) % 2 == 0;

	/* What is removed first must not make room for what comes then. */
	if (removes_first && remove_some(work, removals, err) < 0)
		return -1;
	if (work_on_part(work, err) < 0)
		return -1;
	for (unsigned i = 0; i < letters; i++)
		if (add_some_letter(work, work->next++, err) < 0)
			return -1;
	return removes_first ? 0 : remove_some(work, removals, err);
}

/* As a center signs: over what is durable, stored before anything is told. */
static int
sign(struct work *work, struct error *err)
{
	struct leaves *leaves = store_leaves(work->store);
	struct digest root = leaves_root(leaves);
	uint64_t size = leaves_size(leaves);

	crash_disk_say(LETTERS_SIGNED, (uint32_t)size, root.bytes,
	    sizeof(root.bytes));
	if (store_begin(work->store, err) < 0)
		return -1;
	if (leaves_checkpoint_add(leaves, size, root.bytes, sizeof(root.bytes),
		err) < 0) {
		store_abort(work->store, err);
		return -1;
	}
	return store_commit(work->store, err);
}

static int
work_group(struct work *work, struct error *err)
{
	struct error why = { 0 };

	if (store_begin(work->store, err) < 0)
		return -1;
	if (fill_group(work, err) < 0) {
		store_abort(work->store, err);
		return -1;
	}
	if (crash_random(&work->seed) % 8 == 0) {
		store_abort(work->store, &why);
		return 0;
	}
	if (store_commit(work->store, err) < 0)
		return -1;
	return crash_random(&work->seed) % 2 == 0 ? sign(work, err) : 0;
}

/* The first number that no letter of an earlier round can have. */
static uint32_t
first_number(unsigned round, uint64_t seed)
{
	return 1 + round * LETTERS_OF_ROUND + (uint32_t)(seed % 2) * 128;
}

unsigned
letters_work(const char *dir, unsigned round, uint64_t seed, unsigned groups,
    bool closes)
{
	struct store_options options = letters_options(dir);
	struct work work = { .seed = seed, .next = first_number(round, seed) };
	unsigned failures = 0;
	struct error err = { 0 };

	if (store_open(&options, NULL, NULL, &work.store, &err) < 0)
		return 0;
	for (unsigned i = 0;
	     i < groups && work.next % LETTERS_OF_ROUND < LETTERS_OF_ROUND - 8;
	     i++) {
		if (work_group(&work, &err) < 0 &&
		    (!error_is_temporary(&err) || ++failures > 2))
			break;
		if (crash_random(&work.seed) % 3 == 0 &&
		    store_idle(work.store, &err) < 0)
			break;
	}
	/* A process that ends does not close its files in order. */
	if (closes || seed % 2 == 0) {
		give_up_part(&work);
		store_close(work.store);
	}
	return work.acknowledged;
}

static void
run(const char *dir, unsigned round, uint64_t seed)
{
	struct error err = { 0 };
	struct store_options options = letters_options(dir);
	struct store *store = NULL;

	/* What a crash left must open, whatever it is. */
	if (round > 0) {
		if (store_open(&options, NULL, NULL, &store, &err) < 0) {
			fprintf(stderr, "recovering: %s\n", err.text);
			abort();
		}
		store_close(store);
	}
	letters_work(dir, round, seed, round == 0 ? GROUPS : GROUPS_AFTER,
	    false);
}

/* ---- checking ---------------------------------------------------------------- */

struct fate;

struct check {
	struct store *store;
	char *complaint;
	unsigned lost;
	struct fate *fates; /* by number */
	uint32_t highest;
	int64_t letters, with_payload;
};

/* What was said of a letter, and what is there. */
struct fate {
	bool was_said, may_be_gone, is_gone;
	uint64_t kept, kept_there; /* bytes */
	bool is_there, has_payload;
	uint64_t leaf, leaf_there;
};

static int complain(struct check *check, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static int
complain(struct check *check, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	vsnprintf(check->complaint, CRASH_COMPLAINT_SIZE, format, list);
	va_end(list);
	return -1;
}

static void
note_lost(void *context, const struct payload *payload, const struct error *why)
{
	struct check *check = context;

	(void)payload;
	(void)why;
	check->lost++;
}

static void
take_said(struct check *check, const struct crash_said *said, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		uint32_t number = said[i].number;

		if (said[i].kind == LETTERS_SIGNED)
			continue;
		if (said[i].kind == LETTERS_ACKNOWLEDGED) {
			check->fates[number].was_said = true;
			memcpy(&check->fates[number].leaf, said[i].data,
			    sizeof(uint64_t));
		}
		if (said[i].kind == LETTERS_KEPT)
			memcpy(&check->fates[number].kept, said[i].data,
			    sizeof(uint64_t));
		check->fates[number].may_be_gone |=
		    said[i].kind == LETTERS_REMOVING;
		check->fates[number].is_gone |= said[i].kind == LETTERS_REMOVED;
	}
}

/* Room for all letters that were spoken of or are there. */
static int
make_fates(struct check *check, const struct crash_said *said, size_t count,
    struct error *err)
{
	struct query *query = NULL;

	if (query_begin(store_rows(check->store),
		"SELECT coalesce(max(id), 0) FROM letter", &query, err) < 0 ||
	    query_next(query, err) <= 0) {
		query_end(query);
		return complain(check, "letters: %s", err->text);
	}
	check->highest = (uint32_t)query_int(query, 0);
	query_end(query);
	for (size_t i = 0; i < count; i++)
		if (said[i].kind != LETTERS_SIGNED &&
		    said[i].number > check->highest)
			check->highest = said[i].number;
	check->fates = calloc(check->highest + 1, sizeof(*check->fates));
	if (check->fates == NULL)
		abort();
	take_said(check, said, count);
	return 0;
}

/* Every root that was signed must be one that the log still has (I8). */
static int
check_signed(struct check *check, const struct crash_said *said, size_t count,
    struct error *err)
{
	struct leaves *leaves = store_leaves(check->store);
	struct digest root, signed_root;
	uint64_t checked = UINT64_MAX;

	if (leaves_check(leaves, &root, err) < 0)
		return complain(check, "the log: %s", err->text);
	for (size_t i = 0; i < count; i++) {
		if (said[i].kind != LETTERS_SIGNED || said[i].number == checked)
			continue;
		checked = said[i].number;
		memcpy(signed_root.bytes, said[i].data, DIGEST_LEN);
		if (leaves_root_at(leaves, checked, &root, err) < 0)
			return complain(check, "signed %u: %s", said[i].number,
			    err->text);
		if (!digest_equal(&root, &signed_root))
			return complain(check, "another root at %u",
			    said[i].number);
	}
	return 0;
}

static int
check_payload(struct check *check, uint32_t letter, uint64_t number,
    struct error *err)
{
	struct payload payload = { 0 };
	struct segment_reader *reader = NULL;
	const uint8_t *data = NULL;
	size_t at = 0, len = 0;
	int more = -1;

	if (store_payload_find(check->store, number, &payload, err) < 0 ||
	    segment_reader_new(store_segments(check->store), &payload, &reader,
		err) < 0)
		goto done;
	fill(letter, letter_data, len_of(letter));
	while ((more = segment_reader_next(reader, &data, &len, err)) > 0) {
		if (at + len > len_of(letter) ||
		    memcmp(data, letter_data + at, len) != 0) {
			error_set(err, ERROR_SYSTEM, "other bytes");
			more = -1;
			break;
		}
		at += len;
	}
	if (more == 0 && at != len_of(letter))
		more = error_set(err, ERROR_SYSTEM, "%zu bytes", at);
done:
	segment_reader_free(reader);
	payload_free(&payload);
	return more < 0 ? complain(check, "letter %u: %s", letter, err->text)
			: 0;
}

/* The leaf of a letter must speak of it. */
static int
check_leaf(struct check *check, uint32_t letter, uint64_t index,
    struct error *err)
{
	struct bytes statement = { 0 };
	struct digest salt;
	int rc = leaves_find(store_leaves(check->store), index, &salt,
	    &statement, err);

	if (rc < 0)
		complain(check, "leaf of letter %u: %s", letter, err->text);
	else if (statement.len != sizeof(letter) ||
	    memcmp(statement.data, &letter, sizeof(letter)) != 0)
		rc = complain(check, "leaf %llu is not of letter %u",
		    (unsigned long long)index, letter);
	bytes_free(&statement);
	return rc;
}

/* No row without payload and leaf, whether it was acknowledged or not. */
static int
check_rows(struct check *check, struct error *err)
{
	struct query *query = NULL;
	int more, rc = 0;

	if (query_begin(store_rows(check->store),
		"SELECT id, payload, leaf FROM letter", &query, err) < 0)
		return complain(check, "letters: %s", err->text);
	while (rc == 0 && (more = query_next(query, err)) > 0) {
		uint32_t letter = (uint32_t)query_int(query, 0);
		uint64_t payload = (uint64_t)query_int(query, 1);

		check->fates[letter].is_there = true;
		check->fates[letter].leaf_there = (uint64_t)query_int(query, 2);
		check->fates[letter].has_payload = payload != 0;
		check->letters++;
		check->with_payload += payload != 0;
		if (payload != 0)
			rc = check_payload(check, letter, payload, err);
		if (rc == 0)
			rc = check_leaf(check, letter,
			    check->fates[letter].leaf_there, err);
	}
	query_end(query);
	if (rc == 0 && more < 0)
		rc = complain(check, "letters: %s", err->text);
	return rc;
}

/* What is kept of a letter are its first bytes, and it is not there whole. */
static int
check_partial(struct check *check, const struct store_partial *partial,
    struct error *err)
{
	uint32_t letter = number_of(partial);
	size_t len = (size_t)partial->payload.length;
	struct digest wanted, found;
	struct sha256 *sha = NULL;

	if (partial->payload.length >= len_of(letter) ||
	    partial->total != len_of(letter))
		return complain(check, "%zu bytes are kept of letter %u", len,
		    letter);
	if (hash_kept(check->store, partial, &sha, err) < 0)
		return complain(check, "what is kept of letter %u: %s", letter,
		    err->text);
	sha256_final(sha, &found);
	sha256_free(sha);
	fill(letter, letter_data, len);
	sha256(letter_data, len, &wanted);
	if (!digest_equal(&wanted, &found))
		return complain(check, "other bytes are kept of letter %u",
		    letter);
	if (letter > check->highest)
		return 0;
	if (check->fates[letter].is_there || check->fates[letter].is_gone)
		return complain(check, "letter %u is kept twice", letter);
	check->fates[letter].kept_there = partial->payload.length;
	return 0;
}

static int
check_partials(struct check *check, struct error *err)
{
	struct store_partial partial = { 0 };
	uint64_t number = 0;
	int more, rc = 0;

	while (rc == 0 &&
	    (more = store_partial_next(check->store, number, &partial, err)) >
		0) {
		number = partial.payload.number;
		rc = check_partial(check, &partial, err);
		store_partial_free(&partial);
	}
	return rc == 0 && more < 0 ? complain(check, "partials: %s", err->text)
				   : rc;
}

static int
check_promises(struct check *check)
{
	for (uint32_t letter = 0; letter <= check->highest; letter++) {
		if (!check->fates[letter].may_be_gone &&
		    !check->fates[letter].is_there &&
		    check->fates[letter].kept_there < check->fates[letter].kept)
			return complain(check, "of letter %u less is kept",
			    letter);
		if (check->fates[letter].was_said &&
		    !check->fates[letter].is_there)
			return complain(check, "letter %u is lost", letter);
		if (check->fates[letter].was_said &&
		    check->fates[letter].leaf_there !=
			check->fates[letter].leaf)
			return complain(check, "letter %u has another leaf",
			    letter);
		if (check->fates[letter].was_said &&
		    !check->fates[letter].may_be_gone &&
		    !check->fates[letter].has_payload)
			return complain(check, "letter %u lost its payload",
			    letter);
		if (check->fates[letter].is_gone &&
		    check->fates[letter].has_payload)
			return complain(check, "letter %u came back", letter);
	}
	return 0;
}

static int
count_of(struct check *check, const char *sql, int64_t wanted,
    struct error *err)
{
	struct query *query = NULL;
	int64_t count = -1;

	if (query_begin(store_rows(check->store), sql, &query, err) < 0 ||
	    query_next(query, err) <= 0) {
		query_end(query);
		return complain(check, "%s: %s", sql, err->text);
	}
	count = query_int(query, 0);
	query_end(query);
	return count == wanted ? 0
			       : complain(check, "%s: %lld, not %lld", sql,
				     (long long)count, (long long)wanted);
}

/* Nothing double, and nothing that belongs to nobody. */
static int
check_counts(struct check *check, struct error *err)
{
	struct segments_state segments;

	if (count_of(check, "SELECT count(*) FROM payload", check->with_payload,
		err) < 0 ||
	    count_of(check,
		"SELECT count(DISTINCT payload) FROM letter WHERE payload <> 0",
		check->with_payload, err) < 0 ||
	    count_of(check, "SELECT count(*) FROM leaf", check->letters, err) <
		0)
		return -1;
	if (rows_check(store_rows(check->store), err) < 0)
		return complain(check, "rows: %s", err->text);
	/* A crash leaves no segment half made under its last name. */
	segments_state(store_segments(check->store), &segments);
	if (segments.damaged > 0)
		return complain(check, "%u segments damaged", segments.damaged);
	return check->lost == 0
	    ? 0
	    : complain(check, "%u payloads lost at the start", check->lost);
}

int
letters_check(const char *dir, const struct crash_said *said, size_t count,
    char complaint[CRASH_COMPLAINT_SIZE])
{
	struct store_options options = letters_options(dir);
	struct check *check = calloc(1, sizeof(*check));
	struct error err = { 0 };
	int rc = -1;

	if (check == NULL)
		abort();
	check->complaint = complaint;
	if (store_open(&options, note_lost, check, &check->store, &err) < 0)
		complain(check, "opening: %s", err.text);
	else if (make_fates(check, said, count, &err) == 0 &&
	    check_rows(check, &err) == 0 && check_partials(check, &err) == 0 &&
	    check_promises(check) == 0 &&
	    check_signed(check, said, count, &err) == 0)
		rc = check_counts(check, &err);
	store_close(check->store);
	free(check->fates);
	free(check);
	return rc;
}

/* ---- reading everything -------------------------------------------------------- */

struct reading {
	struct store *store;
	struct sha256 *sha;
	struct error *err;
	bool has_lost;
};

static void
note_first_lost(void *context, const struct payload *payload,
    const struct error *why)
{
	struct reading *reading = context;

	(void)payload;
	if (!reading->has_lost)
		*reading->err = *why;
	reading->has_lost = true;
}

static int
read_payload(struct reading *reading, uint64_t number)
{
	struct payload payload = { 0 };
	struct segment_reader *reader = NULL;
	const uint8_t *data = NULL;
	size_t len = 0;
	int more = -1;

	if (store_payload_find(reading->store, number, &payload,
		reading->err) == 0 &&
	    segment_reader_new(store_segments(reading->store), &payload,
		&reader, reading->err) == 0)
		while ((more = segment_reader_next(reader, &data, &len,
			    reading->err)) > 0)
			sha256_update(reading->sha, data, len);
	segment_reader_free(reader);
	payload_free(&payload);
	return more;
}

/* Every column of every row, and with `is_payload` what column 0 names. */
static int
read_table(struct reading *reading, const char *sql, int columns,
    bool is_payload)
{
	struct query *query = NULL;
	int more;

	if (query_begin(store_rows(reading->store), sql, &query, reading->err) <
	    0)
		return -1;
	while ((more = query_next(query, reading->err)) > 0) {
		for (int i = 0; i < columns; i++) {
			size_t len = 0;
			const void *data = query_data(query, i, &len);

			sha256_update(reading->sha, data, len);
		}
		if (is_payload &&
		    read_payload(reading, (uint64_t)query_int(query, 0)) < 0) {
			more = -1;
			break;
		}
	}
	query_end(query);
	return more;
}

static int
read_partials(struct reading *reading)
{
	struct store_partial partial = { 0 };
	uint64_t number = 0;
	int more;

	while ((more = store_partial_next(reading->store, number, &partial,
		    reading->err)) > 0) {
		struct sha256 *sha = NULL;
		struct digest digest;

		number = partial.payload.number;
		if (hash_kept(reading->store, &partial, &sha, reading->err) ==
		    0)
			sha256_final(sha, &digest);
		else
			more = -1;
		sha256_free(sha);
		store_partial_free(&partial);
		if (more < 0)
			return -1;
		sha256_update(reading->sha, digest.bytes, DIGEST_LEN);
	}
	return more < 0 ? -1
			: read_table(reading,
			      "SELECT number, label, length, extents, host,"
			      " name, total, moved_at, ends_at FROM partial",
			      9, false);
}

static int
read_all(struct reading *reading)
{
	struct digest root;

	if (read_table(reading,
		"SELECT number, label, length, digest, extents FROM payload "
		"ORDER BY number",
		5, true) < 0 ||
	    read_table(reading, "SELECT id, payload, leaf FROM letter", 3,
		false) < 0 ||
	    read_table(reading,
		"SELECT position, hash, salt, statement FROM leaf", 4,
		false) < 0 ||
	    read_table(reading, "SELECT level, position, hashes FROM tile", 3,
		false) < 0 ||
	    read_table(reading, "SELECT size, note FROM checkpoint", 2, false) <
		0 ||
	    read_partials(reading) < 0 ||
	    leaves_check(store_leaves(reading->store), &root, reading->err) < 0)
		return -1;
	return rows_check(store_rows(reading->store), reading->err);
}

int
letters_digest(const char *dir, struct digest *ret_digest, struct error *err)
{
	struct store_options options = letters_options(dir);
	struct reading reading = { .err = err };
	int rc = -1;

	if (store_open(&options, note_first_lost, &reading, &reading.store,
		err) < 0)
		return -1;
	if (!reading.has_lost && sha256_new(&reading.sha, err) == 0 &&
	    read_all(&reading) == 0) {
		sha256_final(reading.sha, ret_digest);
		rc = 0;
	}
	sha256_free(reading.sha);
	store_close(reading.store);
	return rc;
}

const struct crash_subject letters_subject = { "store", run, letters_check };
