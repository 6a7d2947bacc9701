#include "role/bulletins.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "crypto/sha256.h"
#include "directory/directory.h"
#include "directory/directory_image.h"
#include "role/env.h"
#include "role/group.h"
#include "role/peer.h"
#include "service/config.h"
#include "store/query.h"
#include "sys/loop.h"
#include "sys/process.h"

enum {
	WAIT_S = 30, /* how long the host above may park a poll */
	RETRY_FIRST_MS = 200,
	RETRY_MAX_MS = 10000,
	HELD_MAX = 300,
	ROOT_FILE_MAX = 1 << 20,
};

const char bulletins_schema[] =
    "CREATE TABLE bulletin ("
    " type INTEGER NOT NULL, name TEXT NOT NULL, serial INTEGER NOT NULL,"
    " issued INTEGER NOT NULL, expires INTEGER NOT NULL,"
    " digest BLOB NOT NULL, cms BLOB NOT NULL,"
    " PRIMARY KEY (type, name, serial)) STRICT;";

/* The newest of one type and name. */
struct held {
	enum bulletin_type type;
	char name[BULLETIN_NAME_SIZE];
	uint64_t serial;
	struct digest digest;
	int64_t issued_at;
	struct bulletin bulletin; /* decoded; directory, network, access only */
};

/* One on its way: to the verifier, into the store, to the one who asked. */
struct taking {
	struct group_op op;
	struct taking *next;
	struct bulletins *bulletins;
	struct bytes cms;
	struct held held;
	int64_t expires_at;
	bulletins_fn fn;
	void *ctx;
};

struct bulletins {
	struct bulletins_options options;
	struct held held[HELD_MAX];
	size_t held_count;
	struct taking *first; /* waiting for the verifier, one after another */
	struct taking **last;
	bool is_taking;
	bool has_started; /* all stored ones were taken */
	uint64_t changes; /* adopted, but for timestamps */
	bool is_dirty;    /* the image is older than what is held */
	struct loop_timer *poll;
	uint64_t retry_ms;
	size_t polled_left; /* of the answer to a poll */
	struct directory *directory;
	struct bytes image;
};

static void take_next(struct bulletins *bulletins);
static void poll(void *ctx);

static struct held *
find_held(struct bulletins *bulletins, enum bulletin_type type,
    const char *name)
{
	for (size_t i = 0; i < bulletins->held_count; i++)
		if (bulletins->held[i].type == type &&
		    text_equal(bulletins->held[i].name, name))
			return &bulletins->held[i];
	return NULL;
}

uint64_t
bulletins_serial(const struct bulletins *bulletins, enum bulletin_type type,
    const char *name, struct digest *ret_digest)
{
	for (size_t i = 0; i < bulletins->held_count; i++) {
		const struct held *held = &bulletins->held[i];

		if (held->type == type && text_equal(held->name, name)) {
			*ret_digest = held->digest;
			return held->serial;
		}
	}
	return 0;
}

struct bulletin_serials
bulletins_serials(const struct bulletins *bulletins)
{
	struct digest digest;

	return (struct bulletin_serials){
		.root = bulletins_serial(bulletins, BULLETIN_ROOT, "", &digest),
		.directory = bulletins_serial(bulletins, BULLETIN_DIRECTORY, "",
		    &digest),
		.network =
		    bulletins_serial(bulletins, BULLETIN_NETWORK, "", &digest),
		.timestamp = bulletins_serial(bulletins, BULLETIN_TIMESTAMP, "",
		    &digest),
	};
}

uint64_t
bulletins_changes(const struct bulletins *bulletins)
{
	return bulletins->changes;
}

int64_t
bulletins_fresh_at(const struct bulletins *bulletins)
{
	for (size_t i = 0; i < bulletins->held_count; i++)
		if (bulletins->held[i].type == BULLETIN_TIMESTAMP)
			return bulletins->held[i].issued_at;
	return 0;
}

const struct directory *
bulletins_directory(const struct bulletins *bulletins)
{
	return bulletins->directory;
}

