/*
 * What a gateway has signed together, against a keeper that answers when the
 * test says so.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "envelope/batch.h"
#include "gateway/signing.h"
#include "role/env.h"
#include "role/peer.h"
#include "role/spool/group.h"
#include "role/spool/spool.h"
#include "service/config.h"
#include "service/log.h"
#include "sys/ipc.h"
#include "sys/loop.h"
#include "sys/process.h"

enum { ASKED_MAX = 16, WANTS = 8, TURNS = 2000 };

struct fixture;

/* A request that the keeper has and did not answer yet. */
struct asked {
	uint32_t id;
	size_t count; /* 1: signed alone */
	uint8_t kind;
	char key[MESSAGE_KEY_NAME_SIZE];
};

struct want {
	struct fixture *fixture;
	size_t number;
};

struct fixture {
	struct loop *loop;
	struct config config;
	struct role_env env;
	struct spool spool;
	struct peer *keeper; /* its side */
	struct signing *signing;
	struct asked asked[ASKED_MAX];
	size_t asked_count;
	const char *bad; /* a statement that is refused */
	struct bytes got[WANTS];
	struct error failures[WANTS];
	int done[WANTS];
	struct want wants[WANTS];
};

static struct asked *
note(struct fixture *fixture, uint32_t id, uint8_t kind, const char *key)
{
	struct asked *asked = &fixture->asked[fixture->asked_count++];

	assert_true(fixture->asked_count <= ASKED_MAX);
	*asked = (struct asked){ .id = id, .kind = kind };
	assert_true(text_copy(asked->key, sizeof(asked->key), key));
	return asked;
}

static bool
is_bad(const struct fixture *fixture, const struct blob *statement)
{
	return fixture->bad != NULL && statement->len == strlen(fixture->bad) &&
	    memcmp(statement->data, fixture->bad, statement->len) == 0;
}

/* Kept in the order of requests; `count` 0: to be refused. */
static void
on_sign(void *ctx, struct peer *peer, struct ipc_message *message)
{
	struct fixture *fixture = ctx;
	struct message_sign ask;
	struct error err = { 0 };

	(void)peer;
	assert_int_equal(message_read(message, MESSAGE_SIGN, &ask, &err), 0);
	note(fixture, message->id, ask.kind, ask.key)->count =
	    is_bad(fixture, &ask.statement) ? 0 : 1;
}

static void
on_sign_batch(void *ctx, struct peer *peer, struct ipc_message *message)
{
	struct fixture *fixture = ctx;
	struct message_sign_batch ask;
	struct message_statement item;
	struct asked *asked;
	bool has_bad = false;
	struct error err = { 0 };

	(void)peer;
	assert_int_equal(message_read(message, MESSAGE_SIGN_BATCH, &ask, &err),
	    0);
	asked = note(fixture, message->id, ask.kind, ask.key);
	while (codec_next(message_fields(MESSAGE_STATEMENT), &ask.statements,
		   &item, &err) > 0) {
		asked->count++;
		has_bad = has_bad || is_bad(fixture, &item.statement);
	}
	if (has_bad)
		asked->count = 0;
}

static void
on_gone(void *ctx)
{
	(void)ctx;
}

static void
set_up(struct fixture *fixture)
{
	static const struct peer_handler none[] = { { MESSAGE_NONE, NULL } };
	static const struct peer_handler handlers[] = {
		{ MESSAGE_SIGN, on_sign },
		{ MESSAGE_SIGN_BATCH, on_sign_batch },
		{ MESSAGE_NONE, NULL },
	};
	static const struct group_hooks hooks = { .seal = NULL };
	struct error err = { 0 };
	int fds[2];

	memset(fixture, 0, sizeof(*fixture));
	assert_int_equal(loop_new(&fixture->loop, &err), 0);
	fixture->env.loop = fixture->loop;
	fixture->env.config = &fixture->config;
	fixture->env.log = (struct log){ .fd = 2, .level = LOG_LEVEL_ERROR };
	fixture->spool.env = &fixture->env;
	assert_int_equal(socketpair(AF_UNIX,
			     SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0,
			     fds),
	    0);
	assert_int_equal(peer_open(fixture->loop, fds[0], "keeper", none,
			     fixture, on_gone, &fixture->env.log,
			     &fixture->spool.keeper, &err),
	    0);
	assert_int_equal(peer_open(fixture->loop, fds[1], "spooler", handlers,
			     fixture, on_gone, &fixture->env.log,
			     &fixture->keeper, &err),
	    0);
	assert_int_equal(group_new(fixture->loop, NULL, &hooks, NULL,
			     &fixture->spool.group, &err),
	    0);
	assert_int_equal(signing_new(&fixture->spool, &fixture->signing, &err),
	    0);
}

