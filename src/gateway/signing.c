#include "gateway/signing.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "crypto/merkle.h"
#include "crypto/sha256.h"
#include "envelope/batch.h"
#include "package/package_batch.h"
#include "role/env.h"
#include "role/peer.h"
#include "role/spool/group.h"
#include "role/spool/spool.h"
#include "service/config.h"
#include "sys/ipc.h"
#include "sys/loop.h"

enum { LEAD_MS = 1 }; /* before the group: what signing takes */

struct lane;

/* A statement that waits for its signature. */
struct want {
	struct want *next;
	struct lane *lane; /* of one that is asked for by itself */
	struct bytes statement;
	signing_fn done;
	void *ctx;
};

/*
 * All of one kind for one key: what one signature can be over.  What is too
 * long for an item is signed by itself in its turn.
 */
struct lane {
	struct lane *next;
	struct signing *signing;
	enum keeper_kind kind;
	char key[MESSAGE_KEY_NAME_SIZE];
	struct want *first; /* that wait */
	struct want **last;
	size_t count;
	struct want *asked; /* that the keeper has, in order of the tree */
	size_t asked_count;
	size_t suspects;    /* of a batch that was refused: one by one now */
	size_t most;        /* under one signature */
	struct want *alone; /* that the keeper has, each by itself */
};

struct signing {
	struct spool *spool;
	struct lane *lanes;
	struct loop_soon *soon;
	struct loop_timer *timer;
};

static void start_all(void *ctx);

int
signing_new(struct spool *spool, struct signing **ret_signing,
    struct error *err)
{
	struct signing *signing = calloc(1, sizeof(*signing));

	if (signing == NULL)
		return error_set_memory(err);
	signing->spool = spool;
	if (loop_soon_new(spool->env->loop, start_all, signing, &signing->soon,
		err) < 0 ||
	    loop_timer_new(spool->env->loop, start_all, signing,
		&signing->timer, err) < 0) {
		signing_free(signing);
		return -1;
	}
	*ret_signing = signing;
	return 0;
}

static void
free_wants(struct want *first)
{
	while (first != NULL) {
		struct want *next = first->next;

		bytes_free(&first->statement);
		free(first);
		first = next;
	}
}

void
signing_free(struct signing *signing)
{
	if (signing == NULL)
		return;
	while (signing->lanes != NULL) {
		struct lane *lane = signing->lanes;

		signing->lanes = lane->next;
		free_wants(lane->first);
		free_wants(lane->asked);
		free_wants(lane->alone);
		free(lane);
	}
	loop_soon_free(signing->soon);
	loop_timer_free(signing->timer);
	free(signing);
}

/* ---- answers --------------------------------------------------------- */

/* The lane is free again before the first of them is told. */
static struct want *
take_asked(struct lane *lane)
{
	struct want *first = lane->asked;

	lane->asked = NULL;
	lane->asked_count = 0;
	return first;
}

static void
fail_all(struct want *first, const struct error *failure)
{
	for (struct want *want = first; want != NULL; want = want->next)
		want->done(want->ctx, NULL, failure);
	free_wants(first);
}

static void
tell(const struct want *want, const struct bytes *item)
{
	struct blob signature = blob_of_bytes(item);
	struct error err = { 0 };

	if (bytes_failed(item, &err) < 0)
		want->done(want->ctx, NULL, &err);
	else
		want->done(want->ctx, &signature, NULL);
}

/* Of packages: the list, as the keeper made it. */
static int
list_of(const struct signing *signing, const struct want *first, size_t count,
    struct bytes *list, struct error *err)
{
	struct digest *manifests = calloc(count, sizeof(*manifests));
	size_t i = 0;

	if (manifests == NULL)
		return error_set_memory(err);
	for (; first != NULL; first = first->next)
		sha256(first->statement.data, first->statement.len,
		    &manifests[i++]);
	package_batch_put_list(signing->spool->env->config->host.environment,
	    manifests, count, list);
	free(manifests);
	return bytes_failed(list, err);
}

static void
tell_packages(struct lane *lane, const struct blob *cms)
{
	struct package_batch_item item = { .cms = cms->data,
		.cms_len = cms->len };
	size_t count = lane->asked_count;
	struct want *first = take_asked(lane);
	struct bytes list = { 0 };
	struct error err = { 0 };

	if (list_of(lane->signing, first, count, &list, &err) < 0) {
		bytes_free(&list);
		fail_all(first, &err);
		return;
	}
	item.list = list.data;
	item.list_len = list.len;
	for (struct want *want = first; want != NULL; want = want->next) {
		struct bytes bytes = { 0 };

		item.line++;
		package_batch_put_item(&item, &bytes);
		tell(want, &bytes);
		bytes_free(&bytes);
	}
	bytes_free(&list);
	free_wants(first);
}

