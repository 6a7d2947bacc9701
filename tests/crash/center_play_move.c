/*
 * A recipient moves to the other center, another one comes from there
 * (docs/decisions/0014): the other center takes what it is handed, and hands
 * over what it has, again when it does not know whether we have it.
 */
#include "center/center.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "crash/center_play_internal.h"
#include "crypto/sha256.h"
#include "envelope/bundle.h"

/* ---- receipts of the other center --------------------------------------- */

static const struct {
	const char *word;
	enum event event;
	const char *center, *at, *recipient;
} words[] = {
	{ "origin", EVENT_ACCEPTED, WORLD_HERE, WORLD_HERE, NULL },
	{ "moved", EVENT_MOVED, WORLD_THERE, WORLD_HERE, WORLD_COMES },
	{ "taken", EVENT_TAKEN, WORLD_THERE, WORLD_THERE, WORLD_LEAVES },
};

bool
play_move_receipt(const struct blob *json, struct message_receipt *ret_receipt)
{
	struct message_receipt receipt = { .environment = "demo",
		.sender = WORLD_SENDER,
		.time = play.world->now,
		.directory = 2 };

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		uint32_t number =
		    world_number(json->data, json->len, words[i].word);
		struct world_letter letter = world_letter(number);

		if (number == 0)
			continue;
		receipt.event = (uint8_t)words[i].event;
		receipt.waybill = letter.waybill;
		receipt.waybill_id = letter.waybill_id;
		text_copy(receipt.center, sizeof(receipt.center),
		    words[i].center);
		text_copy(receipt.at, sizeof(receipt.at), words[i].at);
		if (words[i].recipient != NULL) {
			text_copy(receipt.recipient, sizeof(receipt.recipient),
			    words[i].recipient);
			receipt.leaf = letter
					   .leaves[world_leaf_of(&letter,
					       words[i].recipient)]
					   .leaf;
		}
		sha256(json->data, json->len, &receipt.entry);
		*ret_receipt = receipt;
		return true;
	}
	return false;
}

/* ---- there ------------------------------------------------------------- */

/* The last record of a kind in a bundle, which is ours and so in order. */
static struct blob
last_record(const struct blob *bundle, char kind)
{
	struct blob found = { NULL, 0 };
	size_t at = BUNDLE_MAGIC_LEN;

	while (at + BUNDLE_RECORD_HEAD_LEN <= bundle->len) {
		const uint8_t *head = bundle->data + at;
		size_t len = 0;

		for (size_t i = 1; i < BUNDLE_RECORD_HEAD_LEN; i++)
			len = len << 8 | head[i];
		at += BUNDLE_RECORD_HEAD_LEN;
		/* The content is elsewhere. */
		if (head[0] == BUNDLE_CONTENT)
			break;
		if (head[0] == (uint8_t)kind)
			found = blob_of(bundle->data + at, len);
		at += len;
	}
	return found;
}

/*
 * From here on others can read that we decide it no more.  What we say of it
 * later, in this life, would be a second word.
 */
static void
take_there(const struct message_call *call, struct message_called *called,
    char *receipt, size_t size)
{
	uint32_t number = world_number(call->body.data, call->body.len, "cms");
	struct blob moved = last_record(&call->body, BUNDLE_MOVED);

	assert(number > 0 && number < PLAY_LETTERS && moved.len > 0);
	play_say(CENTER_MOVED, number, moved);
	play.has_moved[number] = true;
	snprintf(receipt, size, "taken %u.", number);
	called->status = 201;
	called->body = blob_of(receipt, strlen(receipt));
}

bool
play_move_call(const struct message_call *call, uint32_t id)
{
	static const char nothing[] = "{\"offset\":0,\"accepted\":false}";
	struct message_called called = { .status = 200,
		.body = blob_of(nothing, sizeof(nothing) - 1) };
	char receipt[32];

	if (!text_starts(call->path, "/v1/moves"))
		return false;
	if (text_equal(call->method, "POST"))
		take_there(call, &called, receipt, sizeof(receipt));
	peer_tell(play.courier, MESSAGE_CALLED, id, &called, -1);
	return true;
}

/* ---- here ---------------------------------------------------------------- */

