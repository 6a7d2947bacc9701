/*
 * The sending half of a gateway against roles that the test plays: listener,
 * keeper, verifier, reader and courier.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "bulletin/bulletin.h"
#include "bulletin/bulletin_make.h"
#include "crypto/merkle.h"
#include "crypto/sha256.h"
#include "crypto/signed.h"
#include "crypto/stream.h"
#include "envelope/waybill.h"
#include "gateway/gateway.h"
#include "gateway/gateway_status.h"
#include "gateway/outbox/outbox.h"
#include "gateway/outbox/outbox_rows.h"
#include "gateway/signing.h"
#include "harness/pki.h"
#include "harness/scratch.h"
#include "json/json_write.h"
#include "role/peer.h"
#include "role/reader/reader_work.h"
#include "role/requests/requests.h"
#include "role/spool/leases.h"
#include "role/spool/partials.h"
#include "role/spool/uploads.h"
#include "role/status/card_reports.h"
#include "role/status/status_watch.h"
#include "service/config.h"
#include "store/query.h"
#include "store/segment.h"
#include "store/store.h"
#include "sys/arena.h"
#include "sys/ipc.h"
#include "sys/loop.h"
#include "sys/process.h"

#define SENDER "376490000A"
#define ATTACHMENT "376490000A_1150012345A0C_ATTCH1.pdf"
#define CANARY "bytes-of-the-attachment-7f3a"

enum {
	WAYBILLS_MAX = 8,
	CALLS_MAX = 32,
	RECIPIENTS = 4,
	TURNS = 3000,
	TURN_US = 1000
};

static const char *const recipients[RECIPIENTS] = { "376470000A", "376530000A",
	"A29000000G", "A41010000A" };

/* What the courier was asked to post. */
struct posted {
	struct bytes body;
	struct bytes content;
};

struct fixture {
	struct spool_tier tier;
	char folder[SCRATCH_PATH_SIZE];
	struct pki pki;
	struct pki_holder sign, module, seal;
	struct loop *loop;
	struct role_env env;
	struct gateway gateway;
	bool is_ready;
	struct peer *listener, *query, *keeper, *verifier, *courier, *reader;
	struct peer *printer;
	bool is_printer_stuck;
	int rendered;
	struct arena *arena;
	uint64_t uploads;

	/* Waybills in the order of their signing, and the secrets kept. */
	struct waybill waybills[WAYBILLS_MAX];
	size_t waybill_count;
	struct bytes secrets[WAYBILLS_MAX];
	size_t secret_count;
	struct posted calls[CALLS_MAX];
	size_t call_count;
	bool is_away; /* the center cannot be reached */
	/* Called when the bytes of a waybill have left; or NULL. */
	void (*note_sent)(const struct waybill *waybill);
	const char *refusal; /* body of a 422 of the center, or NULL */

	/* The newest answer. */
	int answers;
	uint16_t type;
	struct message_response response;
	struct bytes answer;
	struct error failed;
};

/* ---- the roles that the test plays ----------------------------------- */

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
on_key_list(void *ctx, struct peer *peer, struct ipc_message *message)
{
	struct fixture *fixture = ctx;
	struct message_key_entry sign = { .name = "sign." SENDER,
		.certificate = *cert_fingerprint(fixture->sign.cert) };
	struct message_key_entry module = { .name = "module",
		.certificate = *cert_fingerprint(fixture->module.cert) };
	struct message_keys keys;
	struct bytes list = { 0 };

	message_list_add(&list, MESSAGE_KEY_ENTRY, &sign);
	message_list_add(&list, MESSAGE_KEY_ENTRY, &module);
	keys.keys = blob_of_bytes(&list);
	peer_tell(peer, MESSAGE_KEYS, message->id, &keys, -1);
	bytes_free(&list);
}

static void
on_sign(void *ctx, struct peer *peer, struct ipc_message *message)
{
	struct fixture *fixture = ctx;
	struct message_sign ask;
	struct message_signature answer;
	struct bytes cms = { 0 };
	struct error err = { 0 };

	assert_int_equal(message_read(message, MESSAGE_SIGN, &ask, &err), 0);
	if (ask.kind == KEEPER_PACKAGE) {
		struct signer signer =
		    signer_of(fixture->sign.cert, fixture->sign.key);
		struct digest digest;

		assert_string_equal(ask.key, "sign." SENDER);
		sha256(ask.statement.data, ask.statement.len, &digest);
		assert_int_equal(signed_make_detached(&signer, 1, &digest,
				     ask.time, &cms, &err),
		    0);
	} else {
		struct signer signer =
		    signer_of(fixture->module.cert, fixture->module.key);

		assert_int_equal(ask.kind, KEEPER_WAYBILL);
		assert_true(fixture->waybill_count < WAYBILLS_MAX);
		assert_int_equal(waybill_decode(ask.statement.data,
				     ask.statement.len,
				     &fixture
					  ->waybills[fixture->waybill_count++],
				     &err),
		    0);
		assert_int_equal(signed_make(&signer, 1, ask.statement.data,
				     ask.statement.len, ask.time, &cms, &err),
		    0);
	}
	answer.signature = blob_of_bytes(&cms);
	peer_tell(peer, MESSAGE_SIGNATURE, message->id, &answer, -1);
	bytes_free(&cms);
}

static void
on_keep(void *ctx, struct peer *peer, struct ipc_message *message)
{
	struct fixture *fixture = ctx;
	struct message_keep ask;
	struct message_kept kept = { .secret = blob_of("sealed", 6) };
	struct error err = { 0 };

	assert_int_equal(message_read(message, MESSAGE_KEEP, &ask, &err), 0);
	bytes_put(&fixture->secrets[fixture->secret_count++], ask.secret.data,
	    ask.secret.len);
	peer_tell(peer, MESSAGE_KEPT, message->id, &kept, -1);
}

