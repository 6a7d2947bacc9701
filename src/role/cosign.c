#include "role/cosign.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "bulletin/root.h"
#include "directory/directory_network.h"
#include "log/add_checkpoint.h"
#include "role/cosign_rows.h"
#include "role/env.h"
#include "role/host_log.h"
#include "role/spool.h"
#include "service/config.h"
#include "store/leaves.h"
#include "store/store.h"
#include "sys/ipc.h"
#include "sys/loop.h"

enum {
	AGAIN_MS = 10 * 60 * 1000, /* fresh times for a quiet log */
	RETRY_MAX_MS = 60 * 1000,
	LINE_MAX = 512,
};

/* One witness, and how far it has followed. */
struct witness {
	struct cosign *cosign;
	char name[BULLETIN_NAME_SIZE];
	char authority[ROOT_AUTHORITY_SIZE];
	uint64_t size;
	/* In this round: */
	bool has_retried;  /* it told its size */
	bool has_cosigned; /* with a good line */
	struct bytes line; /* that it answered with */
};

/*
 * A request to a witness.  The round need not wait for it, so it may come back
 * in a later one; then it says nothing any more.
 */
struct asking {
	struct cosign *cosign;
	uint64_t round;
	size_t index; /* of the witness, in that round */
};

struct cosign {
	struct group_op op; /* first: the group hands it back */
	struct cosign_options options;
	struct spool *spool; /* of the log; not ours */
	struct loop_timer *timer;
	struct witness witnesses[ROOT_WITNESSES_MAX];
	size_t witness_count;

	/* The round under way. */
	uint64_t round;
	unsigned quorum; /* of the root */
	bool is_busy;
	bool is_due; /* a newer checkpoint came meanwhile */
	uint64_t retry_ms;
	uint64_t size;
	struct bytes own;  /* the checkpoint as we signed it */
	struct bytes note; /* with the good lines that came */
	size_t open;       /* witnesses that have not answered */
	struct cosigned_round result;
};

static void ask(struct witness *witness);

/* The witness that was asked, and `asking` is gone; NULL after the round. */
static struct witness *
end_asking(struct asking *asking)
{
	struct cosign *cosign = asking->cosign;
	struct witness *witness =
	    cosign->is_busy && asking->round == cosign->round
	    ? &cosign->witnesses[asking->index]
	    : NULL;

	free(asking);
	return witness;
}

/* For a request to `peer`; frees nothing that the answer needs. */
static int
send_asking(struct witness *witness, struct peer *peer, enum message_type type,
    const void *request, peer_answer_fn answer, struct error *err)
{
	struct cosign *cosign = witness->cosign;
	struct asking *asking = malloc(sizeof(*asking));

	if (asking == NULL)
		return error_set_memory(err);
	*asking = (struct asking){ .cosign = cosign,
		.round = cosign->round,
		.index = (size_t)(witness - cosign->witnesses) };
	if (peer_ask(peer, type, request, -1, answer, asking, NULL, err) == 0)
		return 0;
	free(asking);
	return -1;
}

static void
retry_later(struct cosign *cosign)
{
	loop_timer_start(cosign->timer, cosign->retry_ms);
	cosign->retry_ms = cosign->retry_ms * 2 < RETRY_MAX_MS
	    ? cosign->retry_ms * 2
	    : RETRY_MAX_MS;
}

/* ---- the end of a round ---------------------------------------------- */

static void
end_round(struct cosign *cosign, const struct error *failure)
{
	const struct log *log = &cosign->spool->env->log;
	const struct cosigned_round *result = &cosign->result;
	bool is_good = failure == NULL && result->authorities >= result->quorum;
	struct log_line line;

	if (failure != NULL)
		log_failure(log, LOG_LEVEL_WARNING, "log.cosign", failure);
	if (failure == NULL) {
		log_begin(&line, log,
		    is_good ? LOG_LEVEL_NOTICE : LOG_LEVEL_WARNING,
		    is_good ? "log.cosigned" : "log.unwitnessed");
		log_u64(&line, "size", cosign->size);
		log_u64(&line, "authorities", result->authorities);
		log_u64(&line, "quorum", result->quorum);
		log_end(&line);
	}
	cosign->is_busy = false;
	if (is_good && cosign->options.on_end != NULL)
		cosign->options.on_end(cosign->options.ctx);
	if (cosign->is_due) {
		loop_timer_start(cosign->timer, cosign->options.soon_ms);
	} else if (is_good) {
		cosign->retry_ms = cosign->options.retry_ms;
		loop_timer_start(cosign->timer, AGAIN_MS);
	} else {
		retry_later(cosign);
	}
}

