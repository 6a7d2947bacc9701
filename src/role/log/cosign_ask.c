/*
 * One witness: what it is sent, and what it answers.
 */
#include <stdlib.h>

#include "base/error.h"
#include "base/text.h"
#include "directory/directory_network.h"
#include "log/add_checkpoint.h"
#include "role/env.h"
#include "role/log/cosign_internal.h"
#include "store/leaves.h"
#include "store/store.h"
#include "sys/ipc.h"

enum { LINE_MAX = 512 };

/*
 * A request to a witness.  The round need not wait for it, so it may come back
 * in a later one; then it says nothing any more.
 */
struct asking {
	struct cosign *cosign;
	uint64_t round;
	size_t index; /* of the witness, in that round */
};

/* The witness that was asked, and `asking` is gone; NULL after the round. */
static struct cosign_witness *
end_asking(struct asking *asking)
{
	struct cosign *cosign = asking->cosign;
	struct cosign_witness *witness =
	    cosign->is_busy && asking->round == cosign->round
	    ? &cosign->witnesses[asking->index]
	    : NULL;

	free(asking);
	return witness;
}

/* For a request to `peer`; frees nothing that the answer needs. */
static int
send_asking(struct cosign_witness *witness, struct peer *peer,
    enum message_type type, const void *request, peer_answer_fn answer,
    struct error *err)
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
log_witness(const struct cosign_witness *witness, enum log_level level,
    const char *event, const struct error *why)
{
	struct log_line line;

	log_begin(&line, &witness->cosign->spool->env->log, level, event);
	log_text(&line, "witness", witness->name);
	log_error(&line, why);
	log_end(&line);
}

static void
tell_behind(const struct cosign *cosign)
{
	if (cosign->options.on_behind != NULL)
		cosign->options.on_behind(cosign->options.ctx);
}

/* It has seen another size: from there, once. */
static bool
take_size(struct cosign_witness *witness, const struct message_called *called)
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
	tell_behind(witness->cosign);
	return false;
}

static void
on_line(void *ctx, struct ipc_message *message)
{
	struct cosign_witness *witness = end_asking(ctx);
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
	cosign_close_one(cosign);
}

/* By itself first: one bad line would spoil those of the others. */
static int
check_line(struct cosign_witness *witness, const struct blob *line,
    struct error *err)
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
	struct cosign_witness *witness = end_asking(ctx);
	struct message_called called;
	struct error err = { 0 };

	if (witness == NULL)
		return;
	if (message_read(message, MESSAGE_CALLED, &called, &err) == 0) {
		if (called.status == 409 && take_size(witness, &called)) {
			cosign_ask(witness);
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
	cosign_close_one(witness->cosign);
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
put_request(struct cosign_witness *witness, struct bytes *body,
    struct error *err)
{
	struct cosign *cosign = witness->cosign;
	struct leaves *leaves = store_leaves(cosign->spool->store);
	struct digest proof[MERKLE_PATH_MAX];
	size_t count = 0;

	if (witness->size > cosign->size)
		tell_behind(cosign);
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
peer_of(const struct cosign_witness *witness)
{
	const struct directory *directory =
	    spool_directory(witness->cosign->spool);
	struct directory_center center;

	return directory != NULL &&
		directory_find_center(directory, witness->name, &center)
	    ? witness->name
	    : "management";
}

void
cosign_ask(struct cosign_witness *witness)
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
	cosign_close_one(witness->cosign);
}
