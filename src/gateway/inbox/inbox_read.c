#include "gateway/inbox/inbox_read.h"

#include <stdio.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "directory/directory.h"
#include "gateway/desk/desk.h"
#include "gateway/inbox/inbox.h"
#include "gateway/inbox/inbox_events.h"
#include "gateway/inbox/inbox_history.h"
#include "gateway/inbox/inbox_review.h"
#include "gateway/search/search_text.h"
#include "gateway/words.h"
#include "http/http_path.h"
#include "json/json_write.h"
#include "model/resend.h"
#include "role/status/status_rows.h"
#include "store/query.h"
#include "store/rows.h"
#include "sys/clock.h"

enum { PLACE_SIZE = 24 };

/* ---- one letter ------------------------------------------------------ */

/* "" for no id. */
static void
write_id(struct json_writer *writer, const char *key, const struct id *id)
{
	if (id_is_nil(id))
		json_write_text(writer, key, "");
	else
		json_write_id(writer, key, id);
}

static int
write_files(struct rows *rows, int64_t row, struct json_writer *writer,
    struct error *err)
{
	struct query *query;
	struct digest digest;
	int more;

	if (query_begin(rows,
		"SELECT name, len, digest FROM inbox_file WHERE letter = ?1"
		" ORDER BY position",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, row);
	json_write_begin_array(writer, "files");
	while ((more = query_next(query, err)) > 0) {
		query_digest(query, 2, &digest);
		json_write_begin_object(writer, NULL);
		json_write_text(writer, "name", query_text(query, 0));
		json_write_int(writer, "length", query_int(query, 1));
		json_write_digest(writer, "sha256", &digest);
		json_write_end(writer);
	}
	json_write_end(writer);
	query_end(query);
	return more;
}

static void
write_names(const struct inbox_row *row, const struct directory *directory,
    struct json_writer *writer)
{
	json_write_id(writer, "waybill_id", &row->waybill_id);
	json_write_org(writer, "recipient", &row->recipient);
	json_write_text(writer, "recipient_name",
	    directory_name_of(directory, row->recipient.text));
	write_id(writer, "document_id", &row->document_id);
	json_write_text(writer, "sender", row->sender.text);
	json_write_text(writer, "sender_name",
	    directory_name_of(directory, row->sender.text));
}

static void
write_package(const struct inbox_row *row, struct json_writer *writer)
{
	json_write_int(writer, "message", row->message);
	write_id(writer, "earlier", &row->earlier);
	if (row->package_len > 0)
		json_write_digest(writer, "package", &row->package);
	else
		json_write_text(writer, "package", "");
	json_write_int(writer, "package_length", (int64_t)row->package_len);
}

/*
 * Letters of the same sender to the same recipient that are about this one, the
 * newest last, and what that makes of it.  Nobody else's word counts.
 */
static int
write_later(struct rows *rows, const struct inbox_row *row,
    struct json_writer *writer, struct error *err)
{
	enum resend_effect effect = RESEND_NONE;
	struct query *query;
	int more;

	if (query_begin(rows,
		"SELECT waybill_id, document_id, message FROM inbox_letter"
		" WHERE earlier = ?1 AND message > 0 AND sender = ?2"
		" AND recipient = ?3 AND payload > 0 ORDER BY shown",
		&query, err) < 0)
		return -1;
	query_bind_id(query, 1, &row->document_id);
	query_bind_text(query, 2, row->sender.text);
	query_bind_text(query, 3, row->recipient.text);
	json_write_begin_array(writer, "later");
	while ((more = query_next(query, err)) > 0) {
		struct id id;

		effect = resend_effect((int)query_int(query, 2));
		json_write_begin_object(writer, NULL);
		query_id(query, 0, &id);
		json_write_id(writer, "waybill_id", &id);
		query_id(query, 1, &id);
		json_write_id(writer, "document_id", &id);
		json_write_int(writer, "message", query_int(query, 2));
		json_write_end(writer);
	}
	json_write_end(writer);
	query_end(query);
	json_write_text(writer, "superseded", resend_effect_name(effect));
	return more;
}

/* Who signed it, and how that certificate stands now: "" before it is opened. */
static int
write_signer(struct rows *rows, const struct directory *directory, int64_t row,
    struct json_writer *writer, struct error *err)
{
	enum revocation_grade grade = REVOCATION_UNWATCHED;
	struct directory_owner owner;
	struct status_row known;
	struct digest signer;
	int found = inbox_row_signer(rows, row, &signer, err);