static int
apply(struct group_op *op, struct error *err)
{
	struct cosign *cosign = (struct cosign *)(void *)op;
	const struct cosigned_round *result = &cosign->result;

	if (cosigned_round_save(store_rows(cosign->spool->store), result,
		&cosign->note, err) < 0)
		return -1;
	if (cosign->options.on_good == NULL || result->authorities == 0 ||
	    result->authorities < result->quorum)
		return 0;
	return cosign->options.on_good(cosign->options.ctx, result->size,
	    &cosign->note, err);
}

static void
finish(struct group_op *op, const struct error *failure)
{
	end_round((struct cosign *)(void *)op, failure);
}

static void
on_verified(void *ctx, struct ipc_message *message)
{
	struct cosign *cosign = ctx;
	struct message_cosigned cosigned;
	struct error err = { 0 };

	if (message_read(message, MESSAGE_COSIGNED, &cosigned, &err) < 0) {
		end_round(cosign, &err);
		return;
	}
	cosign->result = (struct cosigned_round){ .size = cosigned.size,
		.authorities = cosigned.authorities,
		.quorum = cosigned.quorum,
		.tried_at = spool_now(cosign->spool) };
	cosign->op.apply = apply;
	cosign->op.finish = finish;
	group_add(cosign->spool->group, &cosign->op);
}

/* Whether those who cosigned in this round are enough, each authority once. */
static bool
has_quorum(const struct cosign *cosign)
{
	unsigned count = 0;

	for (size_t i = 0; i < cosign->witness_count; i++) {
		const struct witness *witness = &cosign->witnesses[i];
		bool is_new = witness->has_cosigned;

		for (size_t k = 0; k < i && is_new; k++)
			is_new = !cosign->witnesses[k].has_cosigned ||
			    !text_equal(cosign->witnesses[k].authority,
				witness->authority);
		count += is_new;
	}
	return cosign->quorum > 0 && count >= cosign->quorum;
}

/*
 * All have answered, or enough of them where somebody waits for it: the
 * verifier says whose cosignatures are good.
 */
static void
close_one(struct cosign *cosign)
{
	struct message_verify_cosigned verify;
	struct error err = { 0 };

	if (--cosign->open > 0 &&
	    !(cosign->options.is_urgent && has_quorum(cosign)))
		return;
	cosign->round++;
	verify.note = blob_of_bytes(&cosign->note);
	if (bytes_failed(&cosign->note, &err) < 0 ||
	    peer_ask(cosign->spool->verifier, MESSAGE_VERIFY_COSIGNED, &verify,
		-1, on_verified, cosign, NULL, &err) < 0)
		end_round(cosign, &err);
}

/* ---- one witness ----------------------------------------------------- */

static void
log_witness(const struct witness *witness, enum log_level level,
    const char *event, const struct error *why)
{
	struct log_line line;

	log_begin(&line, &witness->cosign->spool->env->log, level, event);
	log_text(&line, "witness", witness->name);
	log_error(&line, why);
	log_end(&line);
}

/* It has seen another size: from there, once. */
static bool
take_size(struct witness *witness, const struct message_called *called)
{
	char number[24];
	struct error err = { 0 };
	uint64_t size;
	size_t len = called->body.len;

	if (len > 0 && called->body.data[len - 1] == '\n')
		len--;
	if (!text_copy_len(number, sizeof(number),
		(const char *)called->body.data, len) ||
	    !text_parse_u64(number, INT64_MAX, &size) || witness->has_retried)
		return false;
	witness->has_retried = true;
	witness->size = size;
	if (size <= witness->cosign->size)
		return true;
	error_set_id(&err, "E5027", ERROR_UNTRUSTED,
	    "it cosigned %llu records, here are %llu", (unsigned long long)size,
	    (unsigned long long)witness->cosign->size);
	log_witness(witness, LOG_LEVEL_ERROR, "log.behind", &err);
	return false;
}

