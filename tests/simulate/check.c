#define _GNU_SOURCE

#include "simulate/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "base/bytes.h"
#include "base/error.h"
#include "crypto/merkle.h"
#include "gateway/inbox/inbox_rows.h"
#include "log/note.h"
#include "model/event.h"
#include "role/message.h"
#include "simulate/check_rows.h"
#include "simulate/letters.h"
#include "simulate/sim.h"
#include "simulate/sim_disk.h"
#include "simulate/world.h"
#include "sys/ipc.h"

enum {
	SEEN_MAX = 1 << 14,
	NAME_SIZE = 128,
	QUEUE_MAX = 8192, /* I11: messages on one channel */
	INBOX_MOST = 4,   /* letters that no clerk answers while faults last */
};

struct check_counts check_counts;

/* What was seen of a thing before, by name. */
struct seen {
	char name[NAME_SIZE];
	int64_t value;
	uint64_t round; /* of check_now() */
};

static struct seen *seen_list;
static uint64_t present_round;

static struct seen *
seen(const char *name)
{
	uint32_t hash = 2166136261U;

	if (seen_list == NULL)
		seen_list = calloc(SEEN_MAX, sizeof(*seen_list));
	if (seen_list == NULL)
		abort();
	for (const char *c = name; *c != '\0'; c++)
		hash = (hash ^ (uint8_t)*c) * 16777619U;
	for (uint32_t i = 0; i < SEEN_MAX; i++) {
		struct seen *at = &seen_list[(hash + i) % SEEN_MAX];

		if (at->name[0] == '\0') {
			snprintf(at->name, sizeof(at->name), "%s", name);
			at->value = -1;
			return at;
		}
		if (strcmp(at->name, name) == 0)
			return at;
	}
	abort();
}

/* As the API writes ids: 8-4-4-4-12. */
static void
id_text(const char *hex, char to[40])
{
	static const int groups[] = { 8, 4, 4, 4, 12 };
	size_t at = 0;

	for (size_t i = 0; i < 5 && strlen(hex) >= (size_t)groups[i]; i++) {
		if (i > 0)
			to[at++] = '-';
		memcpy(to + at, hex, (size_t)groups[i]);
		hex += groups[i];
		at += (size_t)groups[i];
	}
	to[at] = '\0';
}

/* ---- senders ---------------------------------------------------------------------- */

static const char deliveries_sql[] =
    "SELECT lower(hex(d.document_id)), lower(hex(w.waybill_id)), x.recipient,"
    " x.state, w.step FROM outbox_document d JOIN outbox_waybill w"
    " ON w.document = d.id JOIN outbox_delivery x ON x.waybill = w.id"
    " WHERE d.is_draft = 0";

/* An end is for good, and no step is taken back (I2, I12). */
static void
follow(const char *what, const char *name, int64_t state, bool was_end,
    struct seen *at)
{
	if (was_end && at->value != state)
		sim_broken("I2", "%s of %s ended as %lld and is %lld now", what,
		    name, (long long)at->value, (long long)state);
	else if (state < at->value)
		sim_broken("I12", "%s of %s was %lld and is %lld now", what,
		    name, (long long)at->value, (long long)state);
	at->value = state;
	at->round = present_round;
}

static bool
is_end(int64_t state)
{
	return state >= 0 &&
	    delivery_state_is_terminal((enum delivery_state)state);
}

static void
check_sender(sqlite3 *db)
{
	sqlite3_stmt *stmt = check_rows_ask(db, deliveries_sql);

	while (check_rows_next(stmt)) {
		char name[NAME_SIZE];
		struct seen *at;

		snprintf(name, sizeof(name), "out/%s/%s",
		    check_rows_text(stmt, 1), check_rows_text(stmt, 2));
		at = seen(name);
		follow("delivery", name, sqlite3_column_int64(stmt, 3),
		    is_end(at->value), at);
		snprintf(name, sizeof(name), "doc/%s",
		    check_rows_text(stmt, 0));
		seen(name)->round = present_round;
	}
	check_rows_end(stmt);
}