void
bulletins_put_have(const struct bulletins *bulletins, struct bytes *to)
{
	for (size_t i = 0; i < bulletins->held_count; i++) {
		const struct held *held = &bulletins->held[i];

		bytes_put_format(to, "%s%s%s%s:%llu", i > 0 ? "," : "",
		    bulletin_type_name(held->type),
		    held->name[0] != '\0' ? "/" : "", held->name,
		    (unsigned long long)held->serial);
	}
}

/* ---- the image ------------------------------------------------------- */

static int
build_image(struct bulletins *bulletins, struct bytes *image, struct error *err)
{
	const struct bulletin *access[HELD_MAX];
	struct directory_sources sources = { .access = access };
	struct bulletin_serials serials = bulletins_serials(bulletins);

	sources.root_serial = serials.root;
	sources.timestamp_serial = serials.timestamp;
	for (size_t i = 0; i < bulletins->held_count; i++) {
		struct held *held = &bulletins->held[i];

		if (held->type == BULLETIN_DIRECTORY)
			sources.directory = &held->bulletin;
		else if (held->type == BULLETIN_NETWORK)
			sources.network = &held->bulletin;
		else if (held->type == BULLETIN_ACCESS)
			access[sources.access_count++] = &held->bulletin;
	}
	if (directory_image_build(&sources, image, err) < 0)
		return -1;
	return bytes_failed(image, err);
}

static void
tell_all(struct bulletins *bulletins, int fd)
{
	struct bulletin_serials serials = bulletins_serials(bulletins);
	struct message_directory message = { .root = serials.root,
		.directory = serials.directory,
		.network = serials.network,
		.timestamp = serials.timestamp,
		.fresh_at = bulletins_fresh_at(bulletins) };

	for (struct peer *const *peer = bulletins->options.tell; *peer != NULL;
	     peer++)
		peer_tell(*peer, MESSAGE_DIRECTORY, 0, &message, fd);
}

/* A directory that cannot be built leaves the one before in force. */
static int
renew_image(struct bulletins *bulletins, struct error *err)
{
	struct directory *directory = NULL;
	struct bytes image = { 0 };
	int fd = -1;

	if (build_image(bulletins, &image, err) < 0 ||
	    directory_open(image.data, image.len, &directory, err) < 0 ||
	    process_seal(image.data, image.len, &fd, err) < 0) {
		directory_close(directory);
		bytes_free(&image);
		return -1;
	}
	directory_close(bulletins->directory);
	bytes_free(&bulletins->image);
	bulletins->directory = directory;
	bulletins->image = image;
	bulletins->is_dirty = false;
	tell_all(bulletins, fd);
	close(fd);
	return 0;
}

/* Without both, nobody could be admitted or found: as good as none. */
static bool
is_complete(const struct bulletins *bulletins)
{
	struct bulletin_serials serials = bulletins_serials(bulletins);

	return serials.network > 0 && serials.directory > 0;
}

static void
settle(struct bulletins *bulletins)
{
	const struct log *log = &bulletins->options.env->log;
	bool is_start = !bulletins->has_started;
	struct error err = { 0 };

	if (bulletins->is_dirty && is_complete(bulletins) &&
	    renew_image(bulletins, &err) < 0)
		log_failure(log, LOG_LEVEL_ERROR, "directory.image", &err);
	bulletins->has_started = true;
	bulletins->options.on_change(bulletins->options.ctx);
	if (is_start && bulletins->options.courier != NULL)
		loop_timer_start(bulletins->poll, 0);
}

/* ---- taking one ------------------------------------------------------ */

static void
free_taking(struct taking *taking)
{
	bytes_free(&taking->cms);
	bulletin_free(&taking->held.bulletin);
	free(taking);
}

static void
adopt(struct bulletins *bulletins, struct held *news)
{
	struct held *held = find_held(bulletins, news->type, news->name);

	if (held == NULL)
		held = &bulletins->held[bulletins->held_count++];
	bulletin_free(&held->bulletin);
	*held = *news;
	news->bulletin = (struct bulletin){ 0 };
	bulletins->is_dirty = true;
	if (held->type != BULLETIN_TIMESTAMP)
		bulletins->changes++;
}