static void
on_line(void *ctx, struct ipc_message *message)
{
	struct witness *witness = end_asking(ctx);
	struct message_cosigned cosigned;
	struct cosign *cosign;
	struct error err = { 0 };

	if (witness == NULL)
		return;
	cosign = witness->cosign;
	if (message_read(message, MESSAGE_COSIGNED, &cosigned, &err) == 0 &&
	    cosigned.authorities == 0)
		error_set_id(&err, "E5021", ERROR_UNTRUSTED,
		    "it cosigned with another key than the root names");
	if (err.code == ERROR_NONE) {
		bytes_put(&cosign->note, witness->line.data, witness->line.len);
		witness->size = cosign->size;
		witness->has_cosigned = true;
	} else {
		log_witness(witness, LOG_LEVEL_WARNING, "log.witness", &err);
	}
	close_one(cosign);
}

/* By itself first: one bad line would spoil those of the others. */
static int
check_line(struct witness *witness, const struct blob *line, struct error *err)
{
	struct cosign *cosign = witness->cosign;
	struct message_verify_cosigned verify;
	struct bytes note = { 0 };
	int rc;

	bytes_clear(&witness->line);
	bytes_put(&witness->line, line->data, line->len);
	bytes_put(&note, cosign->own.data, cosign->own.len);
	bytes_put(&note, line->data, line->len);
	verify.note = blob_of_bytes(&note);
	rc = bytes_failed(&note, err) < 0 ||
		bytes_failed(&witness->line, err) < 0
	    ? -1
	    : send_asking(witness, cosign->spool->verifier,
		  MESSAGE_VERIFY_COSIGNED, &verify, on_line, err);
	bytes_free(&note);
	return rc;
}

static void
on_called(void *ctx, struct ipc_message *message)
{
	struct witness *witness = end_asking(ctx);
	struct message_called called;
	struct error err = { 0 };

	if (witness == NULL)
		return;
	if (message_read(message, MESSAGE_CALLED, &called, &err) == 0) {
		if (called.status == 409 && take_size(witness, &called)) {
			ask(witness);
			return;
		}
		if (called.status == 200 && called.body.len <= LINE_MAX &&
		    check_line(witness, &called.body, &err) == 0)
			return;
		if (err.code == ERROR_NONE)
			error_set(&err, ERROR_BUSY, "the witness answers %u",
			    called.status);
	}
	log_witness(witness, LOG_LEVEL_WARNING, "log.witness", &err);
	close_one(witness->cosign);
}

/* What is sent, which management makes another thing of. */
static int
wrap_request(struct cosign *cosign, struct bytes *body, struct error *err)
{
	struct bytes wrapped = { 0 };
	int rc;

	if (cosign->options.wrap == NULL)
		return 0;
	rc = cosign->options.wrap(cosign->options.ctx, &cosign->own, body,
	    &wrapped, err);
	if (rc == 0) {
		bytes_free(body);
		*body = wrapped;
		return 0;
	}
	bytes_free(&wrapped);
	return -1;
}

static int
put_request(struct witness *witness, struct bytes *body, struct error *err)
{
	struct cosign *cosign = witness->cosign;
	struct leaves *leaves = store_leaves(cosign->spool->store);
	struct digest proof[MERKLE_PATH_MAX];
	size_t count = 0;

	if (witness->size > cosign->size)
		return error_set_id(err, "E5027", ERROR_UNTRUSTED,
		    "it cosigned %llu records, here are %llu",
		    (unsigned long long)witness->size,
		    (unsigned long long)cosign->size);
	if (witness->size > 0 && witness->size < cosign->size &&
	    leaves_consistency(leaves, witness->size, cosign->size, proof,
		&count, err) < 0)
		return -1;
	if (add_checkpoint_put(witness->size, proof, count, cosign->own.data,
		cosign->own.len, body, err) < 0)
		return -1;
	return wrap_request(cosign, body, err);
}

/* Management answers under that name, whatever its host is called. */
static const char *
peer_of(const struct witness *witness)
{
	const struct directory *directory =
	    spool_directory(witness->cosign->spool);
	struct directory_center center;

	return directory != NULL &&
		directory_find_center(directory, witness->name, &center)
	    ? witness->name
	    : "management";
}