/* What a gateway said it has is there at any later time (I1). */
static void
check_accepted(void)
{
	for (size_t i = 0; i < letter_count; i++) {
		const struct letter *letter = &letters[i];
		char name[NAME_SIZE];
		size_t at = 4;

		if (letter->state != LETTER_ACCEPTED)
			continue;
		memcpy(name, "doc/", 4);
		for (const char *c = letter->document_id; *c != '\0'; c++)
			if (*c != '-')
				name[at++] = *c;
		name[at] = '\0';
		if (seen(name)->round != present_round)
			sim_broken("I1",
			    "%s accepted letter %u and has no %s now",
			    sim.hosts[letter->sender].name, letter->number,
			    name);
	}
}

/* ---- recipients ------------------------------------------------------------------- */

static bool
is_inbox_end(int64_t state)
{
	return state == INBOX_CONFIRMED || state == INBOX_RETURNED ||
	    state == INBOX_UNREADABLE || state == INBOX_REFUSED ||
	    state == INBOX_ENDED;
}

static void
check_entries(int host, sqlite3 *db)
{
	sqlite3_stmt *stmt = check_rows_ask(db,
	    "SELECT lower(hex(document_id)), recipient, count(*)"
	    " FROM inbox_letter WHERE shown > 0"
	    " GROUP BY document_id, recipient, sender HAVING count(*) > 1");

	while (check_rows_next(stmt))
		sim_broken("I3", "%s has letter %s to %s %d times",
		    sim.hosts[host].name, check_rows_text(stmt, 0),
		    check_rows_text(stmt, 1), sqlite3_column_int(stmt, 2));
	check_rows_end(stmt);
}

static void
check_recipient(int host, sqlite3 *db, bool all_answer)
{
	sqlite3_stmt *stmt = check_rows_ask(db,
	    "SELECT lower(hex(waybill_id)), recipient, state, answer, shown"
	    " FROM inbox_letter ORDER BY id");

	while (check_rows_next(stmt)) {
		int64_t state = sqlite3_column_int64(stmt, 2);
		bool waits = state == INBOX_OPENED &&
		    sqlite3_column_int(stmt, 3) == EVENT_NONE &&
		    sqlite3_column_int64(stmt, 4) > 0;
		char name[NAME_SIZE];
		struct seen *at;
		char id[40];

		snprintf(name, sizeof(name), "in/%s/%s",
		    check_rows_text(stmt, 0), check_rows_text(stmt, 1));
		at = seen(name);
		follow("letter", name, state, is_inbox_end(at->value), at);
		id_text(check_rows_text(stmt, 0), id);
		if (waits && sim.hosts[host].is_up &&
		    (all_answer || sim_below(INBOX_MOST) == 0))
			letters_answer(host, id, check_rows_text(stmt, 1));
	}
	check_rows_end(stmt);
	check_entries(host, db);
}

/* What was there must still be there: nothing queued is destroyed (I7). */
static void
check_kept(void)
{
	for (size_t i = 0; i < SEEN_MAX; i++) {
		const struct seen *at = &seen_list[i];

		if (at->name[0] == '\0' || at->round == 0 ||
		    at->round == present_round)
			continue;
		sim_broken("I7", "%s is gone", at->name);
		return;
	}
}

void
check_now(bool all_answer)
{
	present_round++;
	for (int host = SIM_GATEWAY; host < SIM_HOSTS; host++) {
		sqlite3 *db = check_rows_open(host);

		if (db == NULL)
			continue;
		check_sender(db);
		check_recipient(host, db, all_answer);
		check_rows_close(host, db);
	}
	check_accepted();
	check_kept();
	if (sim_ipc_most() > QUEUE_MAX)
		sim_broken("I11", "%zu messages wait on one channel",
		    sim_ipc_most());
}

/* ---- the end ----------------------------------------------------------------------- */

/*
 * Each delivery has ended at its sender, and stands the same with its
 * recipient; `tell` makes an invariant of it.
 */