static void
tear_down(struct fixture *fixture)
{
	signing_free(fixture->signing);
	group_free(fixture->spool.group);
	peer_close(fixture->spool.keeper);
	peer_close(fixture->keeper);
	loop_free(fixture->loop);
	for (size_t i = 0; i < WANTS; i++)
		bytes_free(&fixture->got[i]);
}

static void
on_signed(void *ctx, const struct blob *signature, const struct error *failure)
{
	struct want *want = ctx;
	struct fixture *fixture = want->fixture;

	fixture->done[want->number]++;
	if (failure != NULL)
		fixture->failures[want->number] = *failure;
	else
		bytes_put(&fixture->got[want->number], signature->data,
		    signature->len);
}

static void
ask(struct fixture *fixture, size_t number, enum keeper_kind kind,
    const char *key, const char *text)
{
	struct want *want = &fixture->wants[number];
	struct bytes statement = { 0 };
	struct error err = { 0 };

	*want = (struct want){ fixture, number };
	bytes_put_text(&statement, text);
	assert_int_equal(signing_ask(fixture->signing, kind, key, &statement,
			     on_signed, want, &err),
	    0);
	bytes_free(&statement);
}

/* Until the keeper has been asked that often in all. */
static void
await(struct fixture *fixture, size_t count)
{
	struct error err = { 0 };

	for (int i = 0; i < TURNS && fixture->asked_count < count; i++)
		assert_int_equal(loop_run_once(fixture->loop, &err), 0);
	assert_int_equal(fixture->asked_count, count);
}

static void
answer(struct fixture *fixture, size_t index, size_t until)
{
	struct message_signature signature = { blob_of("CMS", 3) };
	struct error err = { 0 };
	struct error denied = { 0 };

	error_set_id(&denied, "E3307", ERROR_DENIED, "bad");
	if (fixture->asked[index].count == 0)
		peer_refuse(fixture->keeper, fixture->asked[index].id, &denied);
	else
		peer_tell(fixture->keeper, MESSAGE_SIGNATURE,
		    fixture->asked[index].id, &signature, -1);
	for (int i = 0; i < TURNS && fixture->done[until] == 0; i++)
		assert_int_equal(loop_run_once(fixture->loop, &err), 0);
	assert_int_equal(fixture->done[until], 1);
}

static void
is_item(const struct fixture *fixture, size_t number, uint32_t index,
    uint32_t count, const char *text)
{
	struct batch_item item;
	struct error err = { 0 };

	assert_int_equal(batch_item_parse(fixture->got[number].data,
			     fixture->got[number].len, &item, &err),
	    0);
	assert_int_equal(item.index, index);
	assert_int_equal(item.count, count);
	assert_int_equal(item.statement_len, strlen(text));
	assert_memory_equal(item.statement, text, item.statement_len);
	assert_int_equal(item.cms_len, 3);
}

static void
one_alone_is_signed_as_it_is(void **state)
{
	static struct fixture fixture;

	(void)state;
	set_up(&fixture);
	ask(&fixture, 0, KEEPER_WAYBILL, "module", "one");
	await(&fixture, 1);
	assert_int_equal(fixture.asked[0].count, 1);
	assert_int_equal(fixture.asked[0].kind, KEEPER_WAYBILL);
	answer(&fixture, 0, 0);
	assert_int_equal(fixture.got[0].len, 3);
	assert_memory_equal(fixture.got[0].data, "CMS", 3);
	tear_down(&fixture);
}

static void
what_comes_in_one_turn_is_signed_together(void **state)
{
	static struct fixture fixture;

	(void)state;
	set_up(&fixture);
	ask(&fixture, 0, KEEPER_ACT, "module", "one");
	ask(&fixture, 1, KEEPER_ACT, "module", "two");
	ask(&fixture, 2, KEEPER_ACT, "module", "three");
	await(&fixture, 1);
	assert_int_equal(fixture.asked[0].count, 3);
	answer(&fixture, 0, 2);
	is_item(&fixture, 0, 0, 3, "one");
	is_item(&fixture, 1, 1, 3, "two");
	is_item(&fixture, 2, 2, 3, "three");
	tear_down(&fixture);
}

static void
what_comes_while_the_keeper_works_is_next(void **state)
{
	static struct fixture fixture;

	(void)state;
	set_up(&fixture);
	ask(&fixture, 0, KEEPER_ACT, "module", "one");
	await(&fixture, 1);
	ask(&fixture, 1, KEEPER_ACT, "module", "two");
	ask(&fixture, 2, KEEPER_ACT, "module", "three");
	answer(&fixture, 0, 0);
	await(&fixture, 2);
	assert_int_equal(fixture.asked[1].count, 2);
	answer(&fixture, 1, 2);
	is_item(&fixture, 1, 0, 2, "two");
	is_item(&fixture, 2, 1, 2, "three");
	tear_down(&fixture);
}

