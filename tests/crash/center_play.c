#include "center/center.h"

#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "bulletin/root.h"
#include "center/epoch/center_epoch.h"
#include "center/send/center_send.h"
#include "crash/center_play_internal.h"
#include "crypto/key.h"
#include "crypto/sha256.h"
#include "envelope/bundle.h"
#include "envelope/receipt.h"
#include "service/config.h"
#include "store/store.h"
#include "sys/arena.h"
#include "sys/ipc.h"
#include "sys/loop.h"
#include "sys/process.h"

enum { TURNS_MAX = 200000, IN_FLIGHT = 5, SAME_FETCH = 3 };

struct play play;

void
play_must(int rc, const struct error *err)
{
	if (rc >= 0)
		return;
	fprintf(stderr, "playing a center: %s\n", err->text);
	abort();
}

/* ---- the roles around ------------------------------------------------------ */

static void
on_ignored(void *ctx, struct peer *peer, struct ipc_message *message)
{
	(void)ctx;
	(void)peer;
	(void)message;
}

static void
on_gone(void *ctx)
{
	(void)ctx;
}

static void
on_free(void *ctx, struct peer *peer, struct ipc_message *message)
{
	(void)ctx;
	(void)peer;
	(void)message;
	play.slots--;
}

static void
on_key_list(void *ctx, struct peer *peer, struct ipc_message *message)
{
	struct message_key_entry log = { .name = "log",
		.certificate = *cert_fingerprint(play.world->log.cert) };
	struct message_keys keys;
	struct bytes list = { 0 };

	(void)ctx;
	message_list_add(&list, MESSAGE_KEY_ENTRY, &log);
	keys.keys = blob_of_bytes(&list);
	peer_tell(peer, MESSAGE_KEYS, message->id, &keys, -1);
	bytes_free(&list);
}

/* From here on the root is out in the world, stored or not. */
static void
say_signed(const struct message_sign *ask)
{
	const char *line =
	    memchr(ask->statement.data, '\n', ask->statement.len);
	char digits[24];
	struct digest digest;
	uint64_t size;

	/* The size stands alone in the second line. */
	assert(line != NULL && strcspn(line + 1, "\n") < sizeof(digits));
	text_copy_len(digits, sizeof(digits), line + 1,
	    strcspn(line + 1, "\n"));
	assert(text_parse_u64(digits, UINT32_MAX, &size));
	sha256(ask->statement.data, ask->statement.len, &digest);
	crash_disk_say(CENTER_SIGNED, (uint32_t)size, digest.bytes,
	    sizeof(digest.bytes));
}

static void
on_sign(void *ctx, struct peer *peer, struct ipc_message *message)
{
	struct message_sign ask;
	struct message_signature answer;
	struct bytes signature = { 0 };
	struct error err = { 0 };

	(void)ctx;
	play_must(message_read(message, MESSAGE_SIGN, &ask, &err), &err);
	assert(ask.kind == KEEPER_CHECKPOINT);
	say_signed(&ask);
	play_must(key_sign(play.world->log.key, ask.statement.data,
		      ask.statement.len, &signature, &err),
	    &err);
	answer.signature = blob_of_bytes(&signature);
	peer_tell(peer, MESSAGE_SIGNATURE, message->id, &answer, -1);
	bytes_free(&signature);
}