static bool
delivery_ended(sqlite3_stmt *stmt, bool tell)
{
	int64_t state = sqlite3_column_int64(stmt, 3);
	int64_t there;
	char name[NAME_SIZE];
	bool good;

	snprintf(name, sizeof(name), "in/%s/%s", check_rows_text(stmt, 1),
	    check_rows_text(stmt, 2));
	there = seen(name)->value;
	good = is_end(state) &&
	    (state == DELIVERY_CONFIRMED ? there == INBOX_CONFIRMED
		    : state == DELIVERY_RETURNED
		    ? there == INBOX_RETURNED || there == INBOX_UNREADABLE
		    : there < INBOX_OPENED);
	if (tell && !good)
		sim_broken("I2", "%s is %lld at its sender and %lld there",
		    name, (long long)state, (long long)there);
	if (tell) {
		check_counts.deliveries++;
		check_counts.confirmed += state == DELIVERY_CONFIRMED;
		check_counts.returned += state == DELIVERY_RETURNED;
		check_counts.refused +=
		    state != DELIVERY_CONFIRMED && state != DELIVERY_RETURNED;
	}
	return good;
}

static bool
sender_ended(int host, bool tell)
{
	sqlite3 *db = check_rows_open(host);
	sqlite3_stmt *stmt =
	    db != NULL ? check_rows_ask(db, deliveries_sql) : NULL;
	bool good = true;

	while (check_rows_next(stmt))
		good = delivery_ended(stmt, tell) && good;
	check_rows_end(stmt);
	check_rows_close(host, db);
	return good;
}

/* Every recipient of an accepted letter has a delivery of it. */
static bool
letters_ended(bool tell)
{
	bool good = true;

	for (int host = SIM_GATEWAY; host < SIM_HOSTS; host++)
		good = sender_ended(host, tell) && good;
	return good;
}

static int64_t
read_int(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *stmt = check_rows_ask(db, sql);
	int64_t value =
	    check_rows_next(stmt) ? sqlite3_column_int64(stmt, 0) : 0;

	check_rows_end(stmt);
	return value;
}

/*
 * Relays, receipts, what moves: centers have told each other all of it, but for
 * receipts that were refused, which happens in some histories (bugs.c).
 */
static bool
all_is_told(bool tell)
{
	bool good = true;

	for (int host = SIM_CENTER; host < SIM_GATEWAY; host++) {
		sqlite3 *db = check_rows_open(host);
		int64_t left = db != NULL
		    ? read_int(db,
			  "SELECT count(*) FROM send WHERE NOT"
			  " (kind = 2 AND is_aside)")
		    : 1;

		check_rows_close(host, db);
		good = good && left == 0;
		if (tell && left > 0)
			sim_broken("liveness", "%s still has %lld to tell",
			    sim.hosts[host].name, (long long)left);
	}
	return good;
}

/*
 * What a sender has queued is what has not ended, and what waits for a recipient
 * what was not fetched (3): else they are refused (E4043, E4044).
 */
static void
check_quotas(void)
{
	for (int host = SIM_CENTER; host < SIM_GATEWAY; host++) {
		sqlite3 *db = check_rows_open(host);

		if (db != NULL &&
		    read_int(db,
			"SELECT count(*) FROM queued AS q WHERE q.kind = 2"
			" AND q.bytes <> (SELECT coalesce(sum(content_len), 0)"
			" FROM waybill AS w WHERE substr(w.sender, 1, 10) ="
			" q.party AND NOT EXISTS (SELECT 1 FROM ended"
			" WHERE waybill = w.id)) OR q.kind = 1 AND"
			" (q.deliveries, q.bytes) IS NOT (SELECT count(*),"
			" coalesce(sum(w.content_len), 0) FROM delivery AS d"
			" JOIN waybill AS w ON w.id = d.waybill"
			" WHERE d.recipient = q.party AND d.state < 3)") > 0)
			sim_broken("I11", "%s counts what is queued wrongly",
			    sim.hosts[host].name);
		check_rows_close(host, db);
	}
}

static bool bulletins_arrived(bool tell);

bool
check_has_ended(void)
{
	return letters_are_handed_in() && letters_ended(false) &&
	    all_is_told(false) && bulletins_arrived(false);
}