static void
kinds_and_keys_are_not_mixed(void **state)
{
	static struct fixture fixture;

	(void)state;
	set_up(&fixture);
	ask(&fixture, 0, KEEPER_ACT, "module", "one");
	ask(&fixture, 1, KEEPER_WAYBILL, "module", "two");
	ask(&fixture, 2, KEEPER_ACT, "sign.A", "three");
	ask(&fixture, 3, KEEPER_ACT, "sign.B", "four");
	await(&fixture, 4);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(fixture.asked[i].count, 1);
	tear_down(&fixture);
}

static void
a_bad_statement_holds_up_no_other(void **state)
{
	static struct fixture fixture;

	(void)state;
	set_up(&fixture);
	fixture.bad = "two";
	ask(&fixture, 0, KEEPER_ACT, "module", "one");
	ask(&fixture, 1, KEEPER_ACT, "module", "two");
	ask(&fixture, 2, KEEPER_ACT, "module", "three");
	await(&fixture, 1);
	assert_int_equal(fixture.asked[0].count, 0);
	ask(&fixture, 3, KEEPER_ACT, "module", "four");
	ask(&fixture, 4, KEEPER_ACT, "module", "five");
	peer_refuse(fixture.keeper, fixture.asked[0].id,
	    &(struct error){ .code = ERROR_DENIED, .id = "E3307" });
	for (size_t i = 0; i < 3; i++) {
		await(&fixture, i + 2);
		answer(&fixture, i + 1, i);
	}
	assert_int_equal(fixture.got[0].len, 3);
	assert_string_equal(fixture.failures[1].id, "E3307");
	assert_int_equal(fixture.got[2].len, 3);
	/* And then together again. */
	await(&fixture, 5);
	assert_int_equal(fixture.asked[4].count, 2);
	answer(&fixture, 4, 4);
	is_item(&fixture, 3, 0, 2, "four");
	tear_down(&fixture);
}

/*
 * What is too long for an item is signed by itself, in its turn: what came
 * before and after it goes together, and no batch holds it.
 */
static void
one_that_is_too_long_is_signed_by_itself(void **state)
{
	static const enum keeper_kind kinds[] = { KEEPER_PACKAGE, KEEPER_ACT };
	static char text[BATCH_STATEMENT_MAX + 2];
	char environment[] = "demo";

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		static struct fixture fixture;

		set_up(&fixture);
		fixture.config.host.environment = environment;
		fixture.config.signing.packages = 10;
		ask(&fixture, 0, kinds[i], "sign.A", "one");
		ask(&fixture, 1, kinds[i], "sign.A", "two");
		ask(&fixture, 2, kinds[i], "sign.A", text);
		ask(&fixture, 3, kinds[i], "sign.A", "four");
		ask(&fixture, 4, kinds[i], "sign.A", "five");
		await(&fixture, 1);
		assert_int_equal(fixture.asked[0].count, 2);
		answer(&fixture, 0, 1);
		await(&fixture, 2);
		assert_int_equal(fixture.asked[1].count, 1);
		answer(&fixture, 1, 2);
		assert_int_equal(fixture.got[2].len, 3);
		assert_memory_equal(fixture.got[2].data, "CMS", 3);
		await(&fixture, 3);
		assert_int_equal(fixture.asked[2].count, 2);
		answer(&fixture, 2, 4);
		tear_down(&fixture);
	}
}

/* One byte less is an item as any other. */
static void
one_of_the_greatest_length_is_signed_with_others(void **state)
{
	static struct fixture fixture;
	static char text[BATCH_STATEMENT_MAX + 1];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	set_up(&fixture);
	ask(&fixture, 0, KEEPER_ACT, "module", "one");
	ask(&fixture, 1, KEEPER_ACT, "module", text);
	await(&fixture, 1);
	assert_int_equal(fixture.asked[0].count, 2);
	answer(&fixture, 0, 1);
	is_item(&fixture, 1, 1, 2, text);
	tear_down(&fixture);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_alone_is_signed_as_it_is),
		cmocka_unit_test(what_comes_in_one_turn_is_signed_together),
		cmocka_unit_test(what_comes_while_the_keeper_works_is_next),
		cmocka_unit_test(kinds_and_keys_are_not_mixed),
		cmocka_unit_test(a_bad_statement_holds_up_no_other),
		cmocka_unit_test(one_that_is_too_long_is_signed_by_itself),
		cmocka_unit_test(
		    one_of_the_greatest_length_is_signed_with_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