static int
tree_of(enum batch_type type, const struct want *first, size_t count,
    struct merkle_tree **ret_tree, struct error *err)
{
	struct digest *leaves = calloc(count, sizeof(*leaves));
	size_t i = 0;
	int rc;

	if (leaves == NULL)
		return error_set_memory(err);
	for (; first != NULL; first = first->next)
		leaves[i++] = batch_leaf(type, first->statement.data,
		    first->statement.len);
	rc = merkle_tree_new(leaves, count, ret_tree, err);
	free(leaves);
	return rc;
}

static void
tell_item(const struct want *want, struct batch_item *item,
    const struct merkle_tree *tree)
{
	struct digest path[MERKLE_PATH_MAX];
	struct bytes bytes = { 0 };

	item->path_count = merkle_tree_path(tree, item->index, path);
	memcpy(item->path, path, item->path_count * sizeof(*path));
	item->statement = want->statement.data;
	item->statement_len = want->statement.len;
	batch_item_put(item, &bytes);
	tell(want, &bytes);
	bytes_free(&bytes);
}

static enum batch_type
type_of(const struct lane *lane)
{
	return lane->kind == KEEPER_WAYBILL ? BATCH_WAYBILL : BATCH_ACT;
}

static void
tell_items(struct lane *lane, const struct blob *cms)
{
	struct batch_item item = { .count = (uint32_t)lane->asked_count,
		.cms = cms->data,
		.cms_len = cms->len };
	struct merkle_tree *tree = NULL;
	struct want *first = take_asked(lane);
	struct error err = { 0 };

	if (tree_of(type_of(lane), first, item.count, &tree, &err) < 0) {
		fail_all(first, &err);
		return;
	}
	for (struct want *want = first; want != NULL; want = want->next) {
		tell_item(want, &item, tree);
		item.index++;
	}
	merkle_tree_free(tree);
	free_wants(first);
}

/* One bad statement must not hold up the others: each again by itself. */
static void
split(struct lane *lane)
{
	struct want *last = lane->asked;

	while (last->next != NULL)
		last = last->next;
	last->next = lane->first;
	if (lane->first == NULL)
		lane->last = &last->next;
	lane->count += lane->asked_count;
	lane->suspects += lane->asked_count;
	lane->first = take_asked(lane);
}

static void arm(struct signing *signing, const struct lane *lane);

static void
on_signed(void *ctx, struct ipc_message *message)
{
	struct lane *lane = ctx;
	struct message_signature answer;
	struct error err = { 0 };

	if (message_read(message, MESSAGE_SIGNATURE, &answer, &err) < 0) {
		if (lane->asked_count > 1)
			split(lane);
		else
			fail_all(take_asked(lane), &err);
	} else if (lane->asked_count > 1 && lane->kind == KEEPER_PACKAGE) {
		tell_packages(lane, &answer.signature);
	} else if (lane->asked_count > 1) {
		tell_items(lane, &answer.signature);
	} else {
		struct want *want = take_asked(lane);

		want->done(want->ctx, &answer.signature, NULL);
		free_wants(want);
	}
	if (lane->first != NULL)
		arm(lane->signing, lane);
}

/* ---- asking ---------------------------------------------------------- */

static bool
is_long(const struct want *want)
{
	return want->statement.len > BATCH_STATEMENT_MAX;
}

static void
take_waiting(struct lane *lane)
{
	size_t most =
	    lane->suspects > 0 || is_long(lane->first) ? 1 : lane->most;
	struct want **end = &lane->first;

	lane->asked = lane->first;
	while (lane->asked_count < most && *end != NULL &&
	    (lane->asked_count == 0 || !is_long(*end))) {
		end = &(*end)->next;
		lane->asked_count++;
	}
	lane->first = *end;
	*end = NULL;
	lane->count -= lane->asked_count;
	lane->suspects -= lane->suspects > 0;
	if (lane->first == NULL)
		lane->last = &lane->first;
}

static int
ask_one(struct lane *lane, const struct want *want, peer_answer_fn answer,
    void *ctx, struct error *err)
{
	struct spool *spool = lane->signing->spool;
	struct message_sign ask = { .kind = (uint8_t)lane->kind,
		.time = spool_now(spool),
		.statement = blob_of_bytes(&want->statement) };

	text_copy(ask.key, sizeof(ask.key), lane->key);
	return peer_ask(spool->keeper, MESSAGE_SIGN, &ask, -1, answer, ctx,
	    NULL, err);
}