bool
check_is_handed_in(int host)
{
	sqlite3 *db = check_rows_open(host);
	bool is;

	if (db == NULL)
		return false;
	is =
	    read_int(db,
		"SELECT (SELECT count(*) FROM outbox_document WHERE is_draft)"
		" + (SELECT count(*) FROM outbox_waybill WHERE step < 6)") == 0;
	check_rows_close(host, db);
	return is;
}

static void
check_recipients_of_letters(void)
{
	for (int host = SIM_GATEWAY; host < SIM_HOSTS; host++) {
		sqlite3 *db = check_rows_open(host);
		sqlite3_stmt *stmt = db == NULL
		    ? NULL
		    : check_rows_ask(db,
			  "SELECT lower(hex(d.document_id)), count(*)"
			  " FROM outbox_document d JOIN outbox_waybill w ON"
			  " w.document = d.id JOIN outbox_delivery x ON"
			  " x.waybill = w.id WHERE d.is_draft = 0 GROUP BY d.id");

		while (check_rows_next(stmt)) {
			char id[40];
			const struct letter *letter;

			id_text(check_rows_text(stmt, 0), id);
			letter = letters_find(id);
			if (letter == NULL)
				sim_broken("I1", "%s sent %s, of no letter",
				    sim.hosts[host].name, id);
			else if ((int)letter->recipient_count !=
			    sqlite3_column_int(stmt, 1))
				sim_broken("I2",
				    "letter %u has %d deliveries for %u",
				    letter->number, sqlite3_column_int(stmt, 1),
				    letter->recipient_count);
		}
		check_rows_end(stmt);
		if (db != NULL)
			check_counts.entries += (size_t)read_int(db,
			    "SELECT count(*) FROM inbox_letter WHERE shown > 0");
		check_rows_close(host, db);
	}
}

/* ---- logs --------------------------------------------------------------------------- */

/* Checkpoints that were signed: over which leaves they must be. */
struct signed_checkpoint {
	int host;
	uint64_t size;
	struct digest root;
};

static struct signed_checkpoint *checkpoints;
static size_t checkpoint_count, checkpoint_size;

static void
keep_checkpoint(int host, const struct note_checkpoint *checkpoint)
{
	for (size_t i = checkpoint_count; i > 0; i--) {
		const struct signed_checkpoint *old = &checkpoints[i - 1];

		if (old->host != host || old->size != checkpoint->size)
			continue;
		if (!digest_equal(&old->root, &checkpoint->root))
			sim_broken("I8", "%s signed two trees of %llu leaves",
			    sim.hosts[host].name,
			    (unsigned long long)checkpoint->size);
		return;
	}
	if (checkpoint_count == checkpoint_size) {
		checkpoint_size = checkpoint_size * 2 + 64;
		checkpoints = realloc(checkpoints,
		    checkpoint_size * sizeof(*checkpoints));
		if (checkpoints == NULL)
			abort();
	}
	checkpoints[checkpoint_count++] = (struct signed_checkpoint){ host,
		checkpoint->size, checkpoint->root };
	check_counts.checkpoints++;
}

static struct digest *
read_leaves(sqlite3 *db, size_t count)
{
	struct digest *leaves = calloc(count + 1, sizeof(*leaves));
	sqlite3_stmt *stmt = check_rows_ask(db,
	    "SELECT position, hash FROM leaf ORDER BY position");
	size_t at = 0;

	if (leaves == NULL)
		abort();
	while (check_rows_next(stmt) && at < count) {
		if (sqlite3_column_bytes(stmt, 1) != (int)sizeof(*leaves))
			sim_broken("I8", "a leaf without its hash");
		else
			memcpy(&leaves[at], sqlite3_column_blob(stmt, 1),
			    sizeof(*leaves));
		if (sqlite3_column_int64(stmt, 0) != (int64_t)at)
			sim_broken("I8", "leaf %zu is missing", at);
		at++;
	}
	check_rows_end(stmt);
	return leaves;
}

/*
 * What a center stated as moved it decides no more, unless it has taken it
 * again: at most one center decides a delivery (I2).
 */