/* Whom we do not decide for any more we answer nothing but where to ask. */
static void
on_late_act(void *ctx, struct ipc_message *message)
{
	struct message_acted acted;
	struct error err = { 0 };

	play.waiting--;
	if (message_read(message, MESSAGE_ACTED, &acted, &err) == 0)
		crash_disk_say(CENTER_DECIDED, (uint32_t)(uintptr_t)ctx, NULL,
		    0);
}

static void
on_taken(void *ctx, struct ipc_message *message)
{
	uint32_t number = (uint32_t)(uintptr_t)ctx;
	struct world_letter letter = world_letter(number);
	struct message_submitted submitted;
	struct error err = { 0 };

	play.waiting--;
	if (message_read(message, MESSAGE_SUBMITTED, &submitted, &err) < 0)
		return;
	play_say(CENTER_TAKEN, number, submitted.receipt);
	play_fetch(&letter, world_leaf_of(&letter, WORLD_COMES), play_on_acted);
}

/* Its content is here, for it began here. */
static void
hand_over(const struct world_letter *letter, size_t leaf)
{
	struct world_letter one = *letter;
	struct message_verify_receipt link;
	struct bytes leaves = { 0 }, links = { 0 }, body = { 0 };
	struct message_waybill waybill;
	struct message_submit submit = { .kind = BUNDLE_MOVE,
		.host = WORLD_THERE,
		.fingerprint = *cert_fingerprint(play.world->seal.cert),
		.content_len = letter->content_len,
		.cms = blob_of(letter->cms, strlen(letter->cms)),
		.reached = DELIVERY_RELAYED };
	char origin[32], moved[32];
	struct error err = { 0 };

	one.leaf_count = 1;
	one.leaves[0] = letter->leaves[leaf];
	waybill = world_waybill(play.world, &one, &leaves);
	snprintf(origin, sizeof(origin), "origin %u.", letter->number);
	snprintf(moved, sizeof(moved), "moved %u.", letter->number);
	link.receipt = blob_of(moved, strlen(moved));
	message_list_add(&links, MESSAGE_VERIFY_RECEIPT, &link);
	codec_encode(message_fields(MESSAGE_WAYBILL), &waybill, &body);
	submit.receipt = blob_of(origin, strlen(origin));
	submit.moved = blob_of_bytes(&links);
	submit.waybill = blob_of_bytes(&body);
	play_must(peer_ask(play.listener, MESSAGE_SUBMIT, &submit, -1, on_taken,
		      (void *)(uintptr_t)letter->number, NULL, &err),
	    &err);
	play.waiting++;
	bytes_free(&leaves);
	bytes_free(&links);
	bytes_free(&body);
}

/* A recipient that has left comes too late; the other one's deliveries come. */
static void
go_on_with(uint32_t number)
{
	struct world_letter letter = world_letter(number);
	size_t leaves = world_leaf_of(&letter, WORLD_LEAVES);
	size_t comes = world_leaf_of(&letter, WORLD_COMES);

	if (play.has_moved[number] && leaves < letter.leaf_count)
		play_fetch(&letter, leaves, on_late_act);
	if (!letter.is_relay && comes < letter.leaf_count)
		hand_over(&letter, comes);
}

/*
 * All letters of the round, twice: the second time whatever was taken is there
 * already, and what moves away has gone.
 */
bool
play_move_next(void)
{
	const struct center_round *round = play.round;
	bool has_repeats = round->repeats > 0;

	/* What was handed in is to be answered first. */
	if (play.waiting > 0)
		return true;
	if (!play.has_directory) {
		play.has_directory = true;
		bulletins_offer(play.center->spool.bulletins,
		    play.world->moved.data, play.world->moved.len, NULL, NULL);
		play.move = has_repeats ? round->repeat_from : round->first;
		play.move_last = round->first + round->count;
		return true;
	}
	if (play.directory < 2 || play.moves_done == 2)
		return false;
	if (play.move < play.move_last) {
		go_on_with(play.move++);
		/* From the letters of the round before to those of this one. */
		if (has_repeats &&
		    play.move == round->repeat_from + round->repeats)
			play.move = round->first;
		return true;
	}
	play.moves_done++;
	play.move = has_repeats ? round->repeat_from : round->first;
	return true;
}
