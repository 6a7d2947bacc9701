#include "role/log/witness.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "bulletin/root.h"
#include "bulletin/timestamp.h"
#include "json/json_write.h"
#include "log/conflict.h"
#include "log/follow.h"
#include "role/env.h"
#include "role/log/witness_stated.h"
#include "role/spool/spool.h"
#include "role/verifier/verify.h"
#include "service/config.h"
#include "store/query.h"
#include "store/rows.h"
#include "store/store.h"
#include "sys/ipc.h"

const char witness_schema[] =
    /* The newest that was cosigned of each log. */
    "CREATE TABLE witnessed ("
    " origin TEXT PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL,"
    " note BLOB NOT NULL, seen_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE conflict ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, origin TEXT NOT NULL,"
    " seen_at INTEGER NOT NULL, proof BLOB NOT NULL UNIQUE) STRICT;";

/* What became of one request. */
enum outcome {
	OUTCOME_STALE,     /* its proof begins elsewhere */
	OUTCOME_CONTINUES, /* to be cosigned */
	OUTCOME_CONFLICT,  /* two stories */
	OUTCOME_UNPROVEN,  /* the proof does not hold */
	OUTCOME_BACK,      /* management names an older bulletin than before */
	OUTCOME_CONTRADICTION, /* management names another one of a serial */
};

/* One request on its way. */
struct witnessing {
	struct group_op op; /* first: the group hands it back */
	struct spool *spool;
	struct peer *peer;
	uint32_t id;
	struct bytes body; /* what `checkpoint` borrows from */
	struct message_checkpoint checkpoint;
	uint8_t key[32]; /* ours */
	enum outcome outcome;
	uint64_t held_size;
	int64_t time; /* of the cosignature */
};

static void
end(struct witnessing *witnessing, const struct error *failure)
{
	if (failure != NULL)
		peer_refuse(witnessing->peer, witnessing->id, failure);
	bytes_free(&witnessing->body);
	free(witnessing);
}

static void
put_checkpoint(const struct message_checkpoint *from,
    struct note_checkpoint *to)
{
	memset(to, 0, sizeof(*to));
	text_copy(to->origin, sizeof(to->origin), from->origin);
	to->size = from->size;
	to->root = from->root;
}

/* ---- rows ------------------------------------------------------------ */

/* 1 and what was cosigned last of this log, or 0. */
static int
find_held(struct rows *rows, const char *origin, struct note_checkpoint *held,
    struct bytes *note, struct error *err)
{
	struct query *query;
	const void *data;
	size_t len;
	int found;

	if (query_begin(rows,
		"SELECT size, root, note FROM witnessed WHERE origin = ?1",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, origin);
	found = query_next(query, err);
	if (found > 0) {
		memset(held, 0, sizeof(*held));
		text_copy(held->origin, sizeof(held->origin), origin);
		held->size = (uint64_t)query_int(query, 0);
		query_digest(query, 1, &held->root);
		data = query_data(query, 2, &len);
		bytes_put(note, data, len);
		if (query_failed(query, err) < 0 || bytes_failed(note, err) < 0)
			found = -1;
	}
	query_end(query);
	return found;
}

int
witness_recall(struct rows *rows, const char *origin, struct bytes *to,
    struct error *err)
{
	struct note_checkpoint held;
	int found = find_held(rows, origin, &held, to, err);

	if (found == 0)
		return error_set_id(err, "E4506", ERROR_NOT_FOUND,
		    "nothing of %s was cosigned here", origin);
	return found < 0 ? -1 : 0;
}

static int
save_held(struct rows *rows, const struct message_checkpoint *checkpoint,
    int64_t now, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"INSERT OR REPLACE INTO witnessed (origin, size, root, note,"
		" seen_at) VALUES (?1, ?2, ?3, ?4, ?5)",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, checkpoint->origin);
	query_bind_int(query, 2, (int64_t)checkpoint->size);
	query_bind_digest(query, 3, &checkpoint->root);
	query_bind_data(query, 4, checkpoint->note.data, checkpoint->note.len);
	query_bind_int(query, 5, now);
	return query_finish(query, err);
}

/* One proves it; who goes on with another story fills no disk. */
static int
save_proof(struct witnessing *witnessing, const struct bytes *text,
    struct error *err)
{
	struct query *query;