	if (found <= 0) {
		json_write_text(writer, "signer", "");
		json_write_text(writer, "signer_standing", "");
		return found;
	}
	found = status_row_find(rows, &signer, &known, err);
	if (found < 0)
		return -1;
	if (found > 0)
		grade = revocation_grade(&known.facts, clock_now_ms());
	if (directory != NULL &&
	    directory_find_owner(directory, &signer, &owner) &&
	    owner.state == KEY_REVOKED)
		grade = REVOCATION_IS_REVOKED;
	json_write_digest(writer, "signer", &signer);
	json_write_text(writer, "signer_standing",
	    revocation_grade_name(grade));
	return 0;
}

/* What was learned of its sender afterwards: "" for nothing. */
static int
write_doubt(struct rows *rows, int64_t row, struct json_writer *writer,
    struct error *err)
{
	char doubt[ERROR_ID_SIZE];

	if (inbox_review_doubt(rows, row, doubt, err) < 0)
		return -1;
	json_write_text(writer, "doubt", doubt);
	return 0;
}

/* `has`: the row that has the letter, this one or the first entry of it. */
static int
write_letter(struct rows *rows, const struct directory *directory,
    const struct inbox_row *row, const struct inbox_row *has,
    struct json_writer *writer, struct error *err)
{
	char subject[MESSAGE_SUBJECT_SIZE];
	char reference[MESSAGE_REFERENCE_SIZE];

	if (inbox_row_letter(rows, has->row, subject, reference, err) < 0)
		return -1;
	json_write_begin_object(writer, NULL);
	write_names(row, directory, writer);
	json_write_text(writer, "reference", reference);
	json_write_text(writer, "subject", subject);
	json_write_text(writer, "speed", speed_name(row->speed));
	json_write_text(writer, "receive_number", has->receive_number);
	json_write_time(writer, "received_at", row->received_at);
	json_write_text(writer, "state", inbox_state_name(row->state));
	json_write_text(writer, "reason", act_reason_name(row->reason));
	json_write_text(writer, "notice", act_reason_name(row->notice));
	if (words_write(rows, WORDS_RECEIVED, has->row, writer, err) < 0)
		return -1;
	write_package(row, writer);
	if (desk_write_assigned(rows, directory, has, writer, err) < 0 ||
	    inbox_history_write(rows, has->row, writer, err) < 0 ||
	    write_signer(rows, directory, has->row, writer, err) < 0 ||
	    write_doubt(rows, has->row, writer, err) < 0 ||
	    write_later(rows, row, writer, err) < 0 ||
	    write_files(rows, has->row, writer, err) < 0 ||
	    inbox_event_write(rows, row->row, writer, err) < 0)
		return -1;
	json_write_end(writer);
	return 0;
}

/* The letter by its names; `ret_has` is the row with its package. */
static int
find_letter(struct rows *rows, const struct id *waybill_id,
    const struct org_code *recipient, struct inbox_row *ret_row,
    struct inbox_row *ret_has, struct error *err)
{
	int found =
	    inbox_row_find_name(rows, waybill_id, recipient, ret_row, err);

	if (found > 0) {
		*ret_has = *ret_row;
		if (ret_row->first != 0)
			found =
			    inbox_row_find(rows, ret_row->first, ret_has, err);
	}
	if (found == 0)
		return error_set_id(err, "E4314", ERROR_NOT_FOUND,
		    "no such letter for %s", recipient->text);
	return found < 0 ? -1 : 0;
}

int
inbox_read_one(struct rows *rows, const struct directory *directory,
    const struct id *waybill_id, const struct org_code *recipient,
    struct json_writer *writer, struct error *err)
{
	struct inbox_row row, has;

	if (find_letter(rows, waybill_id, recipient, &row, &has, err) < 0)
		return -1;
	return write_letter(rows, directory, &row, &has, writer, err);
}

int
inbox_read_receipts(struct rows *rows, const struct id *waybill_id,
    const struct org_code *recipient, struct json_writer *writer,
    struct error *err)
{
	struct inbox_row row, has;

