#include "harness/fake_host.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "bulletin/bulletin.h"
#include "bulletin/bulletin_make.h"
#include "crypto/cert.h"
#include "directory/directory_image.h"
#include "json/json_write.h"
#include "role/codec.h"
#include "service/config.h"
#include "sys/arena.h"
#include "sys/ipc.h"
#include "sys/loop.h"
#include "sys/process.h"

enum { TURNS = 400, TURN_US = 2000 };

static void
keep_event(struct fake_host *host, struct peer *peer,
    struct ipc_message *message)
{
	struct fake_event *event = &host->events[host->event_count];

	assert_true(host->event_count < FAKE_EVENTS_MAX);
	event->from = peer;
	event->type = message->type;
	event->id = message->id;
	bytes_put(&event->body, message->body, message->len);
	host->event_count++;
}

static void
on_event(void *ctx, struct peer *peer, struct ipc_message *message)
{
	keep_event(ctx, peer, message);
}

static void
on_arena(void *ctx, struct peer *peer, struct ipc_message *message)
{
	struct fake_host *host = ctx;
	struct error err = { 0 };

	(void)peer;
	assert_int_equal(arena_open(ipc_take_fd(message), &host->arena, &err),
	    0);
}

static void
on_data(void *ctx, struct peer *peer, struct ipc_message *message)
{
	struct fake_host *host = ctx;
	struct message_upload_data data;
	struct message_upload_free back;
	struct error err = { 0 };

	assert_int_equal(message_read(message, MESSAGE_UPLOAD_DATA, &data,
			     &err),
	    0);
	bytes_put(&host->uploaded, arena_slot(host->arena, data.slot),
	    data.len);
	keep_event(host, peer, message);
	if (host->keeps_slots) {
		host->kept[host->kept_count++] = data.slot;
		return;
	}
	back.slot = data.slot;
	peer_tell(peer, MESSAGE_UPLOAD_FREE, 0, &back, -1);
}

static void
on_payload_free(void *ctx, struct peer *peer, struct ipc_message *message)
{
	struct fake_host *host = ctx;
	struct message_payload_free back;
	struct error err = { 0 };

	(void)peer;
	assert_int_equal(message_read(message, MESSAGE_PAYLOAD_FREE, &back,
			     &err),
	    0);
	arena_give(host->payload, back.slot);
}

static void
on_gone(void *ctx)
{
	(void)ctx;
}

static const struct peer_handler spooler_handlers[] = {
	{ MESSAGE_ARENA, on_arena },
	{ MESSAGE_UPLOAD_BEGIN, on_event },
	{ MESSAGE_UPLOAD_DATA, on_data },
	{ MESSAGE_UPLOAD_ABORT, on_event },
	{ MESSAGE_SUBMIT, on_event },
	{ MESSAGE_ACT_SUBMIT, on_event },
	{ MESSAGE_RECEIPT_SUBMIT, on_event },
	{ MESSAGE_WATCH, on_event },
	{ MESSAGE_UNWATCH, on_event },
	{ MESSAGE_FEED_ACKNOWLEDGE, on_event },
	{ MESSAGE_REQUEST, on_event },
	{ MESSAGE_CANCEL, on_event },
	{ MESSAGE_NONE, NULL },
};

static const struct peer_handler query_handlers[] = {
	{ MESSAGE_FEED_READ, on_event },
	{ MESSAGE_DELIVERY_READ, on_event },
	{ MESSAGE_BULLETINS_READ, on_event },
	{ MESSAGE_REQUEST, on_event },
	{ MESSAGE_CANCEL, on_event },
	{ MESSAGE_PAYLOAD_READ, on_event },
	{ MESSAGE_PAYLOAD_FREE, on_payload_free },
	{ MESSAGE_NONE, NULL },
};