/* Bulletins come here as their JSON. */
static void
on_bulletin(void *ctx, struct peer *peer, struct ipc_message *message)
{
	struct message_bulletin_take take;
	struct message_bulletin_taken taken = { .is_new = true, .serial = 1 };
	struct bulletin bulletin = { 0 };
	struct error err = { 0 };

	(void)ctx;
	assert_int_equal(message_read(message, MESSAGE_BULLETIN_TAKE, &take,
			     &err),
	    0);
	/* The first root is a file that nobody looks into here. */
	if (bulletin_parse(take.cms.data, take.cms.len, &bulletin, &err) < 0) {
		taken.is_new = false;
		peer_tell(peer, MESSAGE_BULLETIN_TAKEN, message->id, &taken,
		    -1);
		return;
	}
	taken.kind = (uint8_t)bulletin.type;
	taken.digest = bulletin.digest;
	taken.json = take.cms;
	peer_tell(peer, MESSAGE_BULLETIN_TAKEN, message->id, &taken, -1);
	bulletin_free(&bulletin);
}

/*
 * A receipt is the text "EVENT WAYBILL [RECIPIENT LEAF]": which waybill of the
 * fixture, by number.
 */
static void
on_receipt(void *ctx, struct peer *peer, struct ipc_message *message)
{
	struct fixture *fixture = ctx;
	struct message_verify_receipt ask;
	struct message_receipt receipt = { .environment = "demo",
		.center = "center-a",
		.at = "center-a",
		.time = pki_now };
	char text[256];
	char *words[4] = { NULL };
	size_t count = 0;
	uint64_t number;
	enum event parsed;
	struct error err = { 0 };

	assert_int_equal(message_read(message, MESSAGE_VERIFY_RECEIPT, &ask,
			     &err),
	    0);
	assert_true(text_copy_len(text, sizeof(text),
	    (const char *)ask.receipt.data, ask.receipt.len));
	sha256(text, strlen(text), &receipt.entry);
	for (char *word = text; word != NULL && count < 4; count++) {
		words[count] = word;
		word = strchr(word, ' ');
		if (word != NULL)
			*word++ = '\0';
	}
	if (count < 2) {
		error_set(&err, ERROR_UNTRUSTED, "forged");
		peer_refuse(peer, message->id, &err);
		return;
	}
	assert_true(event_parse(words[0], &parsed));
	assert_true(text_parse_u64(words[1], WAYBILLS_MAX - 1, &number));
	receipt.event = (uint8_t)parsed;
	receipt.waybill = fixture->waybills[number].digest;
	receipt.waybill_id = fixture->waybills[number].head.waybill_id;
	if (count == 4) {
		assert_true(text_copy(receipt.recipient,
		    sizeof(receipt.recipient), words[2]));
		assert_true(digest_parse(words[3], &receipt.leaf));
	}
	peer_tell(peer, MESSAGE_RECEIPT, message->id, &receipt, -1);
}

static void
on_check(void *ctx, struct peer *peer, struct ipc_message *message)
{
	static struct message_report report;
	struct message_check check;
	struct bytes body = { 0 };
	struct error err = { 0 };

	(void)ctx;
	assert_int_equal(message_read(message, MESSAGE_CHECK, &check, &err), 0);
	assert_int_equal(reader_check(&check, NULL, &body, &err), 0);
	assert_int_equal(codec_decode(message_fields(MESSAGE_REPORT), body.data,
			     body.len, &report, &err),
	    0);
	peer_tell(peer, MESSAGE_REPORT, message->id, &report, -1);
	bytes_free(&body);
}

/* A printer that says what it was asked for. */
static void
on_render(void *ctx, struct peer *peer, struct ipc_message *message)
{
	struct fixture *fixture = ctx;
	struct message_rendered answer = { .pages = 3, .missing = "U+4DAE" };
	struct message_render ask;
	struct message_check_file file;
	struct error err = { 0 };
	size_t count = 0;

	assert_int_equal(message_read(message, MESSAGE_RENDER, &ask, &err), 0);
	while (codec_next(message_fields(MESSAGE_CHECK_FILE), &ask.files, &file,
		   &err) > 0)
		count++;
	assert_int_equal(count, 3);
	assert_false(ask.is_received);
	fixture->rendered++;
	if (fixture->is_printer_stuck)
		return;
	answer.data = ask.format == MESSAGE_FORMAT_PDF ? blob_of("%PDF", 4)
						       : blob_of("<html", 5);
	peer_tell(peer, MESSAGE_RENDERED, message->id, &answer, -1);
}

static void
read_payload(struct fixture *fixture, uint64_t number, struct bytes *to)
{
	struct store *store = fixture->gateway.spool.store;
	struct segment_reader *reader = NULL;
	struct payload payload = { 0 };
	const uint8_t *data;
	struct error err = { 0 };
	size_t len;

	assert_int_equal(store_payload_find(store, number, &payload, &err), 0);
	assert_int_equal(segment_reader_new(store_segments(store), &payload,
			     &reader, &err),
	    0);
	while (segment_reader_next(reader, &data, &len, &err) > 0)
		bytes_put(to, data, len);
	segment_reader_free(reader);
	payload_free(&payload);
}

static void
on_call(void *ctx, struct peer *peer, struct ipc_message *message)
{
	struct fixture *fixture = ctx;
	struct posted *posted = &fixture->calls[fixture->call_count++];
	struct message_call call;
	struct message_called called = { .status = 201 };
	char receipt[64] = "";
	struct error err = { 0 };

	assert_true(fixture->call_count <= CALLS_MAX);
	assert_int_equal(message_read(message, MESSAGE_CALL, &call, &err), 0);
	assert_string_equal(call.path, "/v1/waybills");
	bytes_put(&posted->body, call.body.data, call.body.len);
	read_payload(fixture, call.payload, &posted->content);
	if (fixture->is_away) {
		error_set(&err, ERROR_BUSY, "nobody answers");
		peer_refuse(peer, message->id, &err);
		return;
	}
	/* The content tells which waybill it is. */
	for (unsigned i = 0; i < fixture->waybill_count; i++) {
		struct digest digest;

		sha256(posted->content.data, posted->content.len, &digest);
		if (!digest_equal(&digest, &fixture->waybills[i].content))
			continue;
		snprintf(receipt, sizeof(receipt), "accepted %u", i);
		if (fixture->note_sent != NULL)
			fixture->note_sent(&fixture->waybills[i]);
	}
	called.body = blob_of(receipt, strlen(receipt));
	if (fixture->refusal != NULL) {
		called.status = 422;
		called.body =
		    blob_of(fixture->refusal, strlen(fixture->refusal));
	}
	peer_tell(peer, MESSAGE_CALLED, message->id, &called, -1);
}