	if (bytes_failed(text, err) < 0 ||
	    query_begin(store_rows(witnessing->spool->store),
		"INSERT OR IGNORE INTO conflict (origin, seen_at, proof)"
		" SELECT ?1, ?2, ?3 WHERE (SELECT count(*) FROM conflict"
		" WHERE origin = ?1) < 16",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, witnessing->checkpoint.origin);
	query_bind_int(query, 2, spool_now(witnessing->spool));
	query_bind_data(query, 3, text->data, text->len);
	return query_finish(query, err);
}

static int
save_conflict(struct witnessing *witnessing, const struct bytes *held,
    const struct digest *proof, size_t count, struct error *err)
{
	const struct message_checkpoint *checkpoint = &witnessing->checkpoint;
	struct bytes text = { 0 };
	int rc = -1;

	if (conflict_put(held->data, held->len, checkpoint->note.data,
		checkpoint->note.len, proof, count, &text, err) == 0)
		rc = save_proof(witnessing, &text, err);
	bytes_free(&text);
	return rc;
}

/*
 * What management's log ends with, against what it ended with before.  Of a log
 * that is not management's there is nothing to compare.
 */
static int
take_stated(struct witnessing *witnessing, struct error *err)
{
	const struct message_checkpoint *checkpoint = &witnessing->checkpoint;
	struct rows *rows = store_rows(witnessing->spool->store);
	enum timestamp_order order = TIMESTAMP_GOES_ON;
	struct bytes proof = { 0 };
	int rc;

	if (!checkpoint->is_management)
		return 0;
	rc = witness_stated_judge(rows, checkpoint, &order, &proof, err);
	if (order == TIMESTAMP_GOES_BACK)
		witnessing->outcome = OUTCOME_BACK;
	else if (order == TIMESTAMP_CONTRADICTS)
		witnessing->outcome = OUTCOME_CONTRADICTION;
	if (rc == 0)
		rc = order == TIMESTAMP_GOES_ON
		    ? witness_stated_save(rows, checkpoint, err)
		    : save_proof(witnessing, &proof, err);
	bytes_free(&proof);
	return rc;
}

/* ---- judging --------------------------------------------------------- */

/* Two roots of one size contradict whatever the request says besides. */
static enum outcome
judge(struct witnessing *witnessing, const struct note_checkpoint *held,
    const struct digest *proof, size_t count)
{
	const struct message_checkpoint *checkpoint = &witnessing->checkpoint;
	enum follow_verdict verdict;
	struct note_checkpoint next;
	struct error err = { 0 };

	put_checkpoint(checkpoint, &next);
	witnessing->held_size = held->size;
	if (checkpoint->size != held->size &&
	    (checkpoint->old_size != held->size ||
		checkpoint->size < held->size))
		return OUTCOME_STALE;
	if (follow_judge(held, &next, proof, count, &verdict, &err) < 0)
		return OUTCOME_UNPROVEN;
	return verdict == FOLLOW_CONFLICT ? OUTCOME_CONFLICT
					  : OUTCOME_CONTINUES;
}

static int
apply(struct group_op *op, struct error *err)
{
	struct witnessing *witnessing = (struct witnessing *)(void *)op;
	const struct message_checkpoint *checkpoint = &witnessing->checkpoint;
	struct rows *rows = store_rows(witnessing->spool->store);
	size_t count = checkpoint->proof.len / DIGEST_LEN;
	struct digest proof[MERKLE_PATH_MAX] = { { { 0 } } };
	struct note_checkpoint held;
	struct bytes note = { 0 };
	int rc = find_held(rows, checkpoint->origin, &held, &note, err);

	if (rc >= 0 && count > MERKLE_PATH_MAX)
		rc = error_set(err, ERROR_MALFORMED, "%zu hashes", count);
	if (rc >= 0 && count > 0)
		memcpy(proof, checkpoint->proof.data, count * DIGEST_LEN);
	/* What is seen first is believed, and everything after it compared. */
	if (rc == 0)
		witnessing->outcome = checkpoint->old_size == 0
		    ? OUTCOME_CONTINUES
		    : OUTCOME_STALE;
	else if (rc > 0)
		witnessing->outcome = judge(witnessing, &held, proof, count);
	if (rc >= 0 && witnessing->outcome == OUTCOME_CONTINUES)
		rc = take_stated(witnessing, err);
	if (rc >= 0 && witnessing->outcome == OUTCOME_CONTINUES)
		rc = save_held(rows, checkpoint, spool_now(witnessing->spool),
		    err);
	else if (rc >= 0 && witnessing->outcome == OUTCOME_CONFLICT)
		rc = save_conflict(witnessing, &note, proof, count, err);
	bytes_free(&note);
	return rc < 0 ? -1 : 0;
}

/* ---- cosigning ------------------------------------------------------- */

static void
on_signed(void *ctx, struct ipc_message *message)
{
	struct witnessing *witnessing = ctx;
	struct message_witnessed answer = { .is_cosigned = true,
		.size = witnessing->checkpoint.size };
	const struct config *config = witnessing->spool->env->config;
	struct message_signature signature;
	char name[NOTE_NAME_SIZE];
	struct bytes line = { 0 };
	struct error err = { 0 };

	verify_witness_name(config->host.environment, config->host.name, name);
	if (message_read(message, MESSAGE_SIGNATURE, &signature, &err) == 0 &&
	    signature.signature.len != NOTE_SIGNATURE_LEN)
		error_set(&err, ERROR_SYSTEM, "cosignature of %zu bytes",
		    signature.signature.len);
	if (err.code == ERROR_NONE &&
	    note_put_cosignature(name, witnessing->key, witnessing->time / 1000,
		signature.signature.data, &line, &err) == 0) {
		answer.line = blob_of_bytes(&line);
		peer_tell(witnessing->peer, MESSAGE_WITNESSED, witnessing->id,
		    &answer, -1);
	}
	bytes_free(&line);
	end(witnessing, err.code == ERROR_NONE ? NULL : &err);
}

static void
cosign(struct witnessing *witnessing)
{
	struct message_sign ask = { .key = "witness",
		.kind = KEEPER_COSIGNATURE,
		.time = spool_now(witnessing->spool) };
	struct note_checkpoint checkpoint;
	struct bytes text = { 0 };
	struct error err = { 0 };

	witnessing->time = ask.time;
	put_checkpoint(&witnessing->checkpoint, &checkpoint);
	if (note_put_text(&checkpoint, &text, &err) == 0) {
		ask.statement = blob_of_bytes(&text);
		if (peer_ask(witnessing->spool->keeper, MESSAGE_SIGN, &ask, -1,
			on_signed, witnessing, NULL, &err) < 0)
			end(witnessing, &err);
	} else {
		end(witnessing, &err);
	}
	bytes_free(&text);
}

/* Somebody was shown something else: an operator must hear of it. */
static void
alarm(const struct witnessing *witnessing, struct error *err)
{
	const struct message_checkpoint *checkpoint = &witnessing->checkpoint;
	bool is_proven = witnessing->outcome != OUTCOME_UNPROVEN;

	if (witnessing->outcome == OUTCOME_BACK)
		error_set_id(err, "E3614", ERROR_UNTRUSTED,
		    "the timestamp at the end of %s names older bulletins than "
		    "the one before; the proof is kept",
		    checkpoint->origin);
	else if (witnessing->outcome == OUTCOME_CONTRADICTION)
		error_set_id(err, "E3615", ERROR_UNTRUSTED,
		    "the timestamp at the end of %s names another bulletin of "
		    "the same serial; the proof is kept",
		    checkpoint->origin);
	else
		error_set_id(err, "E5022", ERROR_UNTRUSTED,
		    "%s of %llu records does not continue that of %llu%s",
		    checkpoint->origin, (unsigned long long)checkpoint->size,
		    (unsigned long long)witnessing->held_size,
		    is_proven ? "; the proof is kept" : "");
	log_failure(&witnessing->spool->env->log, LOG_LEVEL_ERROR,
	    is_proven ? "log.conflict" : "log.unproven", err);
}

static void
finish(struct group_op *op, const struct error *failure)
{
	struct witnessing *witnessing = (struct witnessing *)(void *)op;
	struct message_witnessed answer = { .size = witnessing->held_size };
	struct error err = { 0 };

	if (failure != NULL) {
		end(witnessing, failure);
		return;
	}
	switch (witnessing->outcome) {
	case OUTCOME_CONTINUES:
		cosign(witnessing);
		return;
	case OUTCOME_STALE:
		peer_tell(witnessing->peer, MESSAGE_WITNESSED, witnessing->id,
		    &answer, -1);
		end(witnessing, NULL);
		return;
	case OUTCOME_CONFLICT:
	case OUTCOME_UNPROVEN:
	case OUTCOME_BACK:
	case OUTCOME_CONTRADICTION:
		break;
	}
	alarm(witnessing, &err);
	end(witnessing, &err);
}

/* ---- requests -------------------------------------------------------- */

/* Our key as the root names it; nobody would count another one. */
static int
find_own_key(struct witnessing *witnessing, struct error *err)
{
	const char *name = witnessing->spool->env->config->host.name;
	const struct root *root;
	bool is_found = false;

	if (bulletins_root(witnessing->spool->bulletins, &root, err) < 0)
		return -1;
	for (size_t i = 0; i < root->witness_count && !is_found; i++) {
		is_found = text_equal(root->witnesses[i].name, name);
		memcpy(witnessing->key, root->witnesses[i].key,
		    sizeof(witnessing->key));
	}
	if (is_found && spool_key_find(witnessing->spool, "witness") != NULL)
		return 0;
	return error_set_id(err, "E5028", ERROR_DENIED, "%s is no witness",
	    name);
}

static int
read_request(struct witnessing *witnessing, struct ipc_message *message,
    struct error *err)
{
	struct message_checkpoint *checkpoint = &witnessing->checkpoint;
	struct message_witness witness;

