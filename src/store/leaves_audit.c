#include "store/leaves_audit.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "log/tree.h"
#include "store/leaves.h"
#include "store/query.h"
#include "store/rows.h"

enum { LEVELS = TREE_LEVELS / LEAVES_TILE_LEVELS, WHY_SIZE = 160 };

/* A stored tile, read when the tree reaches it. */
struct stored {
	bool is_read;
	uint64_t index;
	size_t have; /* hashes; 0: there is none */
	struct digest hashes[LEAVES_TILE];
};

struct audit {
	struct rows *rows;
	const struct leaves_audit_options *options;
	struct leaves_summary summary;
	struct tree_edge edge;
	struct stored levels[LEVELS];
	uint64_t
	    bad_tile[LEVELS]; /* 1 + the one told last: each is told once */
	/* A record is missing and so is its hash: no root is known any more. */
	bool is_broken;
	bool is_rewritten; /* told: what follows differs as well */
	size_t kept;       /* checkpoints of others that were compared */
	uint64_t good;     /* size of the last checkpoint that fits */
	/* The next stored checkpoint. */
	struct query *notes;
	bool has_note;
	struct note_checkpoint note;
	struct error failure; /* of a call back */
	bool has_failed;
};

const char *
leaves_fault_name(enum leaves_fault fault)
{
	static const char *const names[LEAVES_FAULT_COUNT] = {
		[LEAVES_MISSING] = "missing",
		[LEAVES_CHANGED] = "changed",
		[LEAVES_HASHES] = "hashes",
		[LEAVES_REWRITTEN] = "rewritten",
		[LEAVES_SHORT] = "short",
		[LEAVES_UNSIGNED] = "unsigned",
		[LEAVES_LOOSE] = "loose",
		[LEAVES_STRANGE] = "strange",
	};

	return names[fault];
}

static void
tell(struct audit *audit, enum leaves_fault fault, uint64_t first,
    uint64_t last, const char *why)
{
	const struct leaves_finding finding = { fault, first, last, why };

	audit->summary.findings++;
	audit->options->tell(audit->options->ctx, &finding);
}

/* ---- tiles ----------------------------------------------------------- */

static int
read_tile(struct audit *audit, unsigned level, uint64_t index,
    struct error *err)
{
	struct stored *stored = &audit->levels[level];
	struct query *query;
	const void *data;
	size_t len;
	int more;

	*stored = (struct stored){ .is_read = true, .index = index };
	if (query_begin(audit->rows,
		"SELECT hashes FROM tile WHERE level = ?1 AND position = ?2",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, level);
	query_bind_int(query, 2, (int64_t)index);
	more = query_next(query, err);
	if (more > 0) {
		data = query_data(query, 0, &len);
		if (len % DIGEST_LEN == 0 && len <= sizeof(stored->hashes)) {
			memcpy(stored->hashes, data, len);
			stored->have = len / DIGEST_LEN;
		}
	}
	query_end(query);
	return more < 0 ? -1 : 0;
}

/* The stored hash at (tile level, index of the hash); NULL if none is there. */
static const struct digest *
stored_hash(struct audit *audit, unsigned level, uint64_t index,
    struct error *err)
{
	struct stored *stored = &audit->levels[level];

