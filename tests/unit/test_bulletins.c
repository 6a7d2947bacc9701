#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/error.h"
#include "harness/scratch.h"
#include "role/bulletins/bulletins.h"
#include "role/env.h"
#include "role/message.h"
#include "role/peer.h"
#include "role/spool/group.h"
#include "service/config.h"
#include "store/rows.h"
#include "store/store.h"
#include "sys/ipc.h"
#include "sys/loop.h"
#include "sys/process.h"

enum { TURNS = 1000, TURN_NS = 2000000 };

/* Bulletins with a store of their own; the test plays the verifier. */
struct fixture {
	char folder[SCRATCH_PATH_SIZE];
	char config[1024];
	struct loop *loop;
	struct role_env env;
	struct store *store;
	struct group *group;
	struct group_hooks hooks;
	struct peer *verifier;       /* as bulletins have it */
	struct peer *bulletins_side; /* as the verifier has it */
	struct bulletins *bulletins;
	int64_t now; /* of the last request to the verifier */
	int taken;
	int finished;
	struct error failure;
};

static struct peer *const nobody[] = { NULL };

static void
on_take(void *ctx, struct peer *peer, struct ipc_message *message)
{
	struct fixture *fixture = ctx;
	struct message_bulletin_take take;
	struct message_bulletin_taken answer = { .is_new = true,
		.kind = BULLETIN_TIMESTAMP,
		.serial = 1,
		.issued_at = 1000,
		.expires_at = 2000 };
	struct error err = { 0 };

	assert_int_equal(message_read(message, MESSAGE_BULLETIN_TAKE, &take,
			     &err),
	    0);
	fixture->now = take.now;
	fixture->taken++;
	peer_tell(peer, MESSAGE_BULLETIN_TAKEN, message->id, &answer, -1);
}

static const struct peer_handler verifier_handlers[] = {
	{ MESSAGE_BULLETIN_TAKE, on_take },
	{ MESSAGE_NONE, NULL },
};

static const struct peer_handler no_handlers[] = {
	{ MESSAGE_NONE, NULL },
};

static void
on_gone(void *ctx)
{
	(void)ctx;
}

static void
on_change(void *ctx)
{
	(void)ctx;
}

static void
broken(void *ctx, const struct error *err)
{
	(void)ctx;
	fail_msg("store broken: %s", err->text);
}

