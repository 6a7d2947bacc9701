#include "role/bulletins/bulletins.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "bulletin/root.h"
#include "directory/address_book.h"
#include "directory/directory.h"
#include "directory/directory_changes.h"
#include "directory/directory_image.h"
#include "directory/directory_scope.h"
#include "role/bulletins/bulletins_internal.h"
#include "role/bulletins/serials.h"
#include "role/env.h"
#include "role/peer.h"
#include "service/config.h"
#include "store/query.h"
#include "sys/loop.h"
#include "sys/process.h"

enum { ROOT_FILE_MAX = 1 << 20 };

/*
 * `place` is the order in which they were taken.  The newest of a type and
 * name is the last one: after a new root disowned its signers a bulletin may
 * be replaced by one of a lower serial.
 */
const char bulletins_schema[] =
    "CREATE TABLE bulletin (place INTEGER PRIMARY KEY,"
    " type INTEGER NOT NULL, name TEXT NOT NULL, serial INTEGER NOT NULL,"
    " issued INTEGER NOT NULL, expires INTEGER NOT NULL,"
    " digest BLOB NOT NULL, cms BLOB NOT NULL,"
    /* Its receipt of management's log; at management its entry there. */
    " entry INTEGER, needs INTEGER NOT NULL, receipt BLOB NOT NULL,"
    " fresh INTEGER NOT NULL,"
    " UNIQUE (type, name, serial, digest)) STRICT;" CONTENTS_SCHEMA
	NOTICES_SCHEMA;

struct bulletins_held *
bulletins_find(struct bulletins *bulletins, enum bulletin_type type,
    const char *name)
{
	for (size_t i = 0; i < bulletins->held_count; i++)
		if (bulletins->held[i].type == type &&
		    text_equal(bulletins->held[i].name, name))
			return &bulletins->held[i];
	return NULL;
}

const struct bulletin *
bulletins_in_force(struct bulletins *bulletins, enum bulletin_type type,
    const char *name)
{
	const struct bulletins_held *held =
	    bulletins_find(bulletins, type, name);

	return held != NULL ? &held->bulletin : NULL;
}

bool
bulletins_is_disowned(struct bulletins *bulletins, enum bulletin_type type,
    const char *name)
{
	const struct bulletins_held *held =
	    bulletins_find(bulletins, type, name);

	return held != NULL && held->is_disowned;
}