static const struct peer_handler verifier_handlers[] = {
	{ MESSAGE_VERIFY_WAYBILL, on_event },
	{ MESSAGE_VERIFY_ACT, on_event },
	{ MESSAGE_VERIFY_RECEIPT, on_event },
	{ MESSAGE_NONE, NULL },
};

static struct peer *
open_channel(struct fake_host *host, enum role role,
    const struct peer_handler *handlers)
{
	struct peer *peer = NULL;
	struct error err = { 0 };
	int fds[2];

	assert_int_equal(process_socketpair(fds, &err), 0);
	host->env.peer_fds[role] = fds[0];
	assert_int_equal(peer_open(host->loop, fds[1], "role", handlers, host,
			     on_gone, NULL, &peer, &err),
	    0);
	return peer;
}

static void
write_identity(const struct fake_host *host, char *path, size_t size)
{
	FILE *file;

	snprintf(path, size, "%s/tls.pem", host->folder);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(host->own.key, file) >= 0);
	assert_true(fputs(host->own.cert, file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, 0600), 0);
}

static void
configure(struct fake_host *host, const char *kind)
{
	char cwd[1024];
	char folder[1024 + SCRATCH_PATH_SIZE];
	char path[SCRATCH_PATH_SIZE + 16];
	char text[4096];
	struct error err = { 0 };

	write_identity(host, path, sizeof(path));
	assert_non_null(getcwd(cwd, sizeof(cwd)));
	snprintf(folder, sizeof(folder), "%s/%s", cwd, host->folder);
	snprintf(text, sizeof(text),
	    "[host]\nkind = %s\nname = center-a\naddress = 127.0.0.1\n"
	    "data = %s\nenvironment = demo\n"
	    "[center]\nname = center-b\naddress = 127.0.0.3\n"
	    "[management]\nname = management\naddress = 127.0.0.4\n"
	    "[limits]\nletter_bytes = 8M\nsubmissions = 4\n"
	    "[keeper]\nkey.tls = file:%s/tls.pem\n",
	    kind, folder, folder);
	if (config_parse_text(text, "test", &host->env.config, &err) < 0)
		fail_msg("%s", err.text);
}

void
fake_host_init(struct fake_host *host, enum role role, const char *kind)
{
	struct error err = { 0 };
	char path[SCRATCH_PATH_SIZE + 16];

	memset(host, 0, sizeof(*host));
	scratch_make(host->folder);
	pair_identity_make("P-256", "SHA256", &host->own);
	pair_identity_make("P-256", "SHA256", &host->gateway);
	pair_identity_make("P-256", "SHA256", &host->other);
	host->other_port = 7443;
	assert_int_equal(loop_new(&host->loop, &err), 0);
	for (int i = 0; i < ROLE_COUNT; i++)
		host->env.peer_fds[i] = -1;
	host->env.hosts_fd = host->env.people_fd = -1;
	host->env.operators_fd = host->env.control_fd = -1;
	host->env.role = role;
	host->env.loop = host->loop;
	configure(host, kind);
	snprintf(path, sizeof(path), "%s/log", host->folder);
	host->log_fd = open(path, O_RDWR | O_CREAT | O_APPEND, 0600);
	assert_true(host->log_fd >= 0);
	host->env.log = (struct log){ .fd = host->log_fd,
		.level = LOG_LEVEL_DEBUG,
		.role = role_name(role) };
	host->spooler = open_channel(host, ROLE_SPOOLER, spooler_handlers);
	host->query = open_channel(host, ROLE_QUERY, query_handlers);
	host->verifier = open_channel(host, ROLE_VERIFIER, verifier_handlers);
	assert_int_equal(arena_create(8, &host->payload, &err), 0);
	peer_tell(host->query, MESSAGE_ARENA, 0, NULL, arena_fd(host->payload));
}