static void
ask(struct witness *witness)
{
	struct message_call call = { .method = "POST",
		.path = "/v1/witness/add-checkpoint",
		.type = "text/plain",
		.timeout_ms = witness->cosign->options.timeout_ms };
	struct bytes body = { 0 };
	struct error err = { 0 };

	text_copy(call.peer, sizeof(call.peer), peer_of(witness));
	if (put_request(witness, &body, &err) == 0) {
		call.body = blob_of_bytes(&body);
		if (send_asking(witness, witness->cosign->spool->courier,
			MESSAGE_CALL, &call, on_called, &err) == 0) {
			bytes_free(&body);
			return;
		}
	}
	bytes_free(&body);
	log_witness(witness, LOG_LEVEL_WARNING, "log.witness", &err);
	close_one(witness->cosign);
}

/* ---- a round --------------------------------------------------------- */

/* Those that the root names now; how far each had followed is kept. */
static int
find_witnesses(struct cosign *cosign, struct error *err)
{
	struct witness before[ROOT_WITNESSES_MAX];
	size_t before_count = cosign->witness_count;
	struct root root = { 0 };

	if (bulletins_root(cosign->spool->bulletins, &root, err) < 0)
		return -1;
	for (size_t i = 0; i < before_count; i++)
		bytes_free(&cosign->witnesses[i].line);
	memcpy(before, cosign->witnesses, sizeof(before));
	cosign->witness_count = 0;
	for (size_t i = 0; i < root.witness_count; i++) {
		struct witness *witness =
		    &cosign->witnesses[cosign->witness_count];

		if (text_equal(root.witnesses[i].name,
			cosign->spool->env->config->host.name))
			continue;
		*witness = (struct witness){ .cosign = cosign };
		text_copy(witness->name, sizeof(witness->name),
		    root.witnesses[i].name);
		text_copy(witness->authority, sizeof(witness->authority),
		    root.witnesses[i].authority);
		for (size_t k = 0; k < before_count; k++)
			if (text_equal(before[k].name, witness->name))
				witness->size = before[k].size;
		cosign->witness_count++;
	}
	cosign->quorum = root.quorum;
	root_free(&root);
	return 0;
}

static void
begin_round(void *ctx)
{
	struct cosign *cosign = ctx;
	struct error err = { 0 };

	cosign->is_due = false;
	bytes_clear(&cosign->note);
	bytes_clear(&cosign->own);
	if (find_witnesses(cosign, &err) < 0 || cosign->witness_count == 0 ||
	    leaves_checkpoint_find(store_leaves(cosign->spool->store),
		UINT64_MAX, &cosign->size, &cosign->own, &err) < 0 ||
	    (cosign->options.may_begin != NULL &&
		!cosign->options.may_begin(cosign->options.ctx,
		    cosign->size))) {
		/* No root, no witness, no record: nothing to do yet. */
		retry_later(cosign);
		return;
	}
	bytes_put(&cosign->note, cosign->own.data, cosign->own.len);
	cosign->is_busy = true;
	cosign->round++;
	/* One for us: it must not end while others are still asked. */
	cosign->open = cosign->witness_count + 1;
	for (size_t i = 0; i < cosign->witness_count; i++)
		ask(&cosign->witnesses[i]);
	close_one(cosign);
}

void
cosign_wake(struct cosign *cosign)
{
	if (cosign == NULL)
		return;
	if (cosign->is_busy || cosign->is_due) {
		cosign->is_due = true;
		return;
	}
	cosign->is_due = true;
	cosign->retry_ms = cosign->options.retry_ms;
	loop_timer_start(cosign->timer, cosign->options.soon_ms);
}

int
cosign_new(const struct cosign_options *options, struct cosign **ret_cosign,
    struct error *err)
{
	struct cosign *cosign = calloc(1, sizeof(*cosign));

	if (cosign == NULL)
		return error_set_memory(err);
	cosign->options = *options;
	cosign->spool = options->log->spool;
	cosign->retry_ms = options->retry_ms;
	if (loop_timer_new(cosign->spool->env->loop, begin_round, cosign,
		&cosign->timer, err) < 0) {
		free(cosign);
		return -1;
	}
	*ret_cosign = cosign;
	return 0;
}
