/*
 * Parts of the directory from the host above: the digests of its pages, then,
 * run after run, those that differ from ours.  Each run is durable before the
 * next one is asked for, so a host that is stopped goes on where it was.
 */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "directory/directory_changes.h"
#include "directory/directory_pages.h"
#include "role/bulletins/bulletins_internal.h"
#include "role/env.h"
#include "role/peer.h"
#include "service/config.h"
#include "sys/ipc.h"
#include "sys/loop.h"

enum { TIMEOUT_MS = 30000, RUN_MAX = DIRECTORY_PAGES };

struct bulletins_parts {
	struct group_op op; /* first: the group hands it back */
	struct bulletins *bulletins;
	struct bytes cms; /* of the one that waits; empty for none */
	struct bytes receipt;
	uint64_t serial;
	struct digest root;
	struct digest *pages; /* NULL before they have come */
	struct loop_timer *timer;
	uint64_t retry_ms;
	uint64_t asked;  /* which question an answer belongs to */
	bool is_writing; /* what came is on its way into the store */
};

/* A question, which may outlive what it was asked for. */
struct question {
	struct bulletins_parts *parts;
	uint64_t number;
};

static void ask(void *ctx);

int
bulletins_parts_new(struct bulletins *bulletins,
    struct bulletins_parts **ret_parts, struct error *err)
{
	struct bulletins_parts *parts = calloc(1, sizeof(*parts));

	if (parts == NULL)
		return error_set_memory(err);
	parts->bulletins = bulletins;
	parts->retry_ms = BULLETINS_RETRY_FIRST_MS;
	if (loop_timer_new(bulletins->options.env->loop, ask, parts,
		&parts->timer, err) < 0) {
		free(parts);
		return -1;
	}
	*ret_parts = parts;
	return 0;
}

static void
forget(struct bulletins_parts *parts)
{
	bytes_free(&parts->cms);
	bytes_free(&parts->receipt);
	free(parts->pages);
	parts->pages = NULL;
	parts->serial = 0;
	parts->asked++;
	loop_timer_cancel(parts->timer);
}

void
bulletins_parts_free(struct bulletins_parts *parts)
{
	if (parts == NULL)
		return;
	bytes_free(&parts->cms);
	bytes_free(&parts->receipt);
	free(parts->pages);
	loop_timer_free(parts->timer);
	free(parts);
}

uint64_t
bulletins_parts_serial(const struct bulletins_parts *parts)
{
	return parts->serial;
}

void
bulletins_parts_end(struct bulletins_parts *parts, uint64_t serial)
{
	if (parts->serial > 0 && serial >= parts->serial)
		forget(parts);
}

static void
log_parts(const struct bulletins_parts *parts, const char *event,
    const struct error *why)
{
	const struct log *log = &parts->bulletins->options.env->log;
	struct log_line line;

	if (why != NULL) {
		log_failure(log,
		    why->code == ERROR_UNTRUSTED ? LOG_LEVEL_WARNING
						 : LOG_LEVEL_DEBUG,
		    event, why);
		return;
	}
	log_begin(&line, log, LOG_LEVEL_NOTICE, event);
	log_u64(&line, "serial", parts->serial);
	log_end(&line);
}

static void
wait_longer(struct bulletins_parts *parts)
{
	parts->retry_ms = parts->retry_ms * 2 > BULLETINS_RETRY_MAX_MS
	    ? BULLETINS_RETRY_MAX_MS
	    : parts->retry_ms * 2;
}

/* It is offered anew with the next poll, or a newer one. */
static void
give_up(struct bulletins_parts *parts, const struct error *why)
{
	log_parts(parts, "directory.parts", why);
	forget(parts);
	wait_longer(parts);
}

/* Nobody said anything wrong: the same question, later. */
static void
ask_again(struct bulletins_parts *parts, const struct error *why)
{
	log_parts(parts, "directory.parts", why);
	loop_timer_start(parts->timer, parts->retry_ms);
	wait_longer(parts);
}

/* ---- what came ------------------------------------------------------------ */

static void
finish_write(struct group_op *op, const struct error *failure)
{
	struct bulletins_parts *parts = (struct bulletins_parts *)(void *)op;

	parts->is_writing = false;
	if (failure != NULL) {
		contents_abandon(parts->bulletins->contents);
		give_up(parts, failure);
		return;
	}
	contents_done(parts->bulletins->contents);
	parts->retry_ms = BULLETINS_RETRY_FIRST_MS;
	if (parts->serial > 0)
		loop_timer_start(parts->timer, 0);
}

static int
apply_write(struct group_op *op, struct error *err)
{
	struct bulletins_parts *parts = (struct bulletins_parts *)(void *)op;

	const struct config *config = parts->bulletins->options.env->config;
	/* Several bulletins in one: whose each change is, nobody can say. */
	const struct notices_author author = {
		.host = config_has_kind(config, CONFIG_GATEWAY)
		    ? config->host.name
		    : "",
		.signers = "",
		.at = role_env_now(parts->bulletins->options.env),
	};

	return contents_write(parts->bulletins->contents, author, err);
}

static int
take_index(struct bulletins_parts *parts, struct blob data, struct error *err)
{
	struct digest *pages = calloc(DIRECTORY_PAGES, sizeof(*pages));

	if (pages == NULL)
		return error_set_memory(err);
	if (directory_index_read(data.data, data.len, &parts->root, pages,
		err) < 0) {
		free(pages);
		return -1;
	}
	parts->pages = pages;
	loop_timer_start(parts->timer, 0);
	return 0;
}