/* Bulletins come as their JSON; the root and the timestamp as a word. */
static void
on_bulletin(void *ctx, struct peer *peer, struct ipc_message *message)
{
	struct message_bulletin_take take;
	struct message_bulletin_taken taken = { .is_new = true, .serial = 1 };
	struct bulletin bulletin = { 0 };
	struct error err = { 0 };

	(void)ctx;
	play_must(message_read(message, MESSAGE_BULLETIN_TAKE, &take, &err),
	    &err);
	taken.kind = BULLETIN_ROOT;
	if (take.cms.len == 4 && memcmp(take.cms.data, "time", 4) == 0) {
		taken.kind = BULLETIN_TIMESTAMP;
		taken.issued_at = play.world->now;
	} else if (bulletin_parse(take.cms.data, take.cms.len, &bulletin,
		       &err) == 0) {
		taken.kind = (uint8_t)bulletin.type;
		taken.serial = bulletin.serial;
		taken.digest = bulletin.digest;
		text_copy(taken.name, sizeof(taken.name), bulletin.name);
		taken.json = take.cms;
	}
	if (taken.kind == BULLETIN_DIRECTORY) {
		taken.is_new = taken.serial >= play.directory;
		play.directory = taken.is_new ? taken.serial : play.directory;
	}
	peer_tell(peer, MESSAGE_BULLETIN_TAKEN, message->id, &taken, -1);
	bulletin_free(&bulletin);
}

/* "accepted 7." of a relay that comes in, "relayed 7." of one that went out. */
static void
on_receipt(void *ctx, struct peer *peer, struct ipc_message *message)
{
	struct message_verify_receipt ask;
	struct message_receipt receipt = { .environment = "demo",
		.center = WORLD_THERE,
		.at = WORLD_THERE,
		.time = play.world->now };
	struct world_letter letter;
	uint32_t number;
	struct error err = { 0 };

	(void)ctx;
	play_must(message_read(message, MESSAGE_VERIFY_RECEIPT, &ask, &err),
	    &err);
	if (play_move_receipt(&ask.receipt, &receipt)) {
		peer_tell(peer, MESSAGE_RECEIPT, message->id, &receipt, -1);
		return;
	}
	number = world_number(ask.receipt.data, ask.receipt.len, "accepted");
	receipt.event = EVENT_ACCEPTED;
	if (number == 0) {
		number =
		    world_number(ask.receipt.data, ask.receipt.len, "relayed");
		receipt.event = EVENT_RELAYED;
	}
	assert(number > 0);
	letter = world_letter(number);
	receipt.waybill = letter.waybill;
	receipt.waybill_id = letter.waybill_id;
	sha256(ask.receipt.data, ask.receipt.len, &receipt.entry);
	peer_tell(peer, MESSAGE_RECEIPT, message->id, &receipt, -1);
}

/* The other center takes everything; management has no news. */
static void
on_call(void *ctx, struct peer *peer, struct ipc_message *message)
{
	struct message_call call;
	struct message_called called = { .status = 200 };
	struct error err = { 0 };
	char receipt[32];

	(void)ctx;
	play_must(message_read(message, MESSAGE_CALL, &call, &err), &err);
	if (!text_equal(call.peer, WORLD_THERE))
		return;
	if (play_move_call(&call, message->id))
		return;
	if (text_equal(call.path, "/v1/relays")) {
		snprintf(receipt, sizeof(receipt), "relayed %u.",
		    world_number(call.body.data, call.body.len, "cms"));
		called.status = 201;
		called.body = blob_of(receipt, strlen(receipt));
	}
	peer_tell(peer, MESSAGE_CALLED, message->id, &called, -1);
}

static const struct peer_handler listener_handlers[] = {
	{ MESSAGE_UPLOAD_FREE, on_free },
	{ MESSAGE_DIRECTORY, on_ignored },
	{ MESSAGE_NONE, NULL },
};
static const struct peer_handler query_handlers[] = {
	{ MESSAGE_DIRECTORY, on_ignored },
	{ MESSAGE_NONE, NULL },
};
static const struct peer_handler keeper_handlers[] = {
	{ MESSAGE_KEY_LIST, on_key_list },
	{ MESSAGE_SIGN, on_sign },
	{ MESSAGE_NONE, NULL },
};
static const struct peer_handler verifier_handlers[] = {
	{ MESSAGE_BULLETIN_TAKE, on_bulletin },
	{ MESSAGE_VERIFY_RECEIPT, on_receipt },
	{ MESSAGE_DIRECTORY, on_ignored },
	{ MESSAGE_NONE, NULL },
};
static const struct peer_handler courier_handlers[] = {
	{ MESSAGE_CALL, on_call },
	{ MESSAGE_DIRECTORY, on_ignored },
	{ MESSAGE_NONE, NULL },
};