static void
on_signed_alone(void *ctx, struct ipc_message *message)
{
	struct want *want = ctx;
	struct want **at = &want->lane->alone;
	struct message_signature answer;
	struct error err = { 0 };

	while (*at != want)
		at = &(*at)->next;
	*at = want->next;
	want->next = NULL;
	if (message_read(message, MESSAGE_SIGNATURE, &answer, &err) < 0)
		want->done(want->ctx, NULL, &err);
	else
		want->done(want->ctx, &answer.signature, NULL);
	free_wants(want);
}

/*
 * Where nothing is signed together, nothing waits for the answer before: what
 * came together goes on together, into one group.
 */
static int
start_alone(struct lane *lane, struct want *want, struct error *err)
{
	want->lane = lane;
	if (ask_one(lane, want, on_signed_alone, want, err) < 0) {
		free_wants(want);
		return -1;
	}
	want->next = lane->alone;
	lane->alone = want;
	return 0;
}

static int
ask_many(struct lane *lane, struct error *err)
{
	struct spool *spool = lane->signing->spool;
	struct message_sign_batch ask = { .kind = (uint8_t)lane->kind,
		.time = spool_now(spool) };
	struct bytes list = { 0 };
	int rc = -1;

	text_copy(ask.key, sizeof(ask.key), lane->key);
	for (const struct want *want = lane->asked; want != NULL;
	     want = want->next) {
		struct message_statement item = {
			.statement = blob_of_bytes(&want->statement),
		};

		message_list_add(&list, MESSAGE_STATEMENT, &item);
	}
	ask.statements = blob_of_bytes(&list);
	if (bytes_failed(&list, err) == 0)
		rc = peer_ask(spool->keeper, MESSAGE_SIGN_BATCH, &ask, -1,
		    on_signed, lane, NULL, err);
	bytes_free(&list);
	return rc;
}

static void
start(struct lane *lane)
{
	struct error err = { 0 };
	int rc;

	take_waiting(lane);
	rc = lane->asked_count > 1
	    ? ask_many(lane, &err)
	    : ask_one(lane, lane->asked, on_signed, lane, &err);
	if (rc < 0)
		fail_all(take_asked(lane), &err);
}

static void
start_all(void *ctx)
{
	struct signing *signing = ctx;

	loop_timer_cancel(signing->timer);
	for (struct lane *lane = signing->lanes; lane != NULL;
	     lane = lane->next)
		if (lane->asked == NULL && lane->first != NULL)
			start(lane);
}

static size_t
most_of(const struct signing *signing, enum keeper_kind kind)
{
	return kind == KEEPER_PACKAGE
	    ? (size_t)signing->spool->env->config->signing.packages
	    : BATCH_ITEMS_MAX;
}

static struct lane *
find_lane(struct signing *signing, enum keeper_kind kind, const char *key)
{
	struct lane *lane = signing->lanes;

	while (
	    lane != NULL && (lane->kind != kind || !text_equal(lane->key, key)))
		lane = lane->next;
	if (lane != NULL)
		return lane;
	lane = calloc(1, sizeof(*lane));
	if (lane == NULL || !text_copy(lane->key, sizeof(lane->key), key)) {
		free(lane);
		return NULL;
	}
	lane->signing = signing;
	lane->kind = kind;
	lane->most = most_of(signing, kind);
	lane->last = &lane->first;
	lane->next = signing->lanes;
	signing->lanes = lane;
	return lane;
}

/*
 * Just before the group that it will be part of; a package at once, since it
 * has a way to go until then.
 */
static void
arm(struct signing *signing, const struct lane *lane)
{
	uint64_t wait = group_wait_ms(signing->spool->group);

	if (wait <= LEAD_MS || lane->count >= lane->most ||
	    lane->kind == KEEPER_PACKAGE)
		loop_soon_start(signing->soon);
	else if (!loop_timer_is_running(signing->timer))
		loop_timer_start(signing->timer, wait - LEAD_MS);
}

int
signing_ask(struct signing *signing, enum keeper_kind kind, const char *key,
    const struct bytes *statement, signing_fn done, void *ctx,
    struct error *err)
{
	struct lane *lane = find_lane(signing, kind, key);
	struct want *want = calloc(1, sizeof(*want));

	if (lane == NULL || want == NULL) {
		free(want);
		return error_set_memory(err);
	}
	want->done = done;
	want->ctx = ctx;
	bytes_put(&want->statement, statement->data, statement->len);
	if (bytes_failed(&want->statement, err) < 0) {
		free_wants(want);
		return -1;
	}
	if (lane->most == 1)
		return start_alone(lane, want, err);
	*lane->last = want;
	lane->last = &want->next;
	lane->count++;
	arm(signing, lane);
	return 0;
}