static void
check_deciders(int host, sqlite3 *db)
{
	sqlite3_exec(db,
	    "CREATE TEMP TABLE said AS SELECT position AS p,"
	    " json_extract(CAST(statement AS TEXT), '$.event') AS event,"
	    " json_extract(CAST(statement AS TEXT), '$.leaf') AS leaf,"
	    " json_extract(CAST(statement AS TEXT), '$.at') AS at,"
	    " json_extract(CAST(statement AS TEXT), '$.center') AS center"
	    " FROM leaf WHERE json_valid(CAST(statement AS TEXT)) AND"
	    " json_extract(CAST(statement AS TEXT), '$.remote') = ''",
	    NULL, NULL, NULL);
	check_counts.moves += (size_t)read_int(db,
	    "SELECT count(*) FROM said WHERE event = 'moved'");
	if (read_int(db,
		"SELECT count(*) FROM said AS a JOIN said AS m ON m.leaf ="
		" a.leaf AND m.event = 'moved' AND m.at <> m.center AND m.p"
		" < a.p WHERE a.event IN"
		" ('fetched', 'opened', 'unreadable', 'confirmed', 'returned',"
		" 'expired', 'withdrawn', 'moved') AND NOT EXISTS (SELECT 1"
		" FROM said AS t WHERE t.leaf = a.leaf AND t.event = 'taken'"
		" AND t.p > m.p AND t.p < a.p)") > 0)
		sim_broken("I2", "%s decides what it gave away",
		    sim.hosts[host].name);
}

/* Each signed tree is a beginning of the log as it is now. */
static void
check_log(int host)
{
	sqlite3 *db = check_rows_open(host);
	struct digest *leaves;
	size_t count;

	if (db == NULL)
		return;
	count = (size_t)read_int(db, "SELECT count(*) FROM leaf");
	leaves = read_leaves(db, count);
	check_counts.leaves += count;
	for (size_t i = 0; i < checkpoint_count; i++) {
		const struct signed_checkpoint *one = &checkpoints[i];
		struct digest root;

		if (one->host != host)
			continue;
		if (one->size > count) {
			sim_broken("I8", "%s lost leaves: %zu of %llu",
			    sim.hosts[host].name, count,
			    (unsigned long long)one->size);
			break;
		}
		root = merkle_root(leaves, (size_t)one->size);
		if (!digest_equal(&root, &one->root))
			sim_broken("I8", "%s changed its first %llu leaves",
			    sim.hosts[host].name,
			    (unsigned long long)one->size);
	}
	if (read_int(db,
		"SELECT count(*) FROM leaf WHERE (CAST(statement AS TEXT) LIKE"
		" '%\"event\":\"accepted\"%' OR CAST(statement AS TEXT) LIKE"
		" '%\"event\":\"relayed\"%') AND CAST(statement AS TEXT) LIKE"
		" '%\"remote\":\"\"%' AND NOT EXISTS (SELECT 1 FROM waybill"
		" WHERE entry = leaf.position)") > 0)
		sim_broken("I5", "%s states what it does not have",
		    sim.hosts[host].name);
	check_deciders(host, db);
	if (read_int(db,
		"SELECT count(*) FROM waybill WHERE payload <> 0 AND NOT EXISTS"
		" (SELECT 1 FROM payload WHERE number = waybill.payload)") > 0)
		sim_broken("I5", "%s has a waybill without its payload",
		    sim.hosts[host].name);
	free(leaves);
	check_rows_close(host, db);
}

/* The center whose log a receipt names, by its statement; -1 for none. */
static int
center_of_receipt(const char *json)
{
	char words[NAME_SIZE];

	for (int i = SIM_CENTER; i < SIM_GATEWAY; i++) {
		snprintf(words, sizeof(words), "\\\"center\\\":\\\"%s\\\"",
		    sim.hosts[i].name);
		if (json != NULL && strstr(json, words) != NULL)
			return i;
	}
	return -1;
}