/* The first of the queue is dealt with: tell, and go on. */
static void
end_taking(struct bulletins *bulletins, const struct error *failure)
{
	struct taking *taking = bulletins->first;

	bulletins->first = taking->next;
	if (bulletins->first == NULL)
		bulletins->last = &bulletins->first;
	bulletins->is_taking = false;
	/* Serials move with timestamps too, so every adoption is told. */
	if (bulletins->first == NULL &&
	    (bulletins->is_dirty || !bulletins->has_started))
		settle(bulletins);
	if (taking->fn != NULL)
		taking->fn(taking->ctx, failure);
	free_taking(taking);
	take_next(bulletins);
}

static int
apply_taking(struct group_op *op, struct error *err)
{
	struct taking *taking = (struct taking *)(void *)op;
	struct query *query;

	if (query_begin(taking->bulletins->options.rows,
		"INSERT OR IGNORE INTO bulletin (type, name, serial, issued,"
		" expires, digest, cms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, taking->held.type);
	query_bind_text(query, 2, taking->held.name);
	query_bind_int(query, 3, (int64_t)taking->held.serial);
	query_bind_int(query, 4, taking->held.issued_at);
	query_bind_int(query, 5, taking->expires_at);
	query_bind_digest(query, 6, &taking->held.digest);
	query_bind_data(query, 7, taking->cms.data, taking->cms.len);
	return query_finish(query, err);
}

static void
finish_taking(struct group_op *op, const struct error *failure)
{
	struct taking *taking = (struct taking *)(void *)op;
	struct bulletins *bulletins = taking->bulletins;
	struct log_line line;

	if (failure == NULL) {
		log_begin(&line, &bulletins->options.env->log, LOG_LEVEL_NOTICE,
		    "bulletin.adopted");
		log_text(&line, "type", bulletin_type_name(taking->held.type));
		log_text(&line, "name", taking->held.name);
		log_u64(&line, "serial", taking->held.serial);
		log_end(&line);
		adopt(bulletins, &taking->held);
	}
	end_taking(bulletins, failure);
}

static int
read_taken(struct taking *taking, const struct message_bulletin_taken *taken,
    struct error *err)
{
	struct held *held = &taking->held;

	if (taken->kind >= BULLETIN_TYPE_COUNT)
		return error_set(err, ERROR_MALFORMED, "bulletin of type %u",
		    taken->kind);
	held->type = (enum bulletin_type)taken->kind;
	memcpy(held->name, taken->name, sizeof(held->name));
	held->serial = taken->serial;
	held->digest = taken->digest;
	held->issued_at = taken->issued_at;
	taking->expires_at = taken->expires_at;
	if (held->type == BULLETIN_ROOT || held->type == BULLETIN_TIMESTAMP)
		return 0;
	if (find_held(taking->bulletins, held->type, held->name) == NULL &&
	    taking->bulletins->held_count == HELD_MAX)
		return error_set(err, ERROR_DENIED,
		    "more than %d bulletins in force", HELD_MAX);
	return bulletin_parse(taken->json.data, taken->json.len,
	    &held->bulletin, err);
}

static void
on_taken(void *ctx, struct ipc_message *message)
{
	struct taking *taking = ctx;
	struct bulletins *bulletins = taking->bulletins;
	struct message_bulletin_taken taken;
	struct error err = { 0 };

	if (message_read(message, MESSAGE_BULLETIN_TAKEN, &taken, &err) < 0 ||
	    (taken.is_new && read_taken(taking, &taken, &err) < 0)) {
		log_failure(&bulletins->options.env->log, LOG_LEVEL_WARNING,
		    "bulletin.refused", &err);
		end_taking(bulletins, &err);
		return;
	}
	if (!taken.is_new) {
		end_taking(bulletins, NULL);
		return;
	}
	taking->op.apply = apply_taking;
	taking->op.finish = finish_taking;
	group_add(bulletins->options.group, &taking->op);
}

static void
take_next(struct bulletins *bulletins)
{
	struct taking *taking = bulletins->first;
	struct message_bulletin_take take;
	struct error err = { 0 };

	if (taking == NULL || bulletins->is_taking)
		return;
	bulletins->is_taking = true;
	take.now = role_env_now(bulletins->options.env);
	take.cms = blob_of_bytes(&taking->cms);
	if (peer_ask(bulletins->options.verifier, MESSAGE_BULLETIN_TAKE, &take,
		-1, on_taken, taking, NULL, &err) < 0)
		end_taking(bulletins, &err);
}

void
bulletins_offer(struct bulletins *bulletins, const void *cms, size_t len,
    bulletins_fn fn, void *ctx)
{
	struct taking *taking = calloc(1, sizeof(*taking));
	struct error err = { 0 };

	if (taking != NULL)
		bytes_put(&taking->cms, cms, len);
	if (taking == NULL || taking->cms.failed) {
		free(taking);
		error_set_memory(&err);
		if (fn != NULL)
			fn(ctx, &err);
		return;
	}
	taking->bulletins = bulletins;
	taking->fn = fn;
	taking->ctx = ctx;
	*bulletins->last = taking;
	bulletins->last = &taking->next;
	take_next(bulletins);
}

/* ---- polling the host above ------------------------------------------ */

static void
poll_later(struct bulletins *bulletins, bool has_failed)
{
	if (!has_failed) {
		bulletins->retry_ms = RETRY_FIRST_MS;
		loop_timer_start(bulletins->poll, 0);
		return;
	}
	loop_timer_start(bulletins->poll, bulletins->retry_ms);
	bulletins->retry_ms = bulletins->retry_ms * 2 > RETRY_MAX_MS
	    ? RETRY_MAX_MS
	    : bulletins->retry_ms * 2;
}

static void
on_polled_one(void *ctx, const struct error *failure)
{
	struct bulletins *bulletins = ctx;

	/* A refused one comes again with every poll: do not ask at once. */
	if (failure != NULL && bulletins->polled_left > 0) {
		bulletins->polled_left = 0;
		poll_later(bulletins, true);
	} else if (bulletins->polled_left > 0 &&
	    --bulletins->polled_left == 0) {
		poll_later(bulletins, false);
	}
}

/* Records of the bundle: kind, length, bytes. */
static void
offer_all(struct bulletins *bulletins, struct blob records)
{
	struct cursor cursor = cursor_of(records.data, records.len);
	struct cursor count = cursor;

	bulletins->polled_left = 0;
	while (count.left > 0 && !count.failed) {
		cursor_u8(&count);
		if (cursor_take(&count, (size_t)cursor_u64(&count)) != NULL)
			bulletins->polled_left++;
	}
	if (bulletins->polled_left == 0) {
		poll_later(bulletins, count.failed);
		return;
	}
	while (cursor.left > 0) {
		uint8_t kind = cursor_u8(&cursor);
		size_t len = (size_t)cursor_u64(&cursor);
		const uint8_t *cms = cursor_take(&cursor, len);

		if (cms == NULL)
			return;
		if (kind == 'B')
			bulletins_offer(bulletins, cms, len, on_polled_one,
			    bulletins);
		else
			on_polled_one(bulletins, NULL);
	}
}

static void
on_polled(void *ctx, struct ipc_message *message)
{
	struct bulletins *bulletins = ctx;
	struct message_called called;
	struct error err = { 0 };

	if (message_read(message, MESSAGE_CALLED, &called, &err) < 0 ||
	    called.status != 200) {
		log_failure(&bulletins->options.env->log, LOG_LEVEL_DEBUG,
		    "bulletin.poll", &err);
		poll_later(bulletins, true);
		return;
	}
	offer_all(bulletins, called.body);
}

static void
poll(void *ctx)
{
	struct bulletins *bulletins = ctx;
	struct message_call call = { .method = "GET",
		.timeout_ms = (WAIT_S + 15) * 1000,
		.is_bundle = true };
	struct bytes path = { 0 };
	struct error err = { 0 };
	bool is_sent = false;

	bytes_put_text(&path, "/v1/bulletins?have=");
	bulletins_put_have(bulletins, &path);
	bytes_put_format(&path, "&wait=%d", WAIT_S);
	bytes_put_u8(&path, '\0');
	if (bytes_failed(&path, &err) == 0 &&
	    text_copy(call.path, sizeof(call.path), (const char *)path.data) &&
	    text_copy(call.peer, sizeof(call.peer),
		bulletins->options.upstream))
		is_sent = peer_ask(bulletins->options.courier, MESSAGE_CALL,
			      &call, -1, on_polled, bulletins, NULL, &err) == 0;
	bytes_free(&path);
	if (!is_sent)
		poll_later(bulletins, true);
}

/* ---- starting -------------------------------------------------------- */

static int
offer_stored(struct bulletins *bulletins, bool *ret_has_any, struct error *err)
{
	struct query *query;
	int more;

	*ret_has_any = false;
	/* Roots in sequence, then the newest of each: what the state accepts. */
	if (query_begin(bulletins->options.rows,
		"SELECT cms, type FROM bulletin AS b WHERE type = ?1 OR serial"
		" = (SELECT max(serial) FROM bulletin AS c WHERE c.type ="
		" b.type AND c.name = b.name)"
		" ORDER BY type <> ?1, type = ?2, serial",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, BULLETIN_ROOT);
	query_bind_int(query, 2, BULLETIN_TIMESTAMP);
	while ((more = query_next(query, err)) > 0) {
		size_t len;
		const void *cms = query_data(query, 0, &len);

		*ret_has_any = true;
		bulletins_offer(bulletins, cms, len, NULL, NULL);
	}
	query_end(query);
	return more;
}

static int
offer_first_root(struct bulletins *bulletins, struct error *err)
{
	const char *path = bulletins->options.env->config->trust.root;
	struct bytes cms = { 0 };
	uint8_t *room;
	ssize_t len;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return error_set_errno(err, "opening the first root, %s", path);
	room = bytes_extend(&cms, ROOT_FILE_MAX);
	len = room != NULL ? read(fd, room, ROOT_FILE_MAX) : -1;
	close(fd);
	if (len <= 0) {
		bytes_free(&cms);
		return error_set(err, ERROR_MALFORMED, "reading %s", path);
	}
	bulletins_offer(bulletins, cms.data, (size_t)len, NULL, NULL);
	bytes_free(&cms);
	return 0;
}

int
bulletins_new(const struct bulletins_options *options,
    struct bulletins **ret_bulletins, struct error *err)
{
	struct bulletins *bulletins = calloc(1, sizeof(*bulletins));
	bool has_any;

	if (bulletins == NULL)
		return error_set_memory(err);
	bulletins->options = *options;
	bulletins->last = &bulletins->first;
	bulletins->retry_ms = RETRY_FIRST_MS;
	if (loop_timer_new(options->env->loop, poll, bulletins,
		&bulletins->poll, err) < 0 ||
	    offer_stored(bulletins, &has_any, err) < 0 ||
	    (!has_any && offer_first_root(bulletins, err) < 0)) {
		bulletins_free(bulletins);
		return -1;
	}
	*ret_bulletins = bulletins;
	return 0;
}

void
bulletins_free(struct bulletins *bulletins)
{
	if (bulletins == NULL)
		return;
	loop_timer_free(bulletins->poll);
	while (bulletins->first != NULL) {
		struct taking *taking = bulletins->first;

		bulletins->first = taking->next;
		free_taking(taking);
	}
	for (size_t i = 0; i < bulletins->held_count; i++)
		bulletin_free(&bulletins->held[i].bulletin);
	directory_close(bulletins->directory);
	bytes_free(&bulletins->image);
	free(bulletins);
}