static int
take_pages(struct bulletins_parts *parts, struct blob data, struct error *err)
{
	struct bulletins *bulletins = parts->bulletins;
	struct cursor answer = cursor_of(data.data, data.len);

	if (data.len == 0)
		return error_set_id(err, "E3903", ERROR_UNTRUSTED,
		    "parts of the directory: an empty answer");
	if (contents_take_pages(bulletins->contents, parts->serial, &answer,
		parts->pages, err) < 0)
		return -1;
	parts->is_writing = true;
	parts->op.apply = apply_write;
	parts->op.finish = finish_write;
	group_add(bulletins->options.group, &parts->op);
	return 0;
}

static void
on_answer(void *ctx, struct ipc_message *message)
{
	struct question *question = ctx;
	struct bulletins_parts *parts = question->parts;
	bool is_for_us = question->number == parts->asked;
	struct message_called called;
	struct error err = { 0 };
	int rc = -1;

	free(question);
	if (!is_for_us)
		return;
	if (message_read(message, MESSAGE_CALLED, &called, &err) < 0)
		rc = -1;
	else if (called.status != 200)
		error_set_id(&err, "E3904", ERROR_NOT_FOUND,
		    "the host above has another directory by now");
	else
		rc = parts->pages == NULL
		    ? take_index(parts, called.body, &err)
		    : take_pages(parts, called.body, &err);
	if (rc < 0 && err.code == ERROR_BUSY)
		ask_again(parts, &err);
	else if (rc < 0)
		give_up(parts, &err);
}

/* ---- asking --------------------------------------------------------------- */

/* All is here: the bulletin is offered like any other. */
static void
complete(struct bulletins_parts *parts)
{
	struct bytes cms = parts->cms;
	struct bytes receipt = parts->receipt;

	log_parts(parts, "directory.parts_complete", NULL);
	parts->cms = (struct bytes){ 0 };
	parts->receipt = (struct bytes){ 0 };
	forget(parts);
	bulletins_offer_shown(parts->bulletins,
	    &(struct bulletins_offered){ cms.data, cms.len, receipt.data,
		receipt.len },
	    NULL, NULL);
	bytes_free(&cms);
	bytes_free(&receipt);
}

static int
put_path(struct bulletins_parts *parts, unsigned from, unsigned to, char *path,
    size_t size, struct error *err)
{
	char root[DIGEST_TEXT_SIZE];
	struct bytes text = { 0 };
	int rc;

	digest_format(&parts->root, root);
	bytes_put_format(&text, "/v1/directory/pages?root=%s", root);
	if (to > 0)
		bytes_put_format(&text, "&from=%u&to=%u", from, to);
	rc = bytes_failed(&text, err);
	if (rc == 0 &&
	    !text_copy_len(path, size, (const char *)text.data, text.len))
		rc = error_set_memory(err);
	bytes_free(&text);
	return rc;
}

static void
ask(void *ctx)
{
	struct bulletins_parts *parts = ctx;
	struct bulletins *bulletins = parts->bulletins;
	struct message_call call = { .method = "GET",
		.timeout_ms = TIMEOUT_MS };
	struct question *question;
	struct error err = { 0 };
	unsigned from = 0, to = 0;

	if (parts->serial == 0 || parts->is_writing)
		return;
	if (parts->pages != NULL &&
	    !directory_pages_missing(contents_tree(bulletins->contents),
		parts->pages, RUN_MAX, &from, &to)) {
		complete(parts);
		return;
	}
	question = malloc(sizeof(*question));
	if (question == NULL) {
		error_set_memory(&err);
		ask_again(parts, &err);
		return;
	}
	*question = (struct question){ parts, ++parts->asked };
	text_copy(call.peer, sizeof(call.peer), bulletins->options.upstream);
	if (put_path(parts, from, to, call.path, sizeof(call.path), &err) < 0 ||
	    peer_ask(bulletins->options.courier, MESSAGE_CALL, &call, -1,
		on_answer, question, NULL, &err) < 0) {
		free(question);
		ask_again(parts, &err);
	}
}

int
bulletins_parts_begin(struct bulletins_parts *parts,
    const struct bulletins_taking *taking, struct error *err)
{
	struct directory_body body = { .count = 0 };

	if (parts->bulletins->options.courier == NULL)
		return error_set_id(err, "E3901", ERROR_UNTRUSTED,
		    "directory %llu does not follow the one in force",
		    (unsigned long long)taking->held.serial);
	if (directory_body_decode(&taking->held.bulletin, &body, err) < 0)
		return -1;
	forget(parts);
	parts->root = body.root;
	directory_body_free(&body);
	bytes_put(&parts->cms, taking->cms.data, taking->cms.len);
	bytes_put(&parts->receipt, taking->receipt.data, taking->receipt.len);
	if (bytes_failed(&parts->cms, err) < 0 ||
	    bytes_failed(&parts->receipt, err) < 0)
		return -1;
	parts->serial = taking->held.serial;
	log_parts(parts, "directory.parts_wanted", NULL);
	loop_timer_start(parts->timer,
	    parts->retry_ms > BULLETINS_RETRY_FIRST_MS ? parts->retry_ms : 0);
	return 0;
}