static bool
is_in_log(int center, const void *entry, int len)
{
	sqlite3 *log = check_rows_open(center);
	sqlite3_stmt *leaf = log == NULL
	    ? NULL
	    : check_rows_ask(log, "SELECT 1 FROM leaf WHERE hash = ?1");
	bool is_there = false;

	if (leaf != NULL) {
		sqlite3_bind_blob(leaf, 1, entry, len, SQLITE_TRANSIENT);
		is_there = check_rows_next(leaf);
	}
	check_rows_end(leaf);
	check_rows_close(center, log);
	return is_there;
}

/*
 * Each receipt that a sender holds lies in the log that it names, of its own
 * center or of the recipient's (I4).
 */
static void
check_receipts(int host)
{
	sqlite3 *db = check_rows_open(host);
	sqlite3_stmt *stmt = NULL;

	if (db != NULL)
		stmt = check_rows_ask(db,
		    "SELECT entry, CAST(json AS TEXT) FROM outbox_receipt");
	while (check_rows_next(stmt)) {
		int center = center_of_receipt(
		    (const char *)sqlite3_column_text(stmt, 1));

		check_counts.receipts++;
		if (center < 0 ||
		    !is_in_log(center, sqlite3_column_blob(stmt, 0),
			sqlite3_column_bytes(stmt, 0)))
			sim_broken("I4",
			    "%s has a receipt that is not in the log of %s",
			    sim.hosts[host].name,
			    center < 0 ? "any center" : sim.hosts[center].name);
	}
	check_rows_end(stmt);
	check_rows_close(host, db);
}

void
check_end(void)
{
	for (size_t i = 0; i < letter_count; i++) {
		if (letters[i].state < LETTER_ACCEPTED)
			sim_broken("liveness",
			    "letter %u is not handed in after %u tries: %d %s",
			    letters[i].number, letters[i].tries,
			    letters[i].status, letters[i].code);
		check_counts.accepted += letters[i].state == LETTER_ACCEPTED;
	}
	letters_ended(true);
	all_is_told(true);
	check_quotas();
	bulletins_arrived(true);
	check_recipients_of_letters();
	for (int host = SIM_CENTER; host < SIM_GATEWAY; host++)
		check_log(host);
	for (int host = SIM_GATEWAY; host < SIM_HOSTS; host++)
		check_receipts(host);
}

/* ---- what is told between processes ---------------------------------------------------- */

static void
watch_sign(const struct sim_host *host, const struct ipc_message *message)
{
	struct message_sign sign;
	struct note note;
	struct bytes whole = { 0 };
	uint8_t nothing[NOTE_SIGNATURE_LEN] = { 0 };
	struct error err = { 0 };

	if (codec_decode(message_fields(MESSAGE_SIGN), message->body,
		message->len, &sign, &err) < 0 ||
	    sign.kind != KEEPER_CHECKPOINT)
		return;
	/* The parser wants a whole note, with some signature. */
	bytes_put(&whole, sign.statement.data, sign.statement.len);
	bytes_put_text(&whole, "\n");
	if (note_put_signature("x", nothing, nothing, &whole, &err) < 0 ||
	    note_parse(whole.data, whole.len, &note, &err) < 0)
		sim_broken("I8", "%s signs what is no checkpoint: %s",
		    host->name, err.text);
	else
		keep_checkpoint(host->index, &note.checkpoint);
	bytes_free(&whole);
}

/* Serials only grow while a host runs (I9). */
static void
watch_directory(const struct sim_host *host, const struct ipc_message *message)
{
	struct message_directory directory;
	struct error err = { 0 };
	struct {
		const char *what;
		uint64_t serial;
	} list[4];

	if (codec_decode(message_fields(MESSAGE_DIRECTORY), message->body,
		message->len, &directory, &err) < 0)
		return;
	list[0].what = "root";
	list[0].serial = directory.root;
	list[1].what = "directory";
	list[1].serial = directory.directory;
	list[2].what = "network";
	list[2].serial = directory.network;
	list[3].what = "timestamp";
	list[3].serial = directory.timestamp;
	for (int i = 0; i < 4; i++) {
		char name[NAME_SIZE];
		struct seen *at;

		snprintf(name, sizeof(name), "log/%s/%llu/%s", host->name,
		    (unsigned long long)host->starts, list[i].what);
		at = seen(name);
		if ((int64_t)list[i].serial < at->value)
			sim_broken("I9", "%s of %s went from %lld to %llu",
			    list[i].what, host->name, (long long)at->value,
			    (unsigned long long)list[i].serial);
		at->value = (int64_t)list[i].serial;
	}
}