	if (message_read(message, MESSAGE_WITNESS, &witness, err) < 0)
		return -1;
	bytes_put(&witnessing->body, witness.checkpoint.data,
	    witness.checkpoint.len);
	if (bytes_failed(&witnessing->body, err) < 0 ||
	    codec_decode(message_fields(MESSAGE_CHECKPOINT),
		witnessing->body.data, witnessing->body.len, checkpoint,
		err) < 0)
		return -1;
	if (!text_equal(witness.host, checkpoint->center))
		return error_set_id(err, "E5026", ERROR_DENIED,
		    "%s sends a checkpoint of %s", witness.host,
		    checkpoint->center);
	return find_own_key(witnessing, err);
}

void
witness_on_witness(void *ctx, struct peer *peer, struct ipc_message *message)
{
	struct witnessing *witnessing = calloc(1, sizeof(*witnessing));
	struct error err = { 0 };

	if (witnessing == NULL) {
		error_set_memory(&err);
		peer_refuse(peer, message->id, &err);
		return;
	}
	witnessing->op.apply = apply;
	witnessing->op.finish = finish;
	witnessing->spool = ctx;
	witnessing->peer = peer;
	witnessing->id = message->id;
	if (read_request(witnessing, message, &err) < 0)
		end(witnessing, &err);
	else
		group_add(witnessing->spool->group, &witnessing->op);
}

/* ---- conflicts ------------------------------------------------------- */

int
witness_state(struct rows *rows, int64_t now_ms, const char **ret_id,
    struct bytes *to, struct error *err)
{
	struct query *query;
	int found;