static const struct peer_handler listener_handlers[] = {
	{ MESSAGE_UPLOAD_FREE, on_ignored },
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
	{ MESSAGE_KEEP, on_keep },
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
static const struct peer_handler reader_handlers[] = {
	{ MESSAGE_CHECK, on_check },
	{ MESSAGE_NONE, NULL },
};

static const struct peer_handler printer_handlers[] = {
	{ MESSAGE_RENDER, on_render },
	{ MESSAGE_NONE, NULL },
};

/* ---- the spooler under test ------------------------------------------ */

static void
on_request(void *ctx, struct peer *peer, struct ipc_message *message)
{
	struct gateway *gateway = ctx;
	struct message_request request;
	struct error err = { 0 };

	assert_int_equal(message_read(message, MESSAGE_REQUEST, &request, &err),
	    0);
	outbox_request(gateway->outbox, peer, message, &request);
}

static const struct peer_handler spool_handlers[] = {
	{ MESSAGE_ARENA, spool_on_listener_upload },
	{ MESSAGE_UPLOAD_BEGIN, spool_on_listener_upload },
	{ MESSAGE_UPLOAD_DATA, spool_on_listener_upload },
	{ MESSAGE_UPLOAD_ABORT, spool_on_listener_upload },
	{ MESSAGE_REQUEST, on_request },
	{ MESSAGE_NONE, NULL },
};

static void
on_directory(struct spool *spool)
{
	(void)spool;
}

static void
on_ready(struct spool *spool)
{
	struct gateway *gateway = (struct gateway *)(void *)spool;
	struct fixture *fixture =
	    (struct fixture *)(void *)((uint8_t *)gateway -
		offsetof(struct fixture, gateway));

	fixture->is_ready = true;
}

static void
turn(struct fixture *fixture)
{
	struct timespec pause = { .tv_nsec = TURN_US * 1000L };
	struct error err = { 0 };

	assert_int_equal(loop_run_once(fixture->loop, &err), 0);
	nanosleep(&pause, NULL);
}

/* ---- directory ------------------------------------------------------- */

static void
write_cert(struct json_writer *writer, const char *key, const struct cert *cert)
{
	size_t len;
	const uint8_t *der = cert_der(cert, &len);

	json_write_base64(writer, key, der, len);
}

static void
write_key(struct json_writer *writer, const char *use, const struct cert *cert)
{
	json_write_begin_object(writer, NULL);
	json_write_text(writer, "use", use);
	json_write_text(writer, "state", "active");
	json_write_time(writer, "not_after", pki_now + INT64_C(400) * 86400000);
	write_cert(writer, "certificate", cert);
	json_write_end(writer);
}

static const char *
name_of(const char *code)
{
	static const char *const names[][2] = { { SENDER, "雲林縣政府" },
		{ "376470000A", "彰化縣政府" }, { "376530000A", "屏東縣政府" },
		{ "A29000000G", "數位發展部" },
		{ "A41010000A", "國家發展委員會檔案管理局" } };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i][0], code) == 0)
			return names[i][1];
	return code;
}

static void
begin_org(struct json_writer *writer, const char *code)
{
	json_write_begin_object(writer, NULL);
	json_write_text(writer, "code", code);
	json_write_text(writer, "name", name_of(code));
	json_write_text(writer, "kind", "agency");
	json_write_text(writer, "status", "active");
	json_write_text(writer, "center", "center-a");
	json_write_text(writer, "supervisor", "");
	json_write_text(writer, "successor", "");
	json_write_text(writer, "host", "gateway-1");
	json_write_begin_object(writer, "accepts");
	json_write_int(writer, "letter_bytes", 0);
	json_write_end(writer);
	json_write_begin_array(writer, "keys");
}

static void
end_org(struct json_writer *writer)
{
	json_write_end(writer);
	json_write_end(writer);
}

static void
directory_body(void *context, struct json_writer *writer)
{
	const struct fixture *fixture = context;

	json_write_begin_array(writer, "organisations");
	begin_org(writer, SENDER);
	write_key(writer, "sign", fixture->sign.cert);
	write_key(writer, "module", fixture->module.cert);
	end_org(writer);
	for (size_t i = 0; i < RECIPIENTS; i++) {
		struct pki_holder seal =
		    pki_issue(&fixture->pki, ISSUE_SEAL, CERT_KEY_P256, "seal");

		begin_org(writer, recipients[i]);
		write_key(writer, "seal", seal.cert);
		end_org(writer);
		pki_holder_free(&seal);
	}
	json_write_end(writer);
}

static void
network_body(void *context, struct json_writer *writer)
{
	const struct fixture *fixture = context;

	json_write_begin_array(writer, "centers");
	json_write_begin_object(writer, NULL);
	json_write_text(writer, "name", "center-a");
	json_write_text(writer, "kind", "shared");
	json_write_text(writer, "conformance", "yizhan");
	json_write_text(writer, "address", "127.0.0.1");
	json_write_int(writer, "port", 7443);
	json_write_begin_array(writer, "tls");
	write_cert(writer, NULL, fixture->seal.cert);
	json_write_end(writer);
	write_cert(writer, "log", fixture->sign.cert);
	json_write_text(writer, "origin", "yizhan/demo/center-a/1");
	json_write_end(writer);
	json_write_end(writer);
	json_write_begin_array(writer, "management");
	json_write_end(writer);
}

static void
offer(struct fixture *fixture, enum bulletin_type type, bulletin_body_fn body)
{
	struct bulletin_draft draft = { .environment = "demo",
		.type = type,
		.name = "",
		.serial = 1,
		.issued_ms = 1000,
		.expires_ms = 2000 };
	struct bytes json = { 0 };
	struct error err = { 0 };

	if (bulletin_format(&draft, body, fixture, &json, &err) < 0)
		fail_msg("%s", err.text);
	bulletins_offer(fixture->gateway.spool.bulletins, json.data, json.len,
	    NULL, NULL);
	bytes_free(&json);
}

/* ---- life ------------------------------------------------------------ */

static struct peer *
open_channel(struct fixture *fixture, enum role role,
    const struct peer_handler *handlers)
{
	struct peer *peer = NULL;
	struct error err = { 0 };
	int fds[2];

	assert_int_equal(process_socketpair(fds, &err), 0);
	fixture->env.peer_fds[role] = fds[0];
	assert_int_equal(peer_open(fixture->loop, fds[1], "spooler", handlers,
			     fixture, on_gone, NULL, &peer, &err),
	    0);
	return peer;
}

