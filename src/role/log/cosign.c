#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "role/env.h"
#include "role/log/cosign_internal.h"
#include "role/log/host_log.h"
#include "service/config.h"
#include "store/leaves.h"
#include "store/store.h"
#include "sys/ipc.h"
#include "sys/loop.h"

enum {
	AGAIN_MS = 10 * 60 * 1000, /* fresh times for a quiet log */
	RETRY_MAX_MS = 60 * 1000,
};

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
		const struct cosign_witness *witness = &cosign->witnesses[i];
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
void
cosign_close_one(struct cosign *cosign)
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

/* ---- a round --------------------------------------------------------- */

/* Those that the root names now; how far each had followed is kept. */
static int
find_witnesses(struct cosign *cosign, struct error *err)
{
	struct cosign_witness before[ROOT_WITNESSES_MAX];
	size_t before_count = cosign->witness_count;
	const struct root *root;

	if (bulletins_root(cosign->spool->bulletins, &root, err) < 0)
		return -1;
	for (size_t i = 0; i < before_count; i++)
		bytes_free(&cosign->witnesses[i].line);
	memcpy(before, cosign->witnesses, sizeof(before));
	cosign->witness_count = 0;
	for (size_t i = 0; i < root->witness_count; i++) {
		struct cosign_witness *witness =
		    &cosign->witnesses[cosign->witness_count];

		if (text_equal(root->witnesses[i].name,
			cosign->spool->env->config->host.name))
			continue;
		*witness = (struct cosign_witness){ .cosign = cosign };
		text_copy(witness->name, sizeof(witness->name),
		    root->witnesses[i].name);
		text_copy(witness->authority, sizeof(witness->authority),
		    root->witnesses[i].authority);
		for (size_t k = 0; k < before_count; k++)
			if (text_equal(before[k].name, witness->name))
				witness->size = before[k].size;
		cosign->witness_count++;
	}
	cosign->quorum = root->quorum;
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
		cosign_ask(&cosign->witnesses[i]);
	cosign_close_one(cosign);
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