static int64_t
serial_at(const struct sim_host *host, const char *what)
{
	char name[NAME_SIZE];

	snprintf(name, sizeof(name), "log/%s/%llu/%s", host->name,
	    (unsigned long long)host->starts, what);
	return seen(name)->value;
}

/* Timestamps seen before all was well again. */
static int64_t newest_timestamp;

void
check_note_heal(void)
{
	for (int i = 0; i < SIM_HOSTS; i++) {
		int64_t serial = serial_at(&sim.hosts[i], "timestamp");

		if (serial > newest_timestamp)
			newest_timestamp = serial;
	}
}

/* The newest directory and fresh timestamps have come to every host. */
static bool
bulletins_arrived(bool tell)
{
	bool good = true;

	for (int i = 0; i < SIM_HOSTS; i++) {
		const struct sim_host *host = &sim.hosts[i];
		int64_t directory = serial_at(host, "directory");
		int64_t timestamp = serial_at(host, "timestamp");

		if (directory == (int64_t)world.directory_serial &&
		    timestamp > newest_timestamp)
			continue;
		good = false;
		if (tell)
			sim_broken("liveness",
			    "%s has directory %lld of %llu, timestamp %lld "
			    "after %lld",
			    host->name, (long long)directory,
			    (unsigned long long)world.directory_serial,
			    (long long)timestamp, (long long)newest_timestamp);
	}
	return good;
}

/* Submissions that a center's spooler was given and has not answered. */
struct submission {
	int center;
	uint32_t id;
	uint64_t start;
	char sender[ORG_TEXT_SIZE];
	struct digest waybill;
	bool was_suspended; /* in the directory that the center had then */
	bool is_open;
};

enum { OPEN_MAX = 256 };

static struct submission open_list[OPEN_MAX];

/* Directories by serial: bit i, gateway i is suspended there. */
static uint32_t suspended_in[1024];

void
check_directory_made(uint64_t serial, uint32_t suspended)
{
	suspended_in[serial % 1024] = suspended;
}

static bool
is_suspended_at(const struct sim_host *center, const char *code)
{
	int host = world_host_of_code(code);
	int64_t serial = serial_at(center, "directory");

	return host >= SIM_GATEWAY && serial > 0 &&
	    (suspended_in[serial % 1024] >> (host - SIM_GATEWAY) & 1u) != 0;
}

static void
watch_submit(const struct sim_host *host, const struct ipc_message *message)
{
	struct message_submit submit;
	struct message_waybill waybill;
	struct submission *free_one = &open_list[0];
	struct error err = { 0 };

	if (codec_decode(message_fields(MESSAGE_SUBMIT), message->body,
		message->len, &submit, &err) < 0 ||
	    codec_decode(message_fields(MESSAGE_WAYBILL), submit.waybill.data,
		submit.waybill.len, &waybill, &err) < 0)
		return;
	/* An offer: nothing is accepted by it; a move is of one delivery. */
	if (submit.upload == 0 || submit.kind == BUNDLE_MOVE)
		return;
	for (int i = 0; i < OPEN_MAX; i++)
		if (!open_list[i].is_open ||
		    open_list[i].start != sim.hosts[open_list[i].center].starts)
			free_one = &open_list[i];
	free_one->center = host->index;
	free_one->id = message->id;
	free_one->start = host->starts;
	free_one->is_open = true;
	free_one->waybill = waybill.waybill;
	memcpy(free_one->sender, waybill.sender, sizeof(free_one->sender));
	free_one->was_suspended = submit.kind == BUNDLE_SUBMISSION &&
	    is_suspended_at(host, waybill.sender);
}

