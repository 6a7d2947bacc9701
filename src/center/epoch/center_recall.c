#include "center/epoch/center_recall.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "bulletin/root.h"
#include "center/center.h"
#include "directory/directory_network.h"
#include "log/epoch.h"
#include "role/problem.h"
#include "store/leaves.h"
#include "store/store.h"
#include "sys/ipc.h"
#include "sys/loop.h"

enum {
	RETRY_FIRST_MS = 200,
	RETRY_MAX_MS = 10 * 1000,
	CALL_TIMEOUT_MS = 20 * 1000,
};

enum answer { ANSWER_NONE, ANSWER_NEVER, ANSWER_MORE };

/* One that is asked; `round` tells late answers from those that are waited for. */
struct remembering {
	struct center_recall *recall;
	uint64_t round;
	size_t index;
};

struct witness {
	char name[BULLETIN_NAME_SIZE];
	char authority[ROOT_AUTHORITY_SIZE];
	enum answer answer;
};

struct center_recall {
	struct center *center;
	center_recall_fn fn;
	void *ctx;
	struct loop_timer *timer;
	char origin[NOTE_NAME_SIZE];
	bool is_busy;
	bool from_all;
	uint64_t round;
	uint64_t retry_ms;
	struct witness witnesses[ROOT_WITNESSES_MAX];
	size_t count, open;
	unsigned quorum;
	uint64_t size; /* the longest that was told */
};

/* ---- what it comes to ------------------------------------------------ */

/* Is it the first of its authority among those that pass? */
static bool
is_first(const struct center_recall *recall, size_t index, bool only_never)
{
	const struct witness *witness = &recall->witnesses[index];

	if (only_never && witness->answer != ANSWER_NEVER)
		return false;
	for (size_t i = 0; i < index; i++)
		if ((!only_never ||
			recall->witnesses[i].answer == ANSWER_NEVER) &&
		    text_equal(recall->witnesses[i].authority,
			witness->authority))
			return false;
	return true;
}

static size_t
count_authorities(const struct center_recall *recall, bool only_never)
{
	size_t count = 0;

	for (size_t i = 0; i < recall->count; i++)
		count += is_first(recall, i, only_never);
	return count;
}

/*
 * A quorum of them has cosigned whatever was ever taken for witnessed: so many
 * cannot all be among those who know nothing.
 */
static bool
are_enough(const struct center_recall *recall)
{
	size_t all = count_authorities(recall, false);
	size_t wanted = recall->quorum > 0 && recall->quorum <= all
	    ? all - recall->quorum + 1
	    : all;

	return count_authorities(recall, true) >= wanted;
}

static void
end(struct center_recall *recall, enum center_memory memory)
{
	const struct center_recalled recalled = { memory, recall->size };

	recall->is_busy = false;
	recall->round++;
	recall->fn(recall->ctx, &recalled);
}

static void
ask_later(struct center_recall *recall)
{
	loop_timer_start(recall->timer, recall->retry_ms);
	recall->retry_ms = recall->retry_ms * 2 < RETRY_MAX_MS
	    ? recall->retry_ms * 2
	    : RETRY_MAX_MS;
}

/* One has answered, or cannot. */
static void
close_one(struct center_recall *recall, size_t index, enum answer answer)
{
	recall->witnesses[index].answer = answer;
	recall->open--;
	if (answer == ANSWER_MORE)
		end(recall, CENTER_MEMORY_MORE);
	else if (recall->from_all ? recall->open == 0 : are_enough(recall))
		end(recall, CENTER_MEMORY_NONE);
	else if (recall->open == 0)
		ask_later(recall);
}

/* ---- answers --------------------------------------------------------- */

/* Frees it; false when nobody waits for it any more. */
static bool
take(struct remembering *remembering, struct center_recall **ret_recall,
    size_t *ret_index)
{
	struct center_recall *recall = remembering->recall;
	bool is_due = recall->is_busy && remembering->round == recall->round;

	*ret_recall = recall;
	*ret_index = remembering->index;
	free(remembering);
	return is_due;
}

static void
log_failed(const struct center_recall *recall, size_t index,
    const struct error *why)
{
	struct log_line line;

	log_begin(&line, &recall->center->spool.env->log, LOG_LEVEL_WARNING,
	    "log.recall");
	log_text(&line, "witness", recall->witnesses[index].name);
	log_error(&line, why);
	log_end(&line);
}

/* It bears our own signature, or it says nothing. */
static void
on_verified(void *ctx, struct ipc_message *message)
{
	struct message_cosigned cosigned;
	struct center_recall *recall;
	struct error err = { 0 };
	enum answer answer = ANSWER_NONE;
	uint64_t here;
	size_t index;

	if (!take(ctx, &recall, &index))
		return;
	here = leaves_size(store_leaves(recall->center->spool.store));
	if (message_read(message, MESSAGE_COSIGNED, &cosigned, &err) == 0 &&
	    !text_equal(cosigned.origin, recall->origin))
		error_set_id(&err, "E5026", ERROR_UNTRUSTED,
		    "a checkpoint of %s", cosigned.origin);
	if (err.code != ERROR_NONE) {
		log_failed(recall, index, &err);
	} else if (cosigned.size > here) {
		recall->size = cosigned.size;
		answer = ANSWER_MORE;
	} else {
		answer = ANSWER_NEVER;
	}
	close_one(recall, index, answer);
}