	if (find_letter(rows, waybill_id, recipient, &row, &has, err) < 0)
		return -1;
	json_write_begin_object(writer, NULL);
	if (inbox_event_write_receipts(rows, row.row, recipient->text, writer,
		err) < 0)
		return -1;
	json_write_end(writer);
	return 0;
}

int
inbox_read_entry(struct rows *rows, const struct directory *directory,
    int64_t entry, struct json_writer *writer, struct error *err)
{
	struct inbox_row row;

	if (inbox_row_find(rows, entry, &row, err) <= 0)
		return -1;
	return write_letter(rows, directory, &row, &row, writer, err);
}

/* ---- lists ----------------------------------------------------------- */

static void
write_place(struct json_writer *writer, int64_t place)
{
	char text[PLACE_SIZE];

	snprintf(text, sizeof(text), "%lld", (long long)place);
	json_write_text(writer, "next", text);
}

/* The letters of a list; `ret_place` becomes that of the last one. */
static int
write_list(struct rows *rows, const struct directory *directory,
    const int64_t *list, size_t count, struct json_writer *writer,
    int64_t *ret_place, struct error *err)
{
	struct inbox_row row;

	json_write_begin_array(writer, "documents");
	for (size_t i = 0; i < count; i++) {
		if (inbox_row_find(rows, list[i], &row, err) <= 0 ||
		    write_letter(rows, directory, &row, &row, writer, err) < 0)
			return -1;
		*ret_place = row.shown;
	}
	json_write_end(writer);
	return 0;
}

static int
parse_place(const char *text, int64_t if_empty, int64_t *ret_place,
    struct error *err)
{
	uint64_t place;

	if (text == NULL || text[0] == '\0') {
		*ret_place = if_empty;
		return 0;
	}
	if (!text_parse_u64(text, INT64_MAX, &place))
		return error_set_id(err, "E4315", ERROR_MALFORMED,
		    "cursor %.40s", text);
	*ret_place = (int64_t)place;
	return 0;
}

static int
parse_state(const char *text, enum inbox_state *ret_state, struct error *err)
{
	*ret_state = INBOX_STATE_COUNT;
	if (text == NULL || text[0] == '\0' ||
	    inbox_state_parse(text, ret_state))
		return 0;
	return error_set_id(err, "E4315", ERROR_MALFORMED, "state %.40s", text);
}

static int
parse_assigned(const struct inbox_list_ask *ask, struct inbox_filter *filter,
    struct error *err)
{
	uint64_t person = 0;

	if (ask->person[0] != '\0' &&
	    !text_parse_u64(ask->person, INT64_MAX, &person))
		return error_set_id(err, "E4315", ERROR_MALFORMED,
		    "person %.40s", ask->person);
	filter->assignee = (int64_t)person;
	if (text_equal(ask->unit, "none"))
		filter->unit = "";
	else if (ask->unit[0] != '\0')
		filter->unit = ask->unit;
	return 0;
}

/* `question` holds what the filter points to. */
static int
parse_text(const char *text, struct bytes *question,
    struct inbox_filter *filter, struct error *err)
{
	if (text == NULL || text[0] == '\0')
		return 0;
	if (search_put_question(question, text, err) < 0)
		return -1;
	bytes_put_u8(question, '\0');
	filter->question = (const char *)question->data;
	return bytes_failed(question, err);
}

static unsigned
limit_of(uint64_t limit)
{
	if (limit == 0)
		return INBOX_LIST_DEFAULT;
	return limit < INBOX_LIST_MAX ? (unsigned)limit : INBOX_LIST_MAX;
}

int
inbox_read_list(struct rows *rows, const struct directory *directory,
    const struct inbox_list_ask *ask, struct json_writer *writer,
    struct error *err)
{
	int64_t list[INBOX_LIST_MAX + 1];
	struct inbox_filter filter = { .view = ask->view,
		.is_folded = ask->is_folded };
	struct bytes question = { 0 };
	int64_t place;
	size_t count = 0;
	size_t max = limit_of(ask->limit);
	int rc = -1;