	(void)now_ms;
	if (query_begin(rows,
		"SELECT origin FROM conflict ORDER BY id DESC LIMIT 1", &query,
		err) < 0)
		return -1;
	found = query_next(query, err);
	*ret_id = found > 0 ? "E5022" : "";
	if (found > 0)
		bytes_put_format(to,
		    "%s told two stories: see yizhan log conflicts",
		    query_text(query, 0));
	else
		bytes_put_text(to, "none contradicts itself");
	query_end(query);
	return found < 0 ? -1 : bytes_failed(to, err);
}

int
witness_write_conflicts(struct rows *rows, struct json_writer *writer,
    struct error *err)
{
	struct query *query;
	int more;

	if (query_begin(rows,
		"SELECT origin, seen_at, proof FROM conflict ORDER BY id",
		&query, err) < 0)
		return -1;
	json_write_begin_object(writer, NULL);
	json_write_begin_array(writer, "conflicts");
	while ((more = query_next(query, err)) > 0) {
		size_t len;
		const void *proof = query_data(query, 2, &len);

		json_write_begin_object(writer, NULL);
		json_write_text(writer, "origin", query_text(query, 0));
		json_write_time(writer, "seen_at", query_int(query, 1));
		json_write_text_len(writer, "proof", proof, len);
		json_write_end(writer);
	}
	json_write_end(writer);
	json_write_end(writer);
	query_end(query);
	return more;
}