/* ---- handing in ---------------------------------------------------------------- */

void
play_say(enum center_said kind, uint32_t number, struct blob json)
{
	struct receipt receipt = { 0 };
	struct center_evidence evidence;
	struct error err = { 0 };

	play_must(receipt_decode(json.data, json.len, &receipt, &err), &err);
	evidence.index = receipt.index;
	evidence.statement = receipt_leaf(&receipt);
	crash_disk_say(kind, number, &evidence, sizeof(evidence));
	receipt_free(&receipt);
}

void
play_on_acted(void *ctx, struct ipc_message *message)
{
	struct message_acted acted;
	struct error err = { 0 };

	play.waiting--;
	if (message_read(message, MESSAGE_ACTED, &acted, &err) < 0)
		return;
	assert(acted.key_part.len > 0);
	play_say(CENTER_FETCHED, (uint32_t)(uintptr_t)ctx, acted.receipt);
}

void
play_fetch(const struct world_letter *letter, size_t leaf,
    peer_answer_fn answer)
{
	struct message_act act = { .signer = *cert_fingerprint(
				       play.world->module.cert),
		.environment = "demo",
		.event = EVENT_FETCHED,
		.waybill = letter->waybill,
		.waybill_id = letter->waybill_id,
		.content = letter->content,
		.time = play.world->now };
	struct message_act_submit submit = { .host = WORLD_GATEWAY,
		.fingerprint = *cert_fingerprint(play.world->seal.cert),
		.cms = blob_of(letter->cms, strlen(letter->cms)) };
	struct bytes body = { 0 };
	struct error err = { 0 };

	text_copy(act.recipient, sizeof(act.recipient),
	    letter->leaves[leaf].recipient);
	act.leaf = letter->leaves[leaf].leaf;
	codec_encode(message_fields(MESSAGE_ACT), &act, &body);
	submit.act = blob_of_bytes(&body);
	play_must(peer_ask(play.listener, MESSAGE_ACT_SUBMIT, &submit, -1,
		      answer, (void *)(uintptr_t)letter->number, NULL, &err),
	    &err);
	play.waiting++;
	bytes_free(&body);
}

/* The first recipient that is at home here fetches. */
static void
fetch_first(const struct world_letter *letter)
{
	size_t i = 0;

	while (i < letter->leaf_count &&
	    !text_equal(letter->leaves[i].center, WORLD_HERE))
		i++;
	if (i < letter->leaf_count)
		play_fetch(letter, i, play_on_acted);
}

static void
on_submitted(void *ctx, struct ipc_message *message)
{
	uint32_t number = (uint32_t)(uintptr_t)ctx;
	struct message_submitted submitted;
	struct error err = { 0 };
	struct world_letter letter;

	play.waiting--;
	play.answered++;
	if (message_read(message, MESSAGE_SUBMITTED, &submitted, &err) < 0) {
		/* Only when the disk failed, under this or a bulletin. */
		if (crash_disk_failed() == 0)
			play_must(-1, &err);
		return;
	}
	play_say(CENTER_ACCEPTED, number, submitted.receipt);
	letter = world_letter(number);
	if (number % SAME_FETCH != 0)
		fetch_first(&letter);
}