static void
configure(struct fixture *fixture)
{
	char cwd[1024];
	char text[4096];
	char path[SCRATCH_PATH_SIZE + 8];
	struct error err = { 0 };
	FILE *root;

	snprintf(path, sizeof(path), "%s/root", fixture->folder);
	root = fopen(path, "w");
	assert_non_null(root);
	assert_true(fputs("root", root) >= 0);
	assert_int_equal(fclose(root), 0);
	assert_non_null(getcwd(cwd, sizeof(cwd)));
	snprintf(text, sizeof(text),
	    "[host]\nkind = gateway\nname = gateway-1\naddress = 127.0.0.9\n"
	    "data = %s/%s\nenvironment = demo\n"
	    "[center]\nname = center-a\naddress = 127.0.0.1\n"
	    "[trust]\nroot = %s/%s/root\n"
	    "[store]\nsegment_mb = 8\n"
	    "[courier]\nretry_first_ms = 50\nretry_max_ms = 1000\n",
	    cwd, fixture->folder, cwd, fixture->folder);
	if (config_parse_text(text, "test", &fixture->env.config, &err) < 0)
		fail_msg("%s", err.text);
}

static void
open_channels(struct fixture *fixture)
{
	fixture->listener =
	    open_channel(fixture, ROLE_LISTENER, listener_handlers);
	fixture->query = open_channel(fixture, ROLE_QUERY, query_handlers);
	fixture->keeper = open_channel(fixture, ROLE_KEEPER, keeper_handlers);
	fixture->verifier =
	    open_channel(fixture, ROLE_VERIFIER, verifier_handlers);
	fixture->courier =
	    open_channel(fixture, ROLE_COURIER, courier_handlers);
	fixture->reader = open_channel(fixture, ROLE_READER, reader_handlers);
	fixture->printer =
	    open_channel(fixture, ROLE_PRINTER, printer_handlers);
}