static void
open_store(struct fixture *fixture)
{
	static const char *const migrations[] = { bulletins_schema };
	struct store_options options = { .dir = fixture->folder,
		.application_id = 7,
		.migrations = migrations,
		.migration_count = 1,
		.segments = { .segment_mib = 1, .first_count = 1 },
		.allow_volatile = true };
	struct error err = { 0 };

	fixture->hooks.broken = broken;
	if (store_open(&options, NULL, NULL, &fixture->store, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(group_new(fixture->loop, fixture->store,
			     &fixture->hooks, fixture, &fixture->group, &err),
	    0);
}

static void
open_bulletins(struct fixture *fixture)
{
	struct bulletins_options options = { .env = &fixture->env,
		.rows = store_rows(fixture->store),
		.group = fixture->group,
		.verifier = fixture->verifier,
		.tell = nobody,
		.on_change = on_change };
	struct error err = { 0 };

	if (bulletins_new(&options, &fixture->bulletins, &err) < 0)
		fail_msg("%s", err.text);
}

static void
write_root(struct fixture *fixture)
{
	char path[SCRATCH_PATH_SIZE + 16];
	FILE *file;

	snprintf(path, sizeof(path), "%s/root", fixture->folder);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs("root", file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void
set_up(struct fixture *fixture)
{
	char cwd[128];
	struct error err = { 0 };
	int fds[2];

	memset(fixture, 0, sizeof(*fixture));
	scratch_make(fixture->folder);
	write_root(fixture);
	assert_non_null(getcwd(cwd, sizeof(cwd)));
	snprintf(fixture->config, sizeof(fixture->config),
	    "[host]\nkind = management\nname = management\n"
	    "address = 127.0.0.1\ndata = %s/%s\nenvironment = demo\n"
	    "[trust]\nroot = %s/%s/root\n",
	    cwd, fixture->folder, cwd, fixture->folder);
	if (config_parse_text(fixture->config, "test", &fixture->env.config,
		&err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(loop_new(&fixture->loop, &err), 0);
	fixture->env.loop = fixture->loop;
	fixture->env.log = (struct log){ .fd = STDERR_FILENO,
		.level = LOG_LEVEL_ERROR,
		.role = "test" };
	assert_int_equal(process_socketpair(fds, &err), 0);
	assert_int_equal(peer_open(fixture->loop, fds[0], "verifier",
			     no_handlers, fixture, on_gone, &fixture->env.log,
			     &fixture->verifier, &err),
	    0);
	assert_int_equal(peer_open(fixture->loop, fds[1], "spooler",
			     verifier_handlers, fixture, on_gone,
			     &fixture->env.log, &fixture->bulletins_side, &err),
	    0);
	open_store(fixture);
}

static void
tear_down(struct fixture *fixture)
{
	bulletins_free(fixture->bulletins);
	peer_close(fixture->verifier);
	peer_close(fixture->bulletins_side);
	group_free(fixture->group);
	store_close(fixture->store);
	loop_free(fixture->loop);
	config_free(fixture->env.config);
	scratch_remove(fixture->folder);
}

static void
turn(struct fixture *fixture, int count)
{
	const struct timespec pause = { .tv_nsec = TURN_NS };
	struct error err = { 0 };

	while (count-- > 0) {
		assert_int_equal(loop_run_once(fixture->loop, &err), 0);
		nanosleep(&pause, NULL);
	}
}

static void
on_offered(void *ctx, const struct error *failure)
{
	struct fixture *fixture = ctx;

	fixture->finished++;
	if (failure != NULL)
		fixture->failure = *failure;
}

static void
run(struct fixture *fixture, const char *sql)
{
	struct error err = { 0 };

	if (rows_run(store_rows(fixture->store), sql, &err) < 0)
		fail_msg("%s", err.text);
}

/*
 * The verifier has it in force by then and would not call it new a second
 * time: this host would never use it, and management never sign another.
 */
static void
what_could_not_be_stored_is_stored_later(void **state)
{
	struct fixture fixture;

	(void)state;
	set_up(&fixture);
	run(&fixture,
	    "CREATE TRIGGER full BEFORE INSERT ON bulletin BEGIN"
	    " SELECT RAISE(ABORT, 'full'); END");
	open_bulletins(&fixture);
	bulletins_offer(fixture.bulletins, "later", 5, on_offered, &fixture);
	turn(&fixture, 20);
	assert_int_equal(fixture.taken, 1);
	assert_int_equal(fixture.finished, 0);
	assert_int_equal(bulletins_serials(fixture.bulletins).timestamp, 0);

	run(&fixture, "DROP TRIGGER full");
	for (int i = 0; i < TURNS && fixture.finished == 0; i++)
		turn(&fixture, 1);

	assert_int_equal(fixture.finished, 1);
	assert_int_equal(fixture.failure.code, ERROR_NONE);
	assert_int_equal(bulletins_serials(fixture.bulletins).timestamp, 1);
	tear_down(&fixture);
}

/* I12: a clock that is behind after a restart forgets no bulletin. */
static void
what_is_stored_is_taken_whatever_the_clock_says(void **state)
{
	struct fixture fixture;
	int64_t century_ms = (int64_t)100 * 365 * 24 * 3600 * 1000;

	(void)state;
	set_up(&fixture);
	run(&fixture,
	    "INSERT INTO bulletin (type, name, serial, issued, expires, digest,"
	    " cms, needs, receipt, fresh)"
	    " VALUES (4, '', 1, 1, 2, zeroblob(32), x'00', 0, x'', 1)");
	open_bulletins(&fixture);
	turn(&fixture, 20);

	assert_int_equal(fixture.taken, 1);
	assert_true(fixture.now > role_env_now(&fixture.env) + century_ms);
	bulletins_offer(fixture.bulletins, "new", 3, on_offered, &fixture);
	turn(&fixture, 20);
	assert_int_equal(fixture.taken, 2);
	assert_true(fixture.now <= role_env_now(&fixture.env));
	tear_down(&fixture);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_could_not_be_stored_is_stored_later),
		cmocka_unit_test(
		    what_is_stored_is_taken_whatever_the_clock_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