static int
send(struct center_recall *recall, size_t index, struct peer *peer,
    enum message_type type, const void *request, peer_answer_fn answer,
    struct error *err)
{
	struct remembering *remembering = malloc(sizeof(*remembering));

	if (remembering == NULL)
		return error_set_memory(err);
	*remembering = (struct remembering){ recall, recall->round, index };
	if (peer_ask(peer, type, request, -1, answer, remembering, NULL, err) ==
	    0)
		return 0;
	free(remembering);
	return -1;
}

static int
verify(struct center_recall *recall, size_t index,
    const struct message_called *called, struct error *err)
{
	const struct message_verify_cosigned ask = { .note = called->body };

	if (called->body.len > NOTE_MAX)
		return error_set(err, ERROR_MALFORMED, "a note of %zu bytes",
		    called->body.len);
	return send(recall, index, recall->center->spool.verifier,
	    MESSAGE_VERIFY_COSIGNED, &ask, on_verified, err);
}

static void
on_called(void *ctx, struct ipc_message *message)
{
	char code[ERROR_ID_SIZE];
	struct center_recall *recall;
	struct message_called called;
	struct error err = { 0 };
	size_t index;

	if (!take(ctx, &recall, &index))
		return;
	if (message_read(message, MESSAGE_CALLED, &called, &err) == 0) {
		if (called.status == 200 &&
		    verify(recall, index, &called, &err) == 0)
			return;
		problem_code(called.body, code, sizeof(code));
		if (text_equal(code, "E4506")) {
			close_one(recall, index, ANSWER_NEVER);
			return;
		}
		if (err.code == ERROR_NONE)
			error_set(&err, ERROR_BUSY, "the witness answers %u %s",
			    called.status, code);
	}
	log_failed(recall, index, &err);
	close_one(recall, index, ANSWER_NONE);
}

/* ---- asking ---------------------------------------------------------- */

static int
find_witnesses(struct center_recall *recall, struct error *err)
{
	const struct root *root;

	if (bulletins_root(recall->center->spool.bulletins, &root, err) < 0)
		return -1;
	recall->count = 0;
	for (size_t i = 0; i < root->witness_count; i++) {
		struct witness *witness = &recall->witnesses[recall->count];

		if (text_equal(root->witnesses[i].name, recall->center->name))
			continue;
		*witness = (struct witness){ .answer = ANSWER_NONE };
		text_copy(witness->name, sizeof(witness->name),
		    root->witnesses[i].name);
		text_copy(witness->authority, sizeof(witness->authority),
		    root->witnesses[i].authority);
		recall->count++;
	}
	recall->quorum = root->quorum;
	return 0;
}

/* Management answers under that name, whatever its host is called. */
static const char *
peer_of(const struct center_recall *recall, size_t index)
{
	const struct directory *directory =
	    spool_directory(&recall->center->spool);
	const char *name = recall->witnesses[index].name;
	struct directory_center center;

	return directory != NULL &&
		directory_find_center(directory, name, &center)
	    ? name
	    : "management";
}

static void
ask_one(struct center_recall *recall, size_t index)
{
	struct message_call call = { .method = "GET",
		.timeout_ms = CALL_TIMEOUT_MS };
	struct error err = { 0 };

	snprintf(call.path, sizeof(call.path), "/v1/witness/%s/%llu",
	    recall->center->name,
	    (unsigned long long)epoch_number(recall->origin));
	text_copy(call.peer, sizeof(call.peer), peer_of(recall, index));
	if (send(recall, index, recall->center->spool.courier, MESSAGE_CALL,
		&call, on_called, &err) == 0)
		return;
	log_failed(recall, index, &err);
	close_one(recall, index, ANSWER_NONE);
}

static void
ask_all(void *ctx)
{
	struct center_recall *recall = ctx;
	struct error err = { 0 };
	uint64_t round = ++recall->round;

	recall->size = 0;
	if (find_witnesses(recall, &err) < 0) {
		ask_later(recall);
		return;
	}
	recall->open = recall->count;
	/* Nobody has ever vouched for it, so nobody can be contradicted. */
	if (recall->count == 0) {
		end(recall, CENTER_MEMORY_NONE);
		return;
	}
	for (size_t i = 0; i < recall->count && recall->round == round; i++)
		ask_one(recall, i);
}

void
center_recall_begin(struct center_recall *recall, const char *origin,
    bool from_all)
{
	if (recall->is_busy ||
	    !text_copy(recall->origin, sizeof(recall->origin), origin))
		return;
	recall->is_busy = true;
	recall->from_all = from_all;
	recall->retry_ms = RETRY_FIRST_MS;
	loop_timer_start(recall->timer, 0);
}

/* ---- life ------------------------------------------------------------ */

int
center_recall_new(struct center *center, center_recall_fn fn, void *ctx,
    struct center_recall **ret_recall, struct error *err)
{
	struct center_recall *recall = calloc(1, sizeof(*recall));

	if (recall == NULL)
		return error_set_memory(err);
	recall->center = center;
	recall->fn = fn;
	recall->ctx = ctx;
	if (loop_timer_new(center->spool.env->loop, ask_all, recall,
		&recall->timer, err) < 0) {
		free(recall);
		return -1;
	}
	*ret_recall = recall;
	return 0;
}

void
center_recall_free(struct center_recall *recall)
{
	if (recall == NULL)
		return;
	loop_timer_free(recall->timer);
	free(recall);
}