static void
start(struct fixture *fixture)
{
	struct gateway *gateway = &fixture->gateway;
	struct error err = { 0 };

	memset(gateway, 0, sizeof(*gateway));
	assert_int_equal(loop_new(&fixture->loop, &err), 0);
	for (int i = 0; i < ROLE_COUNT; i++)
		fixture->env.peer_fds[i] = -1;
	fixture->env.loop = fixture->loop;
	fixture->env.log = (struct log){ .fd = STDERR_FILENO,
		.level = getenv("TEST_LOG") != NULL ? LOG_LEVEL_DEBUG
						    : LOG_LEVEL_ERROR,
		.role = "spooler" };
	configure(fixture);
	open_channels(fixture);
	fixture->tier = (struct spool_tier){
		.application_id = GATEWAY_APPLICATION_ID,
		.migrations = gateway_migrations,
		.migration_count = gateway_migration_count,
		.listener_handlers = spool_handlers,
		.on_directory = on_directory,
		.on_ready = on_ready,
	};
	gateway->name = "gateway-1";
	gateway->environment = "demo";
	gateway->center = "center-a";
	if (spool_open(&gateway->spool, &fixture->env, &fixture->tier, NULL,
		&err) < 0 ||
	    signing_new(&gateway->spool, &gateway->signing, &err) < 0 ||
	    outbox_new(gateway, &gateway->outbox, &err) < 0 ||
	    status_watch_new(&gateway->spool, gateway_status_is_ours, gateway,
		&gateway->status, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(arena_create(8, &fixture->arena, &err), 0);
	peer_tell(fixture->listener, MESSAGE_ARENA, 0, NULL,
	    arena_fd(fixture->arena));
	fixture->is_ready = false;
	offer(fixture, BULLETIN_NETWORK, network_body);
	offer(fixture, BULLETIN_DIRECTORY, directory_body);
	for (int i = 0; i < TURNS && !fixture->is_ready; i++)
		turn(fixture);
	assert_true(fixture->is_ready);
	outbox_start(gateway->outbox);
	for (int i = 0; i < 5; i++)
		turn(fixture);
}

static void
stop(struct fixture *fixture)
{
	struct spool *spool = &fixture->gateway.spool;
	struct peer *const peers[] = { spool->listener, spool->query,
		spool->keeper, spool->verifier, spool->courier, spool->reader,
		fixture->listener, fixture->query, fixture->keeper,
		fixture->verifier, fixture->courier, fixture->reader,
		spool->printer, fixture->printer };

	outbox_free(fixture->gateway.outbox);
	signing_free(fixture->gateway.signing);
	status_watch_free(fixture->gateway.status);
	for (size_t i = 0; i < ARRAY_LEN(peers); i++)
		peer_close(peers[i]);
	bulletins_free(spool->bulletins);
	uploads_free(spool->from_listener);
	uploads_free(spool->from_courier);
	partials_free(spool->partials);
	leases_free(spool->leases);
	card_reports_free(spool->cards);
	requests_free(spool->requests);
	group_free(spool->group);
	store_close(spool->store);
	loop_timer_free(spool->idle);
	arena_free(fixture->arena);
	loop_free(fixture->loop);
	config_free(fixture->env.config);
}

static struct fixture *
set_up(void)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	assert_non_null(fixture);
	scratch_make(fixture->folder);
	pki_new(&fixture->pki);
	fixture->sign =
	    pki_issue(&fixture->pki, ISSUE_SIGN, CERT_KEY_P256, "sign");
	fixture->module =
	    pki_issue(&fixture->pki, ISSUE_SIGN, CERT_KEY_P256, "module");
	fixture->seal =
	    pki_issue(&fixture->pki, ISSUE_SEAL, CERT_KEY_P256, "center");
	start(fixture);
	return fixture;
}

static void
tear_down(struct fixture *fixture)
{
	stop(fixture);
	pki_holder_free(&fixture->sign);
	pki_holder_free(&fixture->module);
	pki_holder_free(&fixture->seal);
	pki_free(&fixture->pki);
	for (size_t i = 0; i < WAYBILLS_MAX; i++)
		bytes_free(&fixture->secrets[i]);
	for (size_t i = 0; i < CALLS_MAX; i++) {
		bytes_free(&fixture->calls[i].body);
		bytes_free(&fixture->calls[i].content);
	}
	bytes_free(&fixture->answer);
	scratch_remove(fixture->folder);
	free(fixture);
}

/* ---- requests -------------------------------------------------------- */

static void
on_answer(void *ctx, struct ipc_message *message)
{
	struct fixture *fixture = ctx;
	struct message_failed failed;
	struct error err = { 0 };

	fixture->answers++;
	fixture->type = message->type;
	bytes_clear(&fixture->answer);
	if (message->type == MESSAGE_FAILED) {
		assert_int_equal(codec_decode(message_fields(MESSAGE_FAILED),
				     message->body, message->len, &failed,
				     &err),
		    0);
		fixture->failed = failed.error;
		return;
	}
	assert_int_equal(message_read(message, MESSAGE_RESPONSE,
			     &fixture->response, &err),
	    0);
	bytes_put(&fixture->answer, fixture->response.body.data,
	    fixture->response.body.len);
	bytes_put_u8(&fixture->answer, '\0');
}

static void
upload(struct fixture *fixture, struct bytes *list, const char *name,
    const void *data, size_t len)
{
	struct message_upload_begin begin = { ++fixture->uploads, len, 0 };
	struct message_upload_data slice = { fixture->uploads,
		(uint16_t)(fixture->uploads % 8), (uint32_t)len };
	struct message_file file = { .upload = fixture->uploads, .len = len };

	assert_true(len <= ARENA_SLOT_LEN);
	memcpy(arena_slot(fixture->arena, slice.slot), data, len);
	peer_tell(fixture->listener, MESSAGE_UPLOAD_BEGIN, 0, &begin, -1);
	peer_tell(fixture->listener, MESSAGE_UPLOAD_DATA, 0, &slice, -1);
	assert_true(text_copy(file.name, sizeof(file.name), name));
	message_list_add(list, MESSAGE_FILE, &file);
}

static void
ask(struct fixture *fixture, const char *method, const char *path,
    const char *key, const struct bytes *files)
{
	struct message_request request = { .files = blob_of_bytes(files) };
	struct error err = { 0 };
	int before = fixture->answers;

	text_copy(request.method, sizeof(request.method), method);
	text_copy(request.path, sizeof(request.path), path);
	text_copy(request.key, sizeof(request.key), key);
	assert_int_equal(peer_ask(fixture->listener, MESSAGE_REQUEST, &request,
			     -1, on_answer, fixture, NULL, &err),
	    0);
	for (int i = 0; i < TURNS && fixture->answers == before; i++)
		turn(fixture);
	assert_int_equal(fixture->answers, before + 1);
}

/* Where `text` stands in the bytes; NULL if nowhere. */
static uint8_t *
find(const struct bytes *data, const char *text)
{
	size_t len = strlen(text);

	for (size_t i = 0; i + len <= data->len; i++)
		if (memcmp(data->data + i, text, len) == 0)
			return data->data + i;
	return NULL;
}

/* Put `to` in the place of every `from`. */
static void
replace(struct bytes *text, const char *from, const char *to)
{
	struct bytes changed = { 0 };
	struct bytes rest = *text;
	const uint8_t *at;

	while ((at = find(&rest, from)) != NULL) {
		size_t before = (size_t)(at - rest.data);

		bytes_put(&changed, rest.data, before);
		bytes_put_text(&changed, to);
		rest.data += before + strlen(from);
		rest.len -= before + strlen(from);
	}
	bytes_put(&changed, rest.data, rest.len);
	bytes_free(text);
	*text = changed;
}

static void
read_sample(const char *name, struct bytes *to)
{
	char path[512];
	FILE *file;
	int c;

	snprintf(path, sizeof(path), "%s/data/samples/%s",
	    getenv("SOURCE_ROOT"), name);
	file = fopen(path, "r");
	assert_non_null(file);
	while ((c = fgetc(file)) != EOF)
		bytes_put_u8(to, (uint8_t)c);
	fclose(file);
}

struct wanted {
	const char *path;
	const char *key;
	bool has_unknown;        /* one recipient nobody has */
	const char *roster_name; /* instead of 屏東縣政府 */
	const char *reader_name; /* the same in 正本 */
	bool has_reader;         /* one more that no roster lists */
	const char *text;        /* instead of the attachment's */
};

/* Ask, and do not wait for the answer. */
static void
ask_only(struct fixture *fixture, const char *path, const struct bytes *files)
{
	struct message_request request = { .files = blob_of_bytes(files) };
	struct error err = { 0 };

	text_copy(request.method, sizeof(request.method), "POST");
	text_copy(request.path, sizeof(request.path), path);
	assert_int_equal(peer_ask(fixture->listener, MESSAGE_REQUEST, &request,
			     -1, on_answer, fixture, NULL, &err),
	    0);
	for (int i = 0; i < 50; i++)
		turn(fixture);
}

/* The sample letter: four recipients, the second one without attachments. */
static void
post(struct fixture *fixture, struct wanted wanted)
{
	struct bytes letter = { 0 };
	struct bytes roster = { 0 };
	struct bytes list = { 0 };
	char pdf[128];

	read_sample("rendered_03_letter_multi.di", &letter);
	replace(&letter,
	    "<!ENTITY ATTCH2 SYSTEM \"376490000A_1150012345A0C_ATTCH2.odt\" "
	    "NDATA _X>\n",
	    "");
	replace(&letter, "ATTCH1 ATTCH2", "ATTCH1");
	read_sample("rendered_04_letter_multi.sw", &roster);
	replace(&roster, "<機關代碼>376530000A</機關代碼><含附件>含附件",
	    "<機關代碼>376530000A</機關代碼><含附件>不含附件");
	if (wanted.roster_name != NULL)
		replace(&roster, "屏東縣政府", wanted.roster_name);
	if (wanted.reader_name != NULL)
		replace(&letter, "屏東縣政府", wanted.reader_name);
	if (!wanted.has_reader)
		replace(&letter, "<單位名>內政部戶政司</單位名>", "");
	if (wanted.has_unknown)
		replace(&roster, "A41010000A", "A99999999A");
	snprintf(pdf, sizeof(pdf), "%%PDF-1.7\n%s\n%%%%EOF\n",
	    wanted.text != NULL ? wanted.text : CANARY);
	upload(fixture, &list, "1.di", letter.data, letter.len);
	upload(fixture, &list, "1.sw", roster.data, roster.len);
	upload(fixture, &list, ATTACHMENT, pdf, strlen(pdf));
	if (fixture->is_printer_stuck && wanted.path != NULL)
		ask_only(fixture, wanted.path, &list);
	else
		ask(fixture, "POST",
		    wanted.path != NULL ? wanted.path : "/v1/documents",
		    wanted.key != NULL ? wanted.key : "", &list);
	bytes_free(&letter);
	bytes_free(&roster);
	bytes_free(&list);
}

static void
wait_calls(struct fixture *fixture, size_t count)
{
	for (int i = 0; i < TURNS && fixture->call_count < count; i++)
		turn(fixture);
	assert_int_equal(fixture->call_count, count);
	for (int i = 0; i < 20; i++)
		turn(fixture);
}

/* What the letter of the newest answer looks like in state `state`. */
static void
get(struct fixture *fixture, const char *id, const char *query)
{
	static const struct bytes none;
	char path[256];

	snprintf(path, sizeof(path), "/v1/outbox/%s%s", id, query);
	ask(fixture, "GET", path, "", &none);
	assert_int_equal(fixture->type, MESSAGE_RESPONSE);
	assert_int_equal(fixture->response.status, 200);
}

static void
id_of(const struct fixture *fixture, char id[ID_TEXT_SIZE])
{
	const char *at = strstr((char *)fixture->answer.data, "\"id\":\"");

	assert_non_null(at);
	assert_true(text_copy_len(id, ID_TEXT_SIZE, at + 6, 36));
}

static size_t
count_of(const struct fixture *fixture, const char *text)
{
	const char *at = (const char *)fixture->answer.data;
	size_t count = 0;

	while ((at = strstr(at, text)) != NULL) {
		at += strlen(text);
		count++;
	}
	return count;
}

static int64_t
rows_in(struct fixture *fixture, const char *sql)
{
	struct query *query;
	struct error err = { 0 };
	int64_t count;

	assert_int_equal(query_begin(store_rows(fixture->gateway.spool.store),
			     sql, &query, &err),
	    0);
	assert_int_equal(query_next(query, &err), 1);
	count = query_int(query, 0);
	query_end(query);
	return count;
}

/* ---- opening what was sent ------------------------------------------- */

static int
put_plain(void *context, const uint8_t *data, size_t len, struct error *err)
{
	bytes_put(context, data, len);
	return bytes_failed(context, err);
}

static void
open_package(struct fixture *fixture, size_t number, struct bytes *to)
{
	const struct waybill *waybill = &fixture->waybills[number];
	struct secret_key key;
	struct stream *stream = NULL;
	struct error err = { 0 };

	memcpy(key.bytes, fixture->secrets[number].data, sizeof(key.bytes));
	assert_int_equal(stream_new(NULL, &stream, &err), 0);
	assert_int_equal(stream_begin_decrypt(stream, &key,
			     waybill->head_digest.bytes, DIGEST_LEN, put_plain,
			     to, &err),
	    0);
	assert_int_equal(stream_push(stream,
			     fixture->calls[number].content.data,
			     fixture->calls[number].content.len, &err),
	    0);
	assert_int_equal(stream_finish(stream, &err), 0);
	stream_free(stream);
}

static bool
holds(const struct bytes *data, const char *text)
{
	return find(data, text) != NULL;
}

/* ---- tests ----------------------------------------------------------- */

static void
who_gets_no_attachments_never_gets_their_bytes(void **state)
{
	struct fixture *fixture = set_up();
	struct bytes with = { 0 };
	struct bytes without = { 0 };

	(void)state;
	post(fixture, (struct wanted){ 0 });
	if (fixture->type == MESSAGE_FAILED)
		fail_msg("%s %s", fixture->failed.id, fixture->failed.text);
	if (fixture->response.status != 201)
		fail_msg("%s", (char *)fixture->answer.data);
	wait_calls(fixture, 2);
	assert_int_equal(fixture->waybills[0].count, 3);
	assert_int_equal(fixture->waybills[1].count, 1);
	open_package(fixture, 0, &with);
	open_package(fixture, 1, &without);
	assert_true(holds(&with, CANARY));
	assert_false(holds(&without, CANARY));
	assert_true(holds(&without, "1.di"));
	assert_true(holds(&fixture->calls[1].body, "376530000A"));
	assert_false(holds(&fixture->calls[0].body, "376530000A"));
	bytes_free(&with);
	bytes_free(&without);
	tear_down(fixture);
}

static void
the_answer_names_every_delivery_and_follows_receipts(void **state)
{
	struct fixture *fixture = set_up();
	char id[ID_TEXT_SIZE];

	(void)state;
	post(fixture, (struct wanted){ 0 });
	assert_int_equal(fixture->response.status, 201);
	assert_int_equal(count_of(fixture, "\"waybill_id\""), RECIPIENTS);
	assert_int_equal(count_of(fixture, "\"state\":\"queued\""), RECIPIENTS);
	id_of(fixture, id);
	get(fixture, id, "?for=accepted&wait=5");
	assert_int_equal(count_of(fixture, "\"state\":\"accepted\""),
	    RECIPIENTS);
	assert_int_equal(count_of(fixture, "\"event\":\"accepted\""),
	    RECIPIENTS);
	assert_int_equal(rows_in(fixture,
			     "SELECT count(*) FROM outbox_waybill WHERE"
			     " step = 6"),
	    2);
	tear_down(fixture);
}

struct taken {
	int calls;
	bool has_failed;
};

static void
on_taken(void *ctx, const struct error *failure)
{
	struct taken *taken = ctx;

	taken->calls++;
	taken->has_failed = failure != NULL;
}

static void
take(struct fixture *fixture, const char *text, struct taken *taken)
{
	int before = taken->calls;

	outbox_take_receipt(fixture->gateway.outbox,
	    blob_of(text, strlen(text)), on_taken, taken);
	for (int i = 0; i < TURNS && taken->calls == before; i++)
		turn(fixture);
	assert_int_equal(taken->calls, before + 1);
}

static void
a_receipt_moves_its_delivery_once_and_forged_ones_never(void **state)
{
	struct fixture *fixture = set_up();
	struct outbox_delivery delivery;
	struct taken taken = { 0 };
	char leaf[DIGEST_TEXT_SIZE];
	char id[ID_TEXT_SIZE];
	char text[256];
	struct error err = { 0 };

	(void)state;
	post(fixture, (struct wanted){ 0 });
	id_of(fixture, id);
	wait_calls(fixture, 2);
	assert_int_equal(outbox_delivery_next(store_rows(
						  fixture->gateway.spool.store),
			     1, 0, &delivery, &err),
	    1);
	digest_format(&delivery.leaf, leaf);
	snprintf(text, sizeof(text), "opened 0 %s %s", delivery.recipient.text,
	    leaf);
	take(fixture, text, &taken);
	take(fixture, text, &taken);
	assert_false(taken.has_failed);
	assert_int_equal(rows_in(fixture,
			     "SELECT count(*) FROM outbox_receipt"),
	    3);
	/* The leaf is another recipient's; and no receipt at all. */
	snprintf(text, sizeof(text), "confirmed 0 %s %s", recipients[1], leaf);
	take(fixture, text, &taken);
	take(fixture, "nonsense", &taken);
	assert_false(taken.has_failed);
	get(fixture, id, "");
	assert_int_equal(count_of(fixture, "\"state\":\"opened\""), 1);
	assert_int_equal(count_of(fixture, "\"state\":\"confirmed\""), 0);
	tear_down(fixture);
}

static void
the_same_letter_twice_is_one_letter(void **state)
{
	struct fixture *fixture = set_up();
	char first[ID_TEXT_SIZE];
	char second[ID_TEXT_SIZE];

	(void)state;
	post(fixture, (struct wanted){ .key = "k1" });
	assert_int_equal(fixture->response.status, 201);
	id_of(fixture, first);
	wait_calls(fixture, 2);
	post(fixture, (struct wanted){ .key = "k1" });
	assert_int_equal(fixture->response.status, 200);
	id_of(fixture, second);
	assert_string_equal(first, second);
	post(fixture, (struct wanted){ .key = "k1", .text = "other" });
	assert_int_equal(fixture->type, MESSAGE_FAILED);
	assert_string_equal(fixture->failed.id, "E4202");
	assert_int_equal(fixture->call_count, 2);
	assert_int_equal(rows_in(fixture, "SELECT count(*) FROM payload"), 5);
	tear_down(fixture);
}

static void
an_unknown_recipient_is_named_before_anything_leaves(void **state)
{
	struct fixture *fixture = set_up();

	(void)state;
	post(fixture, (struct wanted){ .has_unknown = true });
	assert_int_equal(fixture->type, MESSAGE_RESPONSE);
	assert_int_equal(fixture->response.status, 422);
	assert_int_equal(count_of(fixture, "\"rule\":\"E4012\""), 1);
	assert_int_equal(count_of(fixture, "A99999999A"), 1);
	assert_int_equal(fixture->call_count, 0);
	assert_int_equal(rows_in(fixture, "SELECT count(*) FROM payload"), 0);
	assert_int_equal(rows_in(fixture,
			     "SELECT count(*) FROM outbox_document"),
	    0);
	tear_down(fixture);
}

static void
a_check_stores_nothing(void **state)
{
	struct fixture *fixture = set_up();

	(void)state;
	post(fixture, (struct wanted){ .path = "/v1/documents:validate" });
	assert_int_equal(fixture->response.status, 200);
	assert_int_equal(count_of(fixture, "\"accepted\":true"), 1);
	assert_int_equal(fixture->call_count, 0);
	assert_int_equal(rows_in(fixture, "SELECT count(*) FROM payload"), 0);
	post(fixture,
	    (struct wanted){ .path = "/v1/documents:validate",
		.has_unknown = true });
	assert_int_equal(fixture->response.status, 200);
	assert_int_equal(count_of(fixture, "\"accepted\":false"), 1);
	tear_down(fixture);
}

static void
a_preview_is_the_printers_and_stores_nothing(void **state)
{
	struct fixture *fixture = set_up();

	(void)state;
	post(fixture, (struct wanted){ .path = "/v1/documents:preview" });
	assert_int_equal(fixture->type, MESSAGE_RESPONSE);
	assert_string_equal(fixture->response.type, "application/pdf");
	assert_int_equal(fixture->response.pages, 3);
	assert_string_equal(fixture->response.missing, "U+4DAE");
	assert_string_equal((char *)fixture->answer.data, "%PDF");
	post(fixture,
	    (struct wanted){ .path = "/v1/documents:preview?as=html" });
	assert_string_equal(fixture->response.type, "text/html; charset=utf-8");
	assert_string_equal((char *)fixture->answer.data, "<html");
	post(fixture,
	    (struct wanted){ .path = "/v1/documents:preview?as=odt" });
	assert_int_equal(fixture->type, MESSAGE_FAILED);
	assert_string_equal(fixture->failed.id, "E6204");
	assert_int_equal(fixture->rendered, 2);
	assert_int_equal(rows_in(fixture, "SELECT count(*) FROM payload"), 0);
	assert_int_equal(fixture->call_count, 0);
	tear_down(fixture);
}

/* Eight of them would be all that the reader may check at once. */
static void
previews_do_not_hold_up_what_is_sent(void **state)
{
	struct fixture *fixture = set_up();

	(void)state;
	fixture->is_printer_stuck = true;
	for (int i = 0; i < 10; i++)
		post(fixture,
		    (struct wanted){ .path = "/v1/documents:preview" });
	assert_in_range(fixture->rendered, 1, 9);
	post(fixture, (struct wanted){ 0 });
	assert_int_equal(fixture->type, MESSAGE_RESPONSE);
	assert_int_equal(fixture->response.status, 201);
	tear_down(fixture);
}

static void
assert_refused_unaccepted(struct fixture *fixture, const char *rules)
{
	char text[64];

	assert_int_equal(fixture->type, MESSAGE_RESPONSE);
	assert_int_equal(fixture->response.status, 422);
	assert_int_equal(count_of(fixture, "\"code\":\"E4219\""), 1);
	snprintf(text, sizeof(text), "not accepted: %s", rules);
	assert_int_equal(count_of(fixture, text), 1);
	assert_int_equal(fixture->call_count, 0);
	assert_int_equal(rows_in(fixture, "SELECT count(*) FROM payload"), 0);
}

static void
a_reader_whom_no_roster_lists_must_be_accepted(void **state)
{
	struct fixture *fixture = set_up();

	(void)state;
	post(fixture, (struct wanted){ .has_reader = true });
	assert_refused_unaccepted(fixture, "E2133");
	assert_int_equal(count_of(fixture, "\"accept\":\"needed\""), 1);
	/* Another acceptance than the one that is needed is none. */
	post(fixture,
	    (struct wanted){ .path = "/v1/documents?accept=E2134,E2155",
		.has_reader = true });
	assert_refused_unaccepted(fixture, "E2133");
	post(fixture,
	    (struct wanted){ .path = "/v1/documents?accept=E2134,E2133",
		.has_reader = true });
	assert_int_equal(fixture->response.status, 201);
	assert_int_equal(count_of(fixture, "\"accept\":\"given\""), 1);
	tear_down(fixture);
}

/* The letter goes where the code says, whatever name stands beside it. */
static void
a_name_that_is_not_its_codes_must_be_accepted(void **state)
{
	struct fixture *fixture = set_up();

	(void)state;
	post(fixture,
	    (struct wanted){ .roster_name = "嘉義縣政府",
		.reader_name = "嘉義縣政府" });
	assert_refused_unaccepted(fixture, "E2155");
	assert_int_equal(count_of(fixture,
			     "376530000A 嘉義縣政府 → 屏東縣政府"),
	    1);
	tear_down(fixture);
}

/* The directory knows that it is the same one by another name. */
static void
the_directory_explains_other_names_of_one_recipient(void **state)
{
	struct fixture *fixture = set_up();

	(void)state;
	post(fixture,
	    (struct wanted){ .path = "/v1/documents?accept=E2155",
		.roster_name = "屏東縣" });
	assert_int_equal(fixture->response.status, 201);
	assert_int_equal(count_of(fixture, "\"rule\":\"E2155\""), 1);
	assert_int_equal(count_of(fixture, "\"line\":5,\"column\":1,"), 1);
	assert_int_equal(count_of(fixture, "\"rule\":\"E2133\""), 0);
	assert_int_equal(count_of(fixture, "\"rule\":\"E2134\""), 0);
	tear_down(fixture);
}

static void
names_that_look_alike_need_no_acceptance(void **state)
{
	struct fixture *fixture = set_up();

	(void)state;
	post(fixture,
	    (struct wanted){ .roster_name = " 屏東縣　政府",
		.reader_name = "屏東縣政府\n" });
	assert_int_equal(fixture->response.status, 201);
	assert_int_equal(count_of(fixture, "\"findings\":[]"), 1);
	tear_down(fixture);
}

static void
only_some_warnings_can_be_accepted(void **state)
{
	static const char *const paths[] = { "/v1/documents?accept=E2105",
		"/v1/documents?accept=E2118", "/v1/documents?accept=E2133;",
		"/v1/documents?accept=,", "/v1/documents?accept=E9999" };
	struct fixture *fixture = set_up();

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		post(fixture, (struct wanted){ .path = paths[i] });
		assert_int_equal(fixture->type, MESSAGE_FAILED);
		assert_string_equal(fixture->failed.id, "E6204");
	}
	assert_int_equal(rows_in(fixture, "SELECT count(*) FROM payload"), 0);
	tear_down(fixture);
}