	if ((!stored->is_read || stored->index != index / LEAVES_TILE) &&
	    read_tile(audit, level, index / LEAVES_TILE, err) < 0)
		return NULL;
	return index % LEAVES_TILE < stored->have
	    ? &stored->hashes[index % LEAVES_TILE]
	    : NULL;
}

static void
tell_tile(struct audit *audit, unsigned level, uint64_t index, const char *why)
{
	unsigned bits = (level + 1) * LEAVES_TILE_LEVELS;
	uint64_t tile = index / LEAVES_TILE;
	uint64_t count = bits < TREE_LEVELS ? (uint64_t)1 << bits : 0;

	if (audit->bad_tile[level] == tile + 1)
		return;
	audit->bad_tile[level] = tile + 1;
	tell(audit, LEAVES_HASHES, tile * count, (tile + 1) * count - 1, why);
}

/* Called for each subtree that a record completes. */
static void
compare_node(void *ctx, unsigned level, uint64_t index,
    const struct digest *hash)
{
	struct audit *audit = ctx;
	unsigned tile_level = level / LEAVES_TILE_LEVELS;
	const struct digest *stored;
	struct error err = { 0 };

	if (level == 0 || level % LEAVES_TILE_LEVELS != 0 || audit->has_failed)
		return;
	stored = stored_hash(audit, tile_level, index, &err);
	if (err.code != ERROR_NONE) {
		audit->failure = err;
		audit->has_failed = true;
	} else if (stored == NULL) {
		tell_tile(audit, tile_level, index, "a hash is missing");
	} else if (!digest_equal(stored, hash)) {
		tell_tile(audit, tile_level, index, "a hash differs");
	}
}

/* Neither too many tiles nor too long ones. */
static int
check_tile_count(struct audit *audit, struct error *err)
{
	uint64_t size = audit->edge.size;
	struct query *query;
	int more;

	if (query_begin(audit->rows,
		"SELECT level, position, length(hashes) FROM tile", &query,
		err) < 0)
		return -1;
	while ((more = query_next(query, err)) > 0) {
		int64_t level = query_int(query, 0);
		uint64_t index = (uint64_t)query_int(query, 1);
		uint64_t hashes = level >= 0 && level < LEVELS
		    ? size >> (level * LEAVES_TILE_LEVELS)
		    : 0;
		uint64_t want = index <= hashes / LEAVES_TILE
		    ? hashes - index * LEAVES_TILE
		    : 0;

		if (want > LEAVES_TILE)
			want = LEAVES_TILE;
		if (level == 0 && want < LEAVES_TILE)
			want = 0;
		if (want == 0 ||
		    (uint64_t)query_int(query, 2) != want * DIGEST_LEN)
			tell(audit, LEAVES_HASHES, size, size,
			    "a tile that no record needs, or of another length");
	}
	query_end(query);
	return more;
}

/* ---- checkpoints ----------------------------------------------------- */

static bool
verify_note(const struct audit *audit, const void *data, size_t len,
    struct note *ret_note, struct error *err)
{
	for (size_t i = 0; i < audit->options->key_count; i++) {
		const struct leaves_log_key *key = &audit->options->keys[i];

		*err = (struct error){ 0 };
		if (note_verify(data, len, key->origin, key->public_key,
			ret_note, err) == 0 &&
		    text_equal(ret_note->checkpoint.origin, key->origin))
			return true;
	}
	return false;
}

/* The next one that is signed; others are told and passed over. */
static int
next_note(struct audit *audit, struct error *err)
{
	int more;

	audit->has_note = false;
	while ((more = query_next(audit->notes, err)) > 0) {
		uint64_t size = (uint64_t)query_int(audit->notes, 0);
		struct error why = { 0 };
		struct note note;
		const void *data;
		size_t len;

		data = query_data(audit->notes, 1, &len);
		if (!verify_note(audit, data, len, &note, &why)) {
			tell(audit, LEAVES_UNSIGNED, size, size,
			    why.code != ERROR_NONE ? why.text
						   : "no key of the log");
		} else if (note.checkpoint.size != size) {
			tell(audit, LEAVES_UNSIGNED, size, size,
			    "it is kept as one of another size");
		} else {
			audit->note = note.checkpoint;
			audit->has_note = true;
			audit->summary.checkpoints++;
			return 0;
		}
	}
	return more;
}

/* A checkpoint of the size that the tree has now. */
static void
compare_root(struct audit *audit, const struct digest *root, const char *why)
{
	struct digest have = tree_edge_root(&audit->edge);

	if (audit->is_broken)
		return;
	if (digest_equal(&have, root)) {
		audit->good = audit->edge.size;
		return;
	}
	if (!audit->is_rewritten)
		tell(audit, LEAVES_REWRITTEN, audit->good,
		    audit->edge.size == 0 ? 0 : audit->edge.size - 1, why);
	audit->is_rewritten = true;
}

/* All checkpoints of the present size. */
static int
compare_checkpoints(struct audit *audit, struct error *err)
{
	const struct leaves_audit_options *options = audit->options;

	while (audit->has_note && audit->note.size <= audit->edge.size) {
		if (audit->note.size == audit->edge.size)
			compare_root(audit, &audit->note.root,
			    "the checkpoint of this host has another root");
		if (next_note(audit, err) < 0)
			return -1;
	}
	for (; audit->kept < options->kept_count &&
	     options->kept[audit->kept].size <= audit->edge.size;
	     audit->kept++)
		if (options->kept[audit->kept].size == audit->edge.size)
			compare_root(audit, &options->kept[audit->kept].root,
			    "a checkpoint that others keep has another root");
	return 0;
}

/* Those that know more than there is. */
static int
tell_short(struct audit *audit, struct error *err)
{
	const struct leaves_audit_options *options = audit->options;
	uint64_t most = 0;

	while (audit->has_note) {
		most = audit->note.size;
		if (next_note(audit, err) < 0)
			return -1;
	}
	if (options->kept_count > audit->kept &&
	    options->kept[options->kept_count - 1].size > most)
		most = options->kept[options->kept_count - 1].size;
	if (most > audit->edge.size)
		tell(audit, LEAVES_SHORT, audit->edge.size, most - 1,
		    "a signed checkpoint counts them");
	return 0;
}

/* ---- records --------------------------------------------------------- */

static void
append(struct audit *audit, const struct digest *hash)
{
	tree_edge_append(&audit->edge, hash, compare_node, audit);
}

/* Records before `position` that are not there; their hashes may be. */
static int
skip_missing(struct audit *audit, uint64_t position, struct error *err)
{
	uint64_t first = audit->edge.size;

	tell(audit, LEAVES_MISSING, first, position - 1, "not there");
	while (audit->edge.size < position && !audit->is_broken) {
		const struct digest *stored =
		    stored_hash(audit, 0, audit->edge.size, err);

		if (err->code != ERROR_NONE)
			return -1;
		if (stored == NULL)
			audit->is_broken = true;
		else
			append(audit, stored);
		if (compare_checkpoints(audit, err) < 0)
			return -1;
	}
	return 0;
}

/* What is not 32 bytes is no digest; it differs from any. */
static bool
read_digest(struct query *query, int column, struct digest *ret_digest)
{
	size_t len;
	const void *data = query_data(query, column, &len);

	*ret_digest = (struct digest){ { 0 } };
	if (len != DIGEST_LEN)
		return false;
	memcpy(ret_digest->bytes, data, len);
	return true;
}

static int
judge_record(struct audit *audit, uint64_t position, struct query *query,
    struct error *err)
{
	struct digest salt, kept, wanted;
	bool is_whole;
	const struct digest *stored;
	const void *statement;
	const char *why;
	size_t len;