	/* One more than asked for tells whether there is another page. */
	if (parse_place(ask->cursor, INT64_MAX, &place, err) == 0 &&
	    parse_state(ask->state, &filter.state, err) == 0 &&
	    parse_assigned(ask, &filter, err) == 0 &&
	    parse_text(ask->text, &question, &filter, err) == 0)
		rc = inbox_row_list_before(rows, place, &filter, list, max + 1,
		    &count, err);
	bytes_free(&question);
	if (rc < 0)
		return -1;
	json_write_begin_object(writer, NULL);
	if (write_list(rows, directory, list, count < max ? count : max, writer,
		&place, err) < 0)
		return -1;
	if (count > max)
		write_place(writer, place);
	else
		json_write_text(writer, "next", "");
	json_write_end(writer);
	return 0;
}

/* ---- news ------------------------------------------------------------ */

static int
parse_number(const struct http_target *target, const char *name, uint64_t max,
    uint64_t *ret_number, struct error *err)
{
	const char *text = http_target_param(target, name);

	*ret_number = 0;
	if (text == NULL || text_parse_u64(text, UINT64_MAX, ret_number)) {
		*ret_number = *ret_number < max ? *ret_number : max;
		return 0;
	}
	return error_set_id(err, "E4315", ERROR_MALFORMED, "%s %.40s", name,
	    text);
}

int
inbox_news_parse(struct rows *rows, const struct http_target *target,
    struct inbox_news *ret_news, uint64_t *ret_wait_s, struct error *err)
{
	int64_t next;
	uint64_t limit;

	if (parse_number(target, "limit", INBOX_LIST_MAX, &limit, err) < 0 ||
	    parse_number(target, "wait", INBOX_WAIT_MAX_S, ret_wait_s, err) <
		0 ||
	    inbox_row_next_place(rows, &next, err) < 0)
		return -1;
	ret_news->limit = limit_of(limit);
	if (parse_state(http_target_param(target, "state"), &ret_news->state,
		err) < 0)
		return -1;
	return parse_place(http_target_param(target, "after"), next - 1,
	    &ret_news->after, err);
}

int
inbox_read_news(struct rows *rows, const struct directory *directory,
    const struct inbox_news *news, struct json_writer *writer,
    struct error *err)
{
	const struct inbox_filter filter = { .state = news->state,
		.view = &news->view };
	int64_t list[INBOX_LIST_MAX];
	int64_t place = news->after;
	size_t count;

	if (inbox_row_list_after(rows, news->after, &filter, list, news->limit,
		&count, err) < 0)
		return -1;
	json_write_begin_object(writer, NULL);
	if (write_list(rows, directory, list, count, writer, &place, err) < 0)
		return -1;
	write_place(writer, place);
	json_write_end(writer);
	return (int)count;
}

/* ---- bytes ----------------------------------------------------------- */

int
inbox_find_letter(struct rows *rows, const struct id *waybill_id,
    const struct org_code *recipient, struct inbox_row *ret_row,
    struct inbox_row *ret_has, struct error *err)
{
	if (find_letter(rows, waybill_id, recipient, ret_row, ret_has, err) < 0)
		return -1;
	if (ret_has->payload == 0)
		return error_set_id(err, "E4312", ERROR_NOT_FOUND,
		    "the letter is %s", inbox_state_name(ret_row->state));
	return 0;
}

int
inbox_find_package(struct rows *rows, const struct id *waybill_id,
    const struct org_code *recipient, struct inbox_bytes *ret_bytes,
    struct error *err)
{
	struct inbox_row row, has;

	if (inbox_find_letter(rows, waybill_id, recipient, &row, &has, err) < 0)
		return -1;
	*ret_bytes = (struct inbox_bytes){ .payload = has.payload,
		.len = has.package_len };
	return 0;
}

int
inbox_find_file(struct rows *rows, const struct id *waybill_id,
    const struct org_code *recipient, unsigned index,
    struct inbox_bytes *ret_bytes, struct error *err)
{
	struct inbox_row row, has;
	struct query *query;
	int found;

	if (inbox_find_letter(rows, waybill_id, recipient, &row, &has, err) <
		0 ||
	    query_begin(rows,
		"SELECT name, offset, len FROM inbox_file WHERE letter = ?1"
		" AND position = ?2",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, has.row);
	query_bind_int(query, 2, index);
	found = query_next(query, err);
	if (found > 0) {
		ret_bytes->payload = has.payload;
		ret_bytes->offset = (uint64_t)query_int(query, 1);
		ret_bytes->len = (uint64_t)query_int(query, 2);
		if (!text_copy(ret_bytes->name, sizeof(ret_bytes->name),
			query_text(query, 0)))
			found = error_set(err, ERROR_SYSTEM,
			    "name of file %u is too long", index);
	}
	query_end(query);
	if (found == 0)
		return error_set(err, ERROR_NOT_FOUND, "no file %u", index);
	return found < 0 ? -1 : 0;
}
