#include "gateway/search/search.h"

#include "base/bytes.h"
#include "base/error.h"
#include "directory/directory.h"
#include "gateway/search/search_text.h"
#include "model/org.h"
#include "store/query.h"
#include "store/rows.h"

enum side { SIDE_IN, SIDE_OUT };

#define INDEX(name)                                                 \
	"CREATE VIRTUAL TABLE " name " USING fts5(subject, number," \
	" name, content='', columnsize=0, tokenize='ascii');"

/* 0 and 1: what came in, by its place; what was sent, by its row. */
const char search_schema[] = INDEX("inbox_search") INDEX(
    "outbox_search") "CREATE TABLE search_queue ("
		     " side INTEGER NOT NULL, place INTEGER NOT NULL,"
		     " PRIMARY KEY (side, place)) STRICT, WITHOUT ROWID;"
		     "INSERT INTO search_queue SELECT 0, shown FROM inbox_letter"
		     " WHERE shown > 0;"
		     "INSERT INTO search_queue SELECT 1, id FROM outbox_document"
		     " WHERE is_draft = 0;"
		     "CREATE TRIGGER search_came_at_once AFTER INSERT ON inbox_letter"
		     " WHEN NEW.shown > 0"
		     " BEGIN INSERT OR IGNORE INTO search_queue VALUES (0, NEW.shown); END;"
		     "CREATE TRIGGER search_came AFTER UPDATE OF shown ON inbox_letter"
		     " WHEN NEW.shown > 0 AND OLD.shown = 0"
		     " BEGIN INSERT OR IGNORE INTO search_queue VALUES (0, NEW.shown); END;"
		     "CREATE TRIGGER search_sent_at_once AFTER INSERT ON outbox_document"
		     " WHEN NEW.is_draft = 0"
		     " BEGIN INSERT OR IGNORE INTO search_queue VALUES (1, NEW.id); END;"
		     "CREATE TRIGGER search_sent AFTER UPDATE OF is_draft ON outbox_document"
		     " WHEN NEW.is_draft = 0 AND OLD.is_draft <> 0"
		     " BEGIN INSERT OR IGNORE INTO search_queue VALUES (1, NEW.id); END;";

/* The columns of one letter, as pairs. */
struct letter {
	struct bytes subject, number, name;
};

static void
free_letter(struct letter *letter)
{
	bytes_free(&letter->subject);
	bytes_free(&letter->number);
	bytes_free(&letter->name);
}

static void
put_sender(struct letter *letter, const struct directory *directory,
    const char *code)
{
	struct directory_org org;
	struct org_code parsed;

	if (!org_code_parse(code, &parsed))
		return;
	search_put_pairs(&letter->name, code);
	if (directory != NULL && directory_find_org(directory, &parsed, &org))
		search_put_pairs(&letter->name, org.name);
}

/* 1, or 0 when the letter is not there any more. */
static int
read_in(struct rows *rows, const struct directory *directory, int64_t place,
    struct letter *letter, struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows,
		"SELECT subject, reference, receive_number, sender"
		" FROM inbox_letter WHERE shown = ?1 AND shown > 0",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, place);
	found = query_next(query, err);
	if (found > 0) {
		search_put_pairs(&letter->subject, query_text(query, 0));
		search_put_pairs(&letter->number, query_text(query, 1));
		search_put_pairs(&letter->number, query_text(query, 2));
		put_sender(letter, directory, query_text(query, 3));
	}
	query_end(query);
	return found;
}

static int
read_recipients(struct rows *rows, int64_t document, struct letter *letter,
    struct error *err)
{
	struct query *query;
	int more;

	if (query_begin(rows,
		"SELECT d.name, d.recipient FROM outbox_waybill w"
		" JOIN outbox_delivery d ON d.waybill = w.id"
		" WHERE w.document = ?1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, document);
	while ((more = query_next(query, err)) > 0) {
		search_put_pairs(&letter->name, query_text(query, 0));
		search_put_pairs(&letter->name, query_text(query, 1));
	}
	query_end(query);
	return more;
}

static int
read_out(struct rows *rows, int64_t row, struct letter *letter,
    struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows,
		"SELECT subject, reference FROM outbox_document WHERE id = ?1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, row);
	found = query_next(query, err);
	if (found > 0) {
		search_put_pairs(&letter->subject, query_text(query, 0));
		search_put_pairs(&letter->number, query_text(query, 1));
	}
	query_end(query);
	if (found > 0 && read_recipients(rows, row, letter, err) < 0)
		return -1;
	return found;
}

static void
bind(struct query *query, int at, const struct bytes *text)
{
	query_bind_text(query, at,
	    text->len > 0 ? (const char *)text->data : "");
}

static int
put_in(struct rows *rows, enum side side, int64_t place, struct letter *letter,
    struct error *err)
{
	struct bytes *texts[] = { &letter->subject, &letter->number,
		&letter->name };
	struct query *query;

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		bytes_put_u8(texts[i], '\0');
		if (bytes_failed(texts[i], err) < 0)
			return -1;
	}
	if (query_begin(rows,
		side == SIDE_IN
		    ? "INSERT INTO inbox_search (rowid, subject, number, name)"
		      " VALUES (?1, ?2, ?3, ?4)"
		    : "INSERT INTO outbox_search (rowid, subject, number,"
		      " name) VALUES (?1, ?2, ?3, ?4)",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, place);
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		bind(query, (int)i + 2, texts[i]);
	return query_finish(query, err);
}

/* 1 and the next one, which is taken off the queue, or 0. */
static int
take_next(struct rows *rows, int64_t *ret_side, int64_t *ret_place,
    struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows, "SELECT side, place FROM search_queue LIMIT 1",
		&query, err) < 0)
		return -1;
	found = query_next(query, err);
	if (found > 0) {
		*ret_side = query_int(query, 0);
		*ret_place = query_int(query, 1);
	}
	query_end(query);
	if (found <= 0)
		return found;
	if (query_begin(rows,
		"DELETE FROM search_queue WHERE side = ?1 AND place = ?2",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, *ret_side);
	query_bind_int(query, 2, *ret_place);
	return query_finish(query, err) < 0 ? -1 : 1;
}

static int
fill_one(struct rows *rows, const struct directory *directory, enum side side,
    int64_t place, struct error *err)
{
	struct letter letter = { 0 };
	int found = side == SIDE_IN
	    ? read_in(rows, directory, place, &letter, err)
	    : read_out(rows, place, &letter, err);

	if (found > 0)
		found = put_in(rows, side, place, &letter, err);
	free_letter(&letter);
	return found < 0 ? -1 : 0;
}

int
search_fill(struct rows *rows, const struct directory *directory, unsigned max,
    struct error *err)
{
	unsigned count = 0;

	while (count < max) {
		int64_t place;
		int64_t side;
		int found = take_next(rows, &side, &place, err);

		if (found < 0 ||
		    (found > 0 &&
			fill_one(rows, directory, (enum side)side, place, err) <
			    0))
			return -1;
		if (found == 0)
			break;
		count++;
	}
	return (int)count;
}