void
fake_host_free(struct fake_host *host)
{
	peer_close(host->spooler);
	peer_close(host->query);
	peer_close(host->verifier);
	for (int i = 0; i < ROLE_COUNT; i++)
		if (host->env.peer_fds[i] >= 0)
			close(host->env.peer_fds[i]);
	arena_free(host->arena);
	arena_free(host->payload);
	bytes_free(&host->uploaded);
	for (size_t i = 0; i < host->event_count; i++)
		bytes_free(&host->events[i].body);
	config_free(host->env.config);
	loop_free(host->loop);
	close(host->log_fd);
	scratch_remove(host->folder);
}

/* ---- directory ------------------------------------------------------- */

static void
write_tls(struct json_writer *writer, const struct pair_identity *identity)
{
	struct cert *cert = NULL;
	struct error err = { 0 };
	const uint8_t *der;
	size_t len;

	assert_int_equal(cert_parse_pem(identity->cert, strlen(identity->cert),
			     &cert, &err),
	    0);
	der = cert_der(cert, &len);
	json_write_begin_array(writer, "tls");
	json_write_base64(writer, NULL, der, len);
	json_write_end(writer);
	cert_free(cert);
}

static void
write_center(struct json_writer *writer, const char *name, const char *address,
    uint16_t port, const struct pair_identity *identity)
{
	const uint8_t log[] = { 0x30, 3, 0x0c, 1, (uint8_t)name[7] };

	json_write_begin_object(writer, NULL);
	json_write_text(writer, "name", name);
	json_write_text(writer, "kind", "shared");
	json_write_text(writer, "conformance", "yizhan");
	json_write_text(writer, "address", address);
	json_write_int(writer, "port", port);
	write_tls(writer, identity);
	json_write_base64(writer, "log", log, sizeof(log));
	json_write_text(writer, "origin", "yizhan/demo/x/1");
	json_write_end(writer);
}

static void
network_body(void *context, struct json_writer *writer)
{
	const struct fake_host *host = context;

	json_write_begin_array(writer, "centers");
	write_center(writer, "center-a", "127.0.0.1", 7443, &host->own);
	write_center(writer, "center-b", "127.0.0.3", host->other_port,
	    &host->other);
	json_write_end(writer);
	json_write_begin_array(writer, "management");
	json_write_end(writer);
}

static void
access_body(void *context, struct json_writer *writer)
{
	const struct fake_host *host = context;

	json_write_begin_array(writer, "hosts");
	json_write_begin_object(writer, NULL);
	json_write_text(writer, "name", "gateway-1");
	json_write_text(writer, "address", "127.0.0.9");
	write_tls(writer, &host->gateway);
	json_write_begin_array(writer, "codes");
	json_write_text(writer, NULL, FAKE_CODE);
	json_write_end(writer);
	json_write_end(writer);
	json_write_end(writer);
}

static void
directory_body(void *context, struct json_writer *writer)
{
	(void)context;
	json_write_begin_array(writer, "organisations");
	json_write_end(writer);
}

static struct bulletin
make(enum bulletin_type type, bulletin_body_fn body, struct fake_host *host)
{
	struct bulletin_draft draft = {
		.environment = "demo",
		.type = type,
		.name = type == BULLETIN_ACCESS ? "center-a" : "",
		.serial = 1,
		.issued_ms = 1000,
		.expires_ms = 2000,
	};
	struct bulletin bulletin = { 0 };
	struct bytes json = { 0 };
	struct error err = { 0 };

	if (bulletin_format(&draft, body, host, &json, &err) < 0 ||
	    bulletin_parse(json.data, json.len, &bulletin, &err) < 0)
		fail_msg("%s", err.text);
	bytes_free(&json);
	return bulletin;
}