	is_whole = read_digest(query, 1, &kept);
	is_whole = read_digest(query, 2, &salt) && is_whole;
	statement = query_data(query, 3, &len);
	wanted = merkle_leaf_salted(&salt, statement, len);
	stored = audit->is_broken ? NULL : stored_hash(audit, 0, position, err);
	if (err->code != ERROR_NONE)
		return -1;
	is_whole = is_whole && digest_equal(&wanted, &kept);
	if (!is_whole || (stored != NULL && !digest_equal(&wanted, stored)))
		tell(audit, LEAVES_CHANGED, position, position,
		    !is_whole ? "not the record of its hash"
			      : "the tree has another hash for it");
	why = audit->options->judge == NULL
	    ? NULL
	    : audit->options->judge(audit->options->ctx, statement, len);
	if (why != NULL)
		tell(audit, LEAVES_STRANGE, position, position, why);
	/* The tree is likelier to be as signed than the record. */
	if (!audit->is_broken)
		append(audit, stored != NULL ? stored : &kept);
	return 0;
}

/* A full tile that is not stored leaves its records with their own hashes. */
static void
check_full_tile(struct audit *audit)
{
	const struct stored *stored = &audit->levels[0];

	if (audit->edge.size % LEAVES_TILE != 0 || audit->is_broken ||
	    !stored->is_read ||
	    stored->index != audit->edge.size / LEAVES_TILE - 1)
		return;
	if (stored->have != LEAVES_TILE)
		tell_tile(audit, 0, audit->edge.size - 1,
		    "the tile of these records is missing");
}

static int
take_record(struct audit *audit, struct query *query, struct error *err)
{
	uint64_t position = (uint64_t)query_int(query, 0);

	if (!audit->is_broken && position > audit->edge.size &&
	    skip_missing(audit, position, err) < 0)
		return -1;
	if (judge_record(audit, position, query, err) < 0)
		return -1;
	audit->summary.records++;
	check_full_tile(audit);
	if (audit->has_failed) {
		*err = audit->failure;
		return -1;
	}
	return compare_checkpoints(audit, err);
}

static int
take_records(struct audit *audit, struct error *err)
{
	struct query *query;
	int more;

	if (query_begin(audit->rows,
		"SELECT position, hash, salt, statement FROM leaf"
		" ORDER BY position",
		&query, err) < 0)
		return -1;
	while ((more = query_next(query, err)) > 0)
		if (take_record(audit, query, err) < 0) {
			more = -1;
			break;
		}
	query_end(query);
	return more;
}

static int
audit_all(struct audit *audit, struct error *err)
{
	if (query_begin(audit->rows,
		"SELECT size, note FROM checkpoint ORDER BY size",
		&audit->notes, err) < 0)
		return -1;
	if (next_note(audit, err) < 0 || compare_checkpoints(audit, err) < 0 ||
	    take_records(audit, err) < 0)
		return -1;
	/* Without a root nothing can be said of what a checkpoint covers. */
	if (!audit->is_broken) {
		if (tell_short(audit, err) < 0 ||
		    check_tile_count(audit, err) < 0)
			return -1;
		if (audit->good < audit->edge.size && !audit->is_rewritten)
			tell(audit, LEAVES_LOOSE, audit->good,
			    audit->edge.size - 1, "no checkpoint covers them");
	}
	return 0;
}

int
leaves_audit(struct rows *rows, const struct leaves_audit_options *options,
    struct leaves_summary *ret_summary, struct error *err)
{
	struct audit *audit = calloc(1, sizeof(*audit));
	struct error ignored = { 0 };
	int rc = -1;

	if (audit == NULL)
		return error_set_memory(err);
	audit->rows = rows;
	audit->options = options;
	/* One snapshot, also inside somebody's transaction. */
	if (rows_run(rows, "SAVEPOINT audit", err) == 0) {
		rc = audit_all(audit, err);
		query_end(audit->notes);
		if (rows_run(rows, "RELEASE audit", &ignored) < 0)
			rows_rollback(rows);
	}
	audit->summary.attested = audit->good;
	audit->summary.root = tree_edge_root(&audit->edge);
	if (rc == 0)
		*ret_summary = audit->summary;
	free(audit);
	return rc;
}