/* The salt tells one statement from any other. */
static int64_t
salt_of(const struct blob *receipt)
{
	static const char mark[] = "\"salt\":\"";
	const char *at = receipt->len == 0
	    ? NULL
	    : memmem(receipt->data, receipt->len, mark, sizeof(mark) - 1);
	uint64_t salt = 0;

	for (int i = 0; at != NULL && i < 15; i++)
		salt = salt * 31 + (uint8_t)at[(int)sizeof(mark) - 1 + i];
	return (int64_t)(salt >> 1);
}

static void
watch_submitted(const struct sim_host *host, const struct ipc_message *message)
{
	struct message_submitted submitted;
	struct error err = { 0 };

	if (codec_decode(message_fields(MESSAGE_SUBMITTED), message->body,
		message->len, &submitted, &err) < 0)
		return;
	for (int i = 0; i < OPEN_MAX; i++) {
		struct submission *one = &open_list[i];
		char digest[DIGEST_TEXT_SIZE];
		char name[NAME_SIZE];
		struct seen *at;

		if (!one->is_open || one->center != host->index ||
		    one->id != message->id || one->start != host->starts)
			continue;
		one->is_open = false;
		check_counts.repeats += submitted.is_repeat;
		if (one->was_suspended && !submitted.is_repeat)
			sim_broken("I6", "%s accepted from %s, suspended",
			    host->name, one->sender);
		digest_format(&one->waybill, digest);
		snprintf(name, sizeof(name), "log/%s/%s", host->name, digest);
		at = seen(name);
		if (at->value >= 0 && at->value != salt_of(&submitted.receipt))
			sim_broken("I2",
			    "%s accepted one waybill twice, with two receipts",
			    host->name);
		at->value = salt_of(&submitted.receipt);
	}
}

/* A promise is worth what a power cut right after it leaves. */
static void
cut_power(void *arg)
{
	sim_host_kill(arg, true);
}

/* Nobody is told before what he is told of is synced (I1). */
static void
watch_promise(struct sim_host *host, uint16_t type)
{
	char path[SIM_PATH_SIZE];
	const struct sim_file *file;
	uint64_t committed;

	snprintf(path, sizeof(path), "%s/%s/rows.db", sim.folder, host->name);
	committed = sim_vfs_committed(path);
	snprintf(path, sizeof(path), "%s/%s/rows.db-wal", sim.folder,
	    host->name);
	file = sim_disk_find(path);
	if (file != NULL && !sim_disk_is_synced(file, committed))
		sim_broken("I1", "%s says %s before its log is synced",
		    host->name, message_name(type));
	if (host->has_failed_rows)
		sim_broken("I1", "%s says %s after its rows failed", host->name,
		    message_name(type));
	if (sim_chance(300))
		sim_at(sim_time() + sim_between(SIM_MS / 5, 5 * SIM_MS), NULL,
		    cut_power, host);
}

static bool
is_promise(const struct ipc_message *message)
{
	return message->type == MESSAGE_SUBMITTED ||
	    message->type == MESSAGE_OFFSET || message->type == MESSAGE_ACTED ||
	    message->type == MESSAGE_DONE;
}

void
sim_watch_ipc(const struct sim_role *from, const struct sim_role *to,
    const struct ipc_message *message)
{
	struct sim_host *host = from->host;

	if (host == NULL || to == NULL || sim.has_failed)
		return;
	if (from->role == ROLE_LISTENER && to->role == ROLE_SPOOLER &&
	    message->type == MESSAGE_SUBMIT)
		watch_submit(host, message);
	if (from->role != ROLE_SPOOLER)
		return;
	if (message->type == MESSAGE_SIGN && host->index < SIM_GATEWAY)
		watch_sign(host, message);
	if (message->type == MESSAGE_DIRECTORY && to->role == ROLE_LISTENER)
		watch_directory(host, message);
	if (message->type == MESSAGE_SUBMITTED)
		watch_submitted(host, message);
	if (to->role == ROLE_LISTENER &&
	    (is_promise(message) ||
		(message->type == MESSAGE_RESPONSE &&
		    host->index >= SIM_GATEWAY)))
		watch_promise(host, message->type);
}