uint64_t
bulletins_serial(const struct bulletins *bulletins, enum bulletin_type type,
    const char *name, struct digest *ret_digest)
{
	for (size_t i = 0; i < bulletins->held_count; i++) {
		const struct bulletins_held *held = &bulletins->held[i];

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

const struct measures *
bulletins_measures(const struct bulletins *bulletins)
{
	return &bulletins->measures;
}

uint64_t
bulletins_measures_version(const struct bulletins *bulletins)
{
	return bulletins->measures_version;
}

int64_t
bulletins_fresh_at(const struct bulletins *bulletins)
{
	for (size_t i = 0; i < bulletins->held_count; i++)
		if (bulletins->held[i].type == BULLETIN_TIMESTAMP)
			return bulletins->held[i].fresh_at;
	return 0;
}

int
bulletins_root(struct bulletins *bulletins, const struct root **ret_root,
    struct error *err)
{
	const struct bulletins_held *held =
	    bulletins_find(bulletins, BULLETIN_ROOT, "");

	if (held == NULL)
		return error_set(err, ERROR_BUSY, "no root yet");
	if (!bulletins->has_root &&
	    root_decode(&held->bulletin, &bulletins->root, err) < 0)
		return -1;
	bulletins->has_root = true;
	*ret_root = &bulletins->root;
	return 0;
}

const struct directory *
bulletins_directory(const struct bulletins *bulletins)
{
	return bulletins->directory;
}

/* What waits for its parts (`waiting`), or for fresh trust, is known. */
static struct serials_item
item_of(const struct bulletins_held *held, uint64_t waiting)
{
	struct serials_item item = { .serial = held->serial };

	if (held->type == BULLETIN_DIRECTORY && waiting > 0)
		item.serial = waiting;
	else if (held->later > 0 && held->later >= held->serial)
		item.serial = held->later;
	else if (held->is_disowned)
		serials_mark(&held->digest, item.mark);
	return item;
}

void
bulletins_put_have(const struct bulletins *bulletins, struct bytes *to)
{
	uint64_t waiting = bulletins_parts_serial(bulletins->parts);
	bool has_directory = false;

	for (size_t i = 0; i < bulletins->held_count; i++) {
		const struct bulletins_held *held = &bulletins->held[i];
		struct serials_item item = item_of(held, waiting);

		bytes_put_text(to, i > 0 ? "," : "");
		serials_put_item(held->type, held->name, &item, to);
		has_directory |= held->type == BULLETIN_DIRECTORY;
	}
	if (waiting > 0 && !has_directory)
		bytes_put_format(to, "%sdirectory:%llu", to->len > 0 ? "," : "",
		    (unsigned long long)waiting);
}

/* ---- the image ------------------------------------------------------- */

/* All but the organisations. */
static struct directory_sources
sources_of(const struct bulletins *bulletins,
    const struct bulletin *access[BULLETINS_HELD_MAX])
{
	struct directory_sources sources = { .access = access };
	struct bulletin_serials serials = bulletins_serials(bulletins);

	sources.root_serial = serials.root;
	sources.timestamp_serial = serials.timestamp;
	for (size_t i = 0; i < bulletins->held_count; i++) {
		const struct bulletins_held *held = &bulletins->held[i];

		if (held->type == BULLETIN_NETWORK)
			sources.network = &held->bulletin;
		else if (held->type == BULLETIN_ACCESS)
			access[sources.access_count++] = &held->bulletin;
	}
	return sources;
}

static int
build_image(struct bulletins *bulletins, struct bytes *image, struct error *err)
{
	const struct bulletin *access[BULLETINS_HELD_MAX];
	struct directory_sources sources = sources_of(bulletins, access);
	int rc;

	if (contents_begin_image(bulletins->contents, bulletins->directory,
		&sources, err) < 0)
		return -1;
	rc = directory_image_build(&sources, image, err);
	if (rc == 0)
		rc = bytes_failed(image, err);
	contents_end_image(bulletins->contents, rc == 0);
	return rc;
}

/* Would hosts be able to use it? */
static int
try_image(const struct bulletins *bulletins,
    const struct directory_changes *changes, struct error *err)
{
	const struct bulletin *access[BULLETINS_HELD_MAX];
	struct directory_sources sources = sources_of(bulletins, access);
	struct bytes image = { 0 };
	int rc;

	if (bulletins->directory == NULL)
		return 0;
	sources.old = bulletins->directory;
	sources.changes = changes;
	rc = directory_image_build(&sources, &image, err);
	bytes_free(&image);
	return rc;
}

/* The one that lies outside of the scope becomes a problem of its line. */
static int
check_scope(const struct bulletins *bulletins, const struct scope *scope,
    const struct directory_changes *changes, struct address_book *book,
    struct error *err)
{
	struct error why = { 0 };
	struct org_code code;

	if (directory_scope_check(scope, bulletins->directory, changes, &code,
		&why) == 0)
		return 0;
	if (why.code != ERROR_DENIED) {
		*err = why;
		return -1;
	}
	for (size_t i = 0; i < book->count; i++)
		if (org_code_equal(&book->edits[i].code, &code))
			return address_book_add_problem(book,
			    book->edits[i].line,
			    book->columns[DIRECTORY_FIELD_CODE], why.id,
			    why.text, err);
	*err = why;
	return -1;
}

int
bulletins_prepare_directory(struct bulletins *bulletins,
    const struct bulletins_wish *wish, struct address_book *book,
    struct bytes *body, struct bytes *was, struct error *err)
{
	struct directory_changes changes = { 0 };
	int rc = contents_prepare(bulletins->contents, bulletins->directory,
	    wish->center, book, &changes, body, was, err);

	if (rc == 0 && book->problem_count == 0)
		rc = check_scope(bulletins, &wish->scope, &changes, book, err);
	if (rc == 0 && book->problem_count == 0)
		rc = try_image(bulletins, &changes, err);
	directory_changes_free(&changes);
	return rc;
}

int
bulletins_prepare_entries(struct bulletins *bulletins,
    const struct json_value *entries, struct bytes *body, struct bytes *was,
    struct error *err)
{
	struct directory_changes changes = { 0 };
	int rc = contents_prepare_entries(bulletins->contents, entries,
	    &changes, body, was, err);

	if (rc == 0)
		rc = try_image(bulletins, &changes, err);
	directory_changes_free(&changes);
	return rc;
}

uint64_t
bulletins_served(struct bulletins *bulletins, enum bulletin_type type,
    const char *name)
{
	const struct bulletins_held *held =
	    bulletins_find(bulletins, type, name);

	return held != NULL ? held->served : 0;
}

static uint64_t
served(struct bulletins *bulletins, enum bulletin_type type)
{
	return bulletins_served(bulletins, type, "");
}

/* With the new image, or -1 when it is as it was. */
/* The sum of those of all authorities. */
static uint64_t
served_measures(const struct bulletins *bulletins)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < bulletins->held_count; i++)
		if (bulletins->held[i].type >= BULLETIN_HOLD &&
		    bulletins->held[i].type <= BULLETIN_RESTORATION)
			sum += bulletins->held[i].served;
	return sum;
}