static void
upload(const struct world_letter *letter)
{
	static uint8_t content[WORLD_CONTENT_MAX];
	struct message_upload_begin begin = { ++play.uploads,
		letter->content_len, 0 };
	struct message_upload_data data = { play.uploads, 0, 0 };

	world_content(letter, content);
	peer_tell(play.listener, MESSAGE_UPLOAD_BEGIN, 0, &begin, -1);
	for (size_t at = 0; at < letter->content_len; at += data.len) {
		size_t left = letter->content_len - at;

		data.slot = (uint16_t)(play.slots++ % PLAY_SLOTS);
		data.len =
		    (uint32_t)(left < ARENA_SLOT_LEN ? left : ARENA_SLOT_LEN);
		memcpy(arena_slot(play.arena, data.slot), content + at,
		    data.len);
		peer_tell(play.listener, MESSAGE_UPLOAD_DATA, 0, &data, -1);
	}
}

static void
hand_in(uint32_t number)
{
	struct world_letter letter = world_letter(number);
	struct bytes leaves = { 0 }, body = { 0 };
	struct message_waybill waybill =
	    world_waybill(play.world, &letter, &leaves);
	struct message_submit submit = { .kind = letter.is_relay
		    ? BUNDLE_RELAY
		    : BUNDLE_SUBMISSION,
		.fingerprint = *cert_fingerprint(play.world->seal.cert),
		.content_len = letter.content_len,
		.cms = blob_of(letter.cms, strlen(letter.cms)),
		.receipt = blob_of(letter.receipt, strlen(letter.receipt)) };
	struct error err = { 0 };

	text_copy(submit.host, sizeof(submit.host),
	    letter.is_relay ? WORLD_THERE : WORLD_GATEWAY);
	upload(&letter);
	submit.upload = play.uploads;
	codec_encode(message_fields(MESSAGE_WAYBILL), &waybill, &body);
	submit.waybill = blob_of_bytes(&body);
	play_must(peer_ask(play.listener, MESSAGE_SUBMIT, &submit, -1,
		      on_submitted, (void *)(uintptr_t)number, NULL, &err),
	    &err);
	play.waiting++;
	bytes_free(&leaves);
	bytes_free(&body);
}

static bool
hand_in_next(void)
{
	if (play.slots > 0)
		return true;
	if (play.repeat < play.repeat_last)
		hand_in(play.repeat++);
	else if (play.next < play.last)
		hand_in(play.next++);
	else
		return play.round->moves && play_move_next();
	return true;
}

/* ---- running ---------------------------------------------------------------------- */

/*
 * Linked instead of the sandbox and the endless loop of role/env.c: until all
 * is answered and nothing waits for the disk or the other center.
 */
int __wrap_role_env_run(struct role_env *env, struct error *err);
int __real_center_sender_new(struct center *center,
    struct center_sender **ret_sender, struct error *err);
int __wrap_center_sender_new(struct center *center,
    struct center_sender **ret_sender, struct error *err);
int __wrap_bulletins_root(struct bulletins *bulletins,
    const struct root **ret_root, struct error *err);

int
__wrap_center_sender_new(struct center *center,
    struct center_sender **ret_sender, struct error *err)
{
	play.center = center;
	return __real_center_sender_new(center, ret_sender, err);
}

/* Nobody is a witness here: nothing is asked before the first letter. */
int
__wrap_bulletins_root(struct bulletins *bulletins, const struct root **ret_root,
    struct error *err)
{
	static const struct root none;

	(void)bulletins;
	(void)err;
	*ret_root = &none;
	return 0;
}

static void
offer_bulletins(void)
{
	struct bulletins *bulletins = play.center->spool.bulletins;

	for (size_t i = 0; i < 3; i++)
		bulletins_offer(bulletins, play.world->bulletins[i].data,
		    play.world->bulletins[i].len, NULL, NULL);
	bulletins_offer(bulletins, "time", 4, NULL, NULL);
}