static void
after_a_restart_the_same_bytes_go_out_again(void **state)
{
	struct fixture *fixture = set_up();

	(void)state;
	fixture->is_away = true;
	post(fixture, (struct wanted){ 0 });
	assert_int_equal(fixture->response.status, 201);
	for (int i = 0; i < TURNS && fixture->call_count == 0; i++)
		turn(fixture);
	stop(fixture);
	fixture->is_away = false;
	fixture->call_count = 2;
	start(fixture);
	wait_calls(fixture, 4);
	assert_int_equal(fixture->waybill_count, 2);
	assert_int_equal(fixture->calls[2].body.len,
	    fixture->calls[0].body.len);
	assert_memory_equal(fixture->calls[2].body.data,
	    fixture->calls[0].body.data, fixture->calls[0].body.len);
	assert_memory_equal(fixture->calls[2].content.data,
	    fixture->calls[0].content.data, fixture->calls[0].content.len);
	assert_int_equal(rows_in(fixture,
			     "SELECT count(*) FROM outbox_waybill WHERE"
			     " step = 6"),
	    2);
	tear_down(fixture);
}

static void
a_refusal_of_the_center_ends_the_deliveries(void **state)
{
	struct fixture *fixture = set_up();
	char id[ID_TEXT_SIZE];

	(void)state;
	fixture->refusal = "{\"code\":\"E4021\"}";
	post(fixture, (struct wanted){ 0 });
	id_of(fixture, id);
	get(fixture, id, "?for=confirmed&wait=5");
	assert_int_equal(count_of(fixture, "\"state\":\"refused\""),
	    RECIPIENTS);
	assert_int_equal(count_of(fixture, "\"reason\":\"E4021\""), RECIPIENTS);
	for (int i = 0; i < 100; i++)
		turn(fixture);
	assert_int_equal(fixture->call_count, 2);
	tear_down(fixture);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    who_gets_no_attachments_never_gets_their_bytes),
		cmocka_unit_test(
		    the_answer_names_every_delivery_and_follows_receipts),
		cmocka_unit_test(
		    a_receipt_moves_its_delivery_once_and_forged_ones_never),
		cmocka_unit_test(the_same_letter_twice_is_one_letter),
		cmocka_unit_test(
		    an_unknown_recipient_is_named_before_anything_leaves),
		cmocka_unit_test(a_check_stores_nothing),
		cmocka_unit_test(a_preview_is_the_printers_and_stores_nothing),
		cmocka_unit_test(previews_do_not_hold_up_what_is_sent),
		cmocka_unit_test(
		    a_reader_whom_no_roster_lists_must_be_accepted),
		cmocka_unit_test(a_name_that_is_not_its_codes_must_be_accepted),
		cmocka_unit_test(
		    the_directory_explains_other_names_of_one_recipient),
		cmocka_unit_test(names_that_look_alike_need_no_acceptance),
		cmocka_unit_test(only_some_warnings_can_be_accepted),
		cmocka_unit_test(after_a_restart_the_same_bytes_go_out_again),
		cmocka_unit_test(a_refusal_of_the_center_ends_the_deliveries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