static void
tell_all(struct bulletins *bulletins, int fd)
{
	struct message_directory message = { .root = served(bulletins,
						 BULLETIN_ROOT),
		.directory = served(bulletins, BULLETIN_DIRECTORY),
		.network = served(bulletins, BULLETIN_NETWORK),
		.timestamp = served(bulletins, BULLETIN_TIMESTAMP),
		.measures = served_measures(bulletins),
		.fresh_at = bulletins_fresh_at(bulletins) };

	bulletins->has_news = false;
	for (struct peer *const *peer = bulletins->options.tell; *peer != NULL;
	     peer++)
		peer_tell(*peer, MESSAGE_DIRECTORY, 0, &message, fd);
}

/* Our own view is of the same memory as everybody's. */
static int
seal_image(const struct bytes *image, int *ret_fd, struct memory_file *ret_file,
    struct error *err)
{
	int fd = -1;
	int own;

	if (process_seal(image->data, image->len, &fd, err) < 0)
		return -1;
	own = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (own < 0 || memory_file_map(own, image->len, ret_file, err) < 0) {
		close(fd);
		return own < 0 ? error_set_errno(err, "directory image") : -1;
	}
	*ret_fd = fd;
	return 0;
}

/* A directory that cannot be built leaves the one before in force. */
static int
renew_image(struct bulletins *bulletins, struct error *err)
{
	struct memory_file file = { 0 };
	struct directory *directory = NULL;
	struct bytes image = { 0 };
	int fd = -1;
	int rc = -1;

	if (build_image(bulletins, &image, err) == 0)
		rc = seal_image(&image, &fd, &file, err);
	bytes_free(&image);
	if (rc < 0)
		return -1;
	if (directory_open(file.data, file.len, &directory, err) < 0) {
		memory_file_unmap(&file);
		close(fd);
		return -1;
	}
	directory_close(bulletins->directory);
	memory_file_unmap(&bulletins->image);
	bulletins->directory = directory;
	bulletins->image = file;
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

void
bulletins_settle(struct bulletins *bulletins)
{
	const struct log *log = &bulletins->options.env->log;
	bool is_start = !bulletins->has_started;
	struct error err = { 0 };

	if (bulletins->is_dirty && is_complete(bulletins) &&
	    renew_image(bulletins, &err) < 0)
		log_failure(log, LOG_LEVEL_ERROR, "directory.image", &err);
	if (bulletins->has_news && bulletins->directory != NULL)
		tell_all(bulletins, -1);
	bulletins->has_started = true;
	bulletins->options.on_change(bulletins->options.ctx);
	if (is_start && bulletins->options.courier != NULL)
		loop_timer_start(bulletins->poll, 0);
}

/* ---- starting -------------------------------------------------------- */

static int
offer_stored(struct bulletins *bulletins, bool *ret_has_any, struct error *err)
{
	struct query *query;
	int more;

	*ret_has_any = false;
	/*
	 * Every root, and the newest of each, in the order in which they were
	 * taken: what a root has disowned since was signed well then.
	 */
	if (query_begin(bulletins->options.rows,
		"SELECT cms, needs, length(receipt), fresh"
		" FROM bulletin AS b WHERE type = ?1 OR place"
		" = (SELECT max(place) FROM bulletin AS c WHERE c.type ="
		" b.type AND c.name = b.name)"
		" ORDER BY place",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, BULLETIN_ROOT);
	while ((more = query_next(query, err)) > 0) {
		struct bulletins_kept kept = {
			.needs = query_int(query, 1) != 0,
			.is_shown = query_int(query, 2) > 0,
			.fresh_at = query_int(query, 3),
		};

		kept.cms = query_data(query, 0, &kept.len);
		*ret_has_any = true;
		bulletins_offer_stored(bulletins, &kept);
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
	bulletins->retry_ms = BULLETINS_RETRY_FIRST_MS;
	if (contents_new(options->rows, &bulletins->contents, err) < 0 ||
	    bulletins_parts_new(bulletins, &bulletins->parts, err) < 0 ||
	    loop_timer_new(options->env->loop, bulletins_poll, bulletins,
		&bulletins->poll, err) < 0 ||
	    loop_timer_new(options->env->loop, bulletins_store_again, bulletins,
		&bulletins->again, err) < 0 ||
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
	loop_timer_free(bulletins->again);
	while (bulletins->first != NULL) {
		struct bulletins_taking *taking = bulletins->first;

		bulletins->first = taking->next;
		bulletins_taking_free(taking);
	}
	for (size_t i = 0; i < bulletins->held_count; i++)
		bulletin_free(&bulletins->held[i].bulletin);
	directory_close(bulletins->directory);
	memory_file_unmap(&bulletins->image);
	bulletins_parts_free(bulletins->parts);
	contents_free(bulletins->contents);
	measures_free(&bulletins->measures);
	root_free(&bulletins->root);
	free(bulletins);
}