int
__wrap_role_env_run(struct role_env *env, struct error *err)
{
	struct spool *spool = &play.center->spool;
	struct error waits = { 0 };
	unsigned quiet = 0, idle_at = 4;

	offer_bulletins();
	for (int turn = 0; turn < TURNS_MAX && quiet < 50; turn++) {
		if (loop_run_once(env->loop, err) < 0)
			return -1;
		if (!spool->is_ready ||
		    center_epoch_check_serves(play.center->epoch, &waits) < 0 ||
		    bulletins_serials(spool->bulletins).timestamp == 0)
			continue;
		if (play.waiting < IN_FLIGHT && hand_in_next())
			quiet = 0;
		if (play.waiting > 0 || group_waiting(spool->group) > 0 ||
		    peer_pending(spool->courier) > 1) {
			quiet = 0;
			continue;
		}
		quiet++;
		/* As the timer does when nothing happens for a second. */
		if (play.answered >= idle_at) {
			idle_at += 4;
			if (store_idle(spool->store, err) < 0)
				return -1;
		}
	}
	return 0;
}

static struct peer *
open_channel(enum role role, const struct peer_handler *handlers)
{
	struct peer *peer = NULL;
	struct error err = { 0 };
	int fds[2];

	play_must(process_socketpair(fds, &err), &err);
	play.env.peer_fds[role] = fds[0];
	play_must(peer_open(play.env.loop, fds[1], "spooler", handlers, &play,
		      on_gone, NULL, &peer, &err),
	    &err);
	return peer;
}

static void
configure(const char *dir)
{
	char path[CRASH_PATH_SIZE + 8], text[4 * CRASH_PATH_SIZE];
	struct error err = { 0 };
	FILE *root;

	/* Outside of the data folder, which is the disk that crashes. */
	snprintf(path, sizeof(path), "%s.root", dir);
	root = fopen(path, "w");
	assert(root != NULL && fputs("root", root) >= 0 && fclose(root) == 0);
	snprintf(text, sizeof(text),
	    "[host]\nkind = center\nname = " WORLD_HERE
	    "\naddress = 127.0.0.1\ndata = %s\nenvironment = demo\n"
	    "[management]\nname = management\naddress = 127.0.0.4\n"
	    "[trust]\nroot = %s\n[store]\nsegment_mb = 1\n"
	    "[courier]\nretry_first_ms = 50\nretry_max_ms = 1000\n",
	    dir, path);
	play_must(config_parse_text(text, "test", &play.env.config, &err),
	    &err);
	/* The smallest that is accepted for production is more than here. */
	play.env.config->store.segments = 1;
}

int
center_play(const struct center_world *world, const char *dir,
    const struct center_round *round)
{
	struct error err = { 0 };

	memset(&play, 0, sizeof(play));
	play.world = world;
	play.round = round;
	play.next = round->first;
	play.last = round->first + round->count;
	play.repeat = round->repeat_from;
	play.repeat_last = round->repeat_from + round->repeats;
	play_must(loop_new(&play.env.loop, &err), &err);
	for (int i = 0; i < ROLE_COUNT; i++)
		play.env.peer_fds[i] = -1;
	play.env.log = (struct log){ .fd = open("/dev/null", O_WRONLY),
		.level = LOG_LEVEL_ERROR,
		.role = "spooler" };
	if (getenv("TEST_LOG") != NULL)
		play.env.log.fd = STDERR_FILENO;
	configure(dir);
	play.listener = open_channel(ROLE_LISTENER, listener_handlers);
	play.query = open_channel(ROLE_QUERY, query_handlers);
	play.keeper = open_channel(ROLE_KEEPER, keeper_handlers);
	play.verifier = open_channel(ROLE_VERIFIER, verifier_handlers);
	play.courier = open_channel(ROLE_COURIER, courier_handlers);
	play_must(arena_create(PLAY_SLOTS, &play.arena, &err), &err);
	peer_tell(play.listener, MESSAGE_ARENA, 0, NULL, arena_fd(play.arena));
	if (center_spooler_start(&play.env, &err) == 0)
		return 0;
	if (getenv("TEST_LOG") != NULL)
		fprintf(stderr, "the center ends: %s\n", err.text);
	return -1;
}