void
fake_host_publish(struct fake_host *host, uint64_t serial)
{
	struct bulletin directory =
	    make(BULLETIN_DIRECTORY, directory_body, host);
	struct bulletin network = make(BULLETIN_NETWORK, network_body, host);
	struct bulletin access = make(BULLETIN_ACCESS, access_body, host);
	const struct bulletin *list[1] = { &access };
	struct directory_sources sources = { .directory = &directory,
		.network = &network,
		.access = list,
		.access_count = 1,
		.root_serial = 1 };
	struct message_directory message = { .root = 1,
		.directory = serial,
		.network = 1 };
	struct bytes image = { 0 };
	struct error err = { 0 };
	int fd = -1;

	if (directory_image_build(&sources, &image, &err) < 0 ||
	    process_seal(image.data, image.len, &fd, &err) < 0)
		fail_msg("%s", err.text);
	peer_tell(host->spooler, MESSAGE_DIRECTORY, 0, &message, fd);
	close(fd);
	bytes_free(&image);
	bulletin_free(&directory);
	bulletin_free(&network);
	bulletin_free(&access);
	fake_host_run(host);
}

/* ---- running --------------------------------------------------------- */

static void
turn(struct fake_host *host)
{
	const struct timespec pause = { .tv_nsec = TURN_US * 1000 };
	struct error err = { 0 };

	for (int i = 0; i < 4; i++)
		assert_int_equal(loop_run_once(host->loop, &err), 0);
	nanosleep(&pause, NULL);
}

void
fake_host_run(struct fake_host *host)
{
	for (int i = 0; i < 10; i++)
		turn(host);
}

void
fake_host_until(struct fake_host *host, const bool *flag)
{
	for (int i = 0; i < TURNS * 10 && !*flag; i++)
		turn(host);
	assert_true(*flag);
}

struct fake_event *
fake_host_await(struct fake_host *host, uint16_t type)
{
	for (int i = 0; i < TURNS; i++) {
		for (size_t k = 0; k < host->event_count; k++) {
			struct fake_event *event = &host->events[k];

			if (event->type != type)
				continue;
			/* Taken: found no more, and its body stays. */
			event->taken = type;
			event->type = MESSAGE_NONE;
			return event;
		}
		turn(host);
	}
	fail_msg("no %s came", message_name(type));
	return NULL;
}

size_t
fake_host_count(const struct fake_host *host, uint16_t type)
{
	size_t count = 0;

	for (size_t i = 0; i < host->event_count; i++)
		count += host->events[i].type == type ? 1 : 0;
	return count;
}

bool
fake_host_has(const struct fake_host *host, uint16_t type)
{
	return fake_host_count(host, type) > 0;
}

void
fake_event_read(const struct fake_event *event, void *ret_body)
{
	struct error err = { 0 };

	if (codec_decode(message_fields(event->taken), event->body.data,
		event->body.len, ret_body, &err) < 0)
		fail_msg("%s", err.text);
}

void
fake_host_give_back(struct fake_host *host)
{
	host->keeps_slots = false;
	for (size_t i = 0; i < host->kept_count; i++) {
		struct message_upload_free back = { .slot = host->kept[i] };

		peer_tell(host->spooler, MESSAGE_UPLOAD_FREE, 0, &back, -1);
	}
	host->kept_count = 0;
}

void
fake_host_give_payload(struct fake_host *host, const struct fake_event *event,
    size_t len, bool is_last)
{
	struct message_payload_data data = { .len = (uint32_t)len,
		.is_last = is_last };

	assert_true(arena_take(host->payload, &data.slot));
	memset(arena_slot(host->payload, data.slot), 'p', len);
	peer_tell(host->query, MESSAGE_PAYLOAD_DATA, event->id, &data, -1);
}

bool
fake_host_logged(struct fake_host *host, const char *a, const char *b)
{
	static char text[65536];
	ssize_t len = pread(host->log_fd, text, sizeof(text) - 1, 0);
	char *save = NULL;

	assert_true(len >= 0);
	text[len] = '\0';
	for (char *line = strtok_r(text, "\n", &save); line != NULL;
	     line = strtok_r(NULL, "\n", &save))
		if (strstr(line, a) != NULL && strstr(line, b) != NULL)
			return true;
	return false;
}
