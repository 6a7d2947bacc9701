#include "gateway/printing.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "directory/directory.h"
#include "document/document.h"
#include "gateway/inbox/inbox_read.h"
#include "gateway/inbox/inbox_rows.h"
#include "gateway/outbox/outbox_rows.h"
#include "model/times.h"
#include "render/render.h"
#include "role/peer.h"
#include "role/query/queries.h"
#include "store/query.h"
#include "store/store_view.h"

enum { FILES_BYTES_MAX = 48 * 1024 * 1024, SLICE = 65536 };

/* A file of a letter where it lies. */
struct place {
	const char *name;
	uint64_t payload;
	uint64_t offset;
	uint64_t len;
};

const char *
printing_type(enum message_format format)
{
	if (format == MESSAGE_FORMAT_CSV)
		return "text/csv; charset=utf-8";
	return format == MESSAGE_FORMAT_HTML ? "text/html; charset=utf-8"
					     : "application/pdf";
}

void
printing_free(struct printing *printing)
{
	bytes_free(&printing->files);
	bytes_free(&printing->paper);
}

/* ---- files ----------------------------------------------------------- */

static int
read_file(struct queries *queries, const struct place *place, uint64_t wanted,
    struct bytes *to, struct error *err)
{
	while (to->len < wanted) {
		size_t room = wanted - to->len < SLICE
		    ? (size_t)(wanted - to->len)
		    : SLICE;
		uint8_t *at = bytes_extend(to, room);
		size_t len = 0;

		if (at == NULL)
			return bytes_failed(to, err);
		to->len -= room;
		if (store_view_read(queries->view, place->payload,
			place->offset + to->len, at, room, &len, err) < 0)
			return -1;
		to->len += len;
		if (len == 0)
			return error_set_id(err, "E5002", ERROR_MALFORMED,
			    "file %s ends early", place->name);
	}
	return 0;
}

/* Of attachments only the name is shown, and of old envelopes nothing. */
static int
add_file(struct queries *queries, const struct place *place,
    struct bytes *files, struct error *err)
{
	enum document_input_kind kind = document_kind_of_name(place->name);
	uint64_t wanted = document_input_max(kind);
	struct message_check_file item = { .len = place->len };
	struct bytes data = { 0 };
	int rc = 0;

	if (kind == DOCUMENT_ATTACHMENT || kind == DOCUMENT_ENVELOPE)
		wanted = 0;
	if (!text_copy(item.name, sizeof(item.name), place->name))
		return error_set(err, ERROR_SYSTEM, "a file name is too long");
	rc = read_file(queries, place,
	    place->len < wanted ? place->len : wanted, &data, err);
	item.data = blob_of_bytes(&data);
	if (rc == 0)
		message_list_add(files, MESSAGE_CHECK_FILE, &item);
	bytes_free(&data);
	if (rc == 0 && files->len > FILES_BYTES_MAX)
		rc = error_set_id(err, "E4205", ERROR_MALFORMED,
		    "letter and rosters are longer than %d bytes",
		    FILES_BYTES_MAX);
	return rc < 0 ? -1 : bytes_failed(files, err);
}

/* Columns name, payload, offset, len; frees the query. */
static int
add_files(struct queries *queries, struct query *query, struct bytes *files,
    struct error *err)
{
	int more;

	while ((more = query_next(query, err)) > 0) {
		struct place place = { query_text(query, 0),
			(uint64_t)query_int(query, 1),
			(uint64_t)query_int(query, 2),
			(uint64_t)query_int(query, 3) };

		if (add_file(queries, &place, files, err) < 0) {
			more = -1;
			break;
		}
	}
	query_end(query);
	return more;
}

/* ---- the inbox ------------------------------------------------------- */

/* What a program can read off the seam mark: which letter, and its bytes. */
static void
put_verify(const struct inbox_row *row, const struct inbox_row *has,
    char to[MESSAGE_VERIFY_SIZE])
{
	char id[ID_TEXT_SIZE];
	char digest[DIGEST_TEXT_SIZE];

	id_format(&row->waybill_id, id);
	digest_format(&has->package, digest);
	snprintf(to, MESSAGE_VERIFY_SIZE, "yizhan:%s/%s?sha256=%s", id,
	    row->recipient.text, digest);
}

static void
put_received(struct queries *queries, const struct inbox_row *row,
    const struct inbox_row *has, struct message_render *ask)
{
	const struct directory *directory = queries_directory(queries);

	ask->is_received = true;
	ask->created_at = has->received_at;
	times_format_roc(has->received_at, ask->time);
	text_copy(ask->number, sizeof(ask->number), has->receive_number);
	put_verify(row, has, ask->verify);
	text_copy(ask->recipient, sizeof(ask->recipient), row->recipient.text);
	text_copy(ask->name, sizeof(ask->name),
	    directory_name_of(directory, row->recipient.text));
}

int
printing_of_inbox(struct queries *queries, struct rows *rows,
    const struct id *waybill_id, const struct org_code *recipient,
    struct printing *printing, struct error *err)
{
	struct inbox_row row, has;
	struct query *query;

	if (inbox_find_letter(rows, waybill_id, recipient, &row, &has, err) <
		0 ||
	    query_begin(rows,
		"SELECT name, ?2, offset, len FROM inbox_file"
		" WHERE letter = ?1 ORDER BY position",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, has.row);
	query_bind_int(query, 2, (int64_t)has.payload);
	if (add_files(queries, query, &printing->files, err) < 0)
		return -1;
	put_received(queries, &row, &has, &printing->ask);
	return 0;
}

/* ---- the outbox ------------------------------------------------------ */

/* Flags 2 and 4: to be changed to paper, and a paper copy besides. */
enum { PAPER_FLAGS = 2 + 4 };

/*
 * Whether the letter went to `recipient`; the stamp says that it goes on paper,
 * for nobody signed for what was exchanged.
 */
static int
check_recipient(struct rows *rows, int64_t document, const char *recipient,
    char stamp[MESSAGE_STAMP_SIZE], struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows,
		"SELECT state, flags FROM outbox_delivery WHERE recipient = ?2"
		" AND waybill IN (SELECT id FROM outbox_waybill"
		" WHERE document = ?1) LIMIT 1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, document);
	query_bind_text(query, 2, recipient);
	found = query_next(query, err);
	if (found > 0 &&
	    (query_int(query, 0) == DELIVERY_PAPER ||
		(query_int(query, 0) != DELIVERY_CONFIRMED &&
		    (query_int(query, 1) & PAPER_FLAGS) != 0)))
		text_copy(stamp, MESSAGE_STAMP_SIZE, "已電子交換未確認");
	query_end(query);
	if (found == 0)
		return error_set_id(err, "E4318", ERROR_NOT_FOUND,
		    "the letter was not sent to %.20s", recipient);
	return found < 0 ? -1 : 0;
}

/* The sender's own copy: 已電子交換 once all have it, and nobody paper. */
static int
stamp_transcript(struct rows *rows, int64_t document,
    char stamp[MESSAGE_STAMP_SIZE], struct error *err)
{
	struct query *query;
	int more;

	if (query_begin(rows,
		"SELECT count(*), sum(state = ?2) FROM outbox_delivery"
		" WHERE waybill IN (SELECT id FROM outbox_waybill"
		" WHERE document = ?1)",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, document);
	query_bind_int(query, 2, DELIVERY_CONFIRMED);
	more = query_next(query, err);
	if (more > 0 && query_int(query, 0) > 0 &&
	    query_int(query, 0) == query_int(query, 1))
		text_copy(stamp, MESSAGE_STAMP_SIZE, "已電子交換");
	query_end(query);
	return more < 0 ? -1 : 0;
}

/* The document, and its files on their way to the printer. */
static int
begin_outbox(struct queries *queries, struct rows *rows,
    const struct id *document_id, struct outbox_document *ret_document,
    struct printing *printing, struct error *err)
{
	struct query *query;
	int found = outbox_document_find(rows, document_id, ret_document, err);

	if (found == 0 || (found > 0 && ret_document->is_draft))
		return error_set_id(err, "E4208", ERROR_NOT_FOUND,
		    "no such letter was sent here");
	if (found < 0 ||
	    query_begin(rows,
		"SELECT name, payload, 0, len FROM outbox_file"
		" WHERE document = ?1 ORDER BY position",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, ret_document->row);
	printing->ask.created_at = ret_document->created_at;
	return add_files(queries, query, &printing->files, err);
}

int
printing_of_outbox(struct queries *queries, struct rows *rows,
    const struct id *document_id, const char *recipient,
    struct printing *printing, struct error *err)
{
	struct message_render *ask = &printing->ask;
	struct outbox_document document;

	if (begin_outbox(queries, rows, document_id, &document, printing, err) <
	    0)
		return -1;
	ask->mark = recipient[0] != '\0' ? RENDER_MARK_ORIGINAL
					 : RENDER_MARK_TRANSCRIPT;
	text_copy(ask->recipient, sizeof(ask->recipient), recipient);
	return recipient[0] != '\0'
	    ? check_recipient(rows, document.row, recipient, ask->stamp, err)
	    : stamp_transcript(rows, document.row, ask->stamp, err);
}

/* The codes of those who were changed to paper, a line each. */
static int
put_paper(struct rows *rows, int64_t document, struct bytes *to,
    struct error *err)
{
	struct query *query;
	int more;

	if (query_begin(rows,
		"SELECT recipient FROM outbox_delivery WHERE waybill IN"
		" (SELECT id FROM outbox_waybill WHERE document = ?1)"
		" AND (state = ?2 OR flags & ?3 <> 0)",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, document);
	query_bind_int(query, 2, DELIVERY_PAPER);
	query_bind_int(query, 3, PAPER_FLAGS);
	while ((more = query_next(query, err)) > 0) {
		bytes_put_text(to, query_text(query, 0));
		bytes_put_u8(to, '\n');
	}
	query_end(query);
	return more < 0 ? -1 : bytes_failed(to, err);
}

int
printing_of_recipients(struct queries *queries, struct rows *rows,
    const struct id *document_id, struct printing *printing, struct error *err)
{
	struct outbox_document document;

	printing->ask.is_list = true;
	if (begin_outbox(queries, rows, document_id, &document, printing, err) <
	    0)
		return -1;
	return put_paper(rows, document.row, &printing->paper, err);
}

/* ---- drafts ---------------------------------------------------------- */

int
printing_of_draft(struct queries *queries, struct rows *rows, int64_t draft,
    int64_t made_at, struct printing *printing, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"SELECT name, payload, 0, len FROM draft_file"
		" WHERE draft = ?1 ORDER BY position",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, draft);
	printing->ask.created_at = made_at;
	return add_files(queries, query, &printing->files, err);
}

/* ---- asking ---------------------------------------------------------- */

enum { PUBLIC_MAX = 2 };

int
printing_public_begin(struct printing *printing, unsigned *places,
    struct error *err)
{
	if (*places >= PUBLIC_MAX)
		return error_set(err, ERROR_BUSY,
		    "%d others are being shown a notice", PUBLIC_MAX);
	printing->places = places;
	return 0;
}

struct question {
	unsigned *places; /* of strangers, or NULL */
	struct peer *asker;
	uint32_t id;
	enum message_format format;
};

static void
on_rendered(void *ctx, struct ipc_message *message)
{
	struct question *question = ctx;
	struct message_response response = { .status = 200 };
	struct message_rendered rendered;
	struct error err = { 0 };

	if (message_read(message, MESSAGE_RENDERED, &rendered, &err) < 0) {
		peer_refuse(question->asker, question->id, &err);
	} else {
		text_copy(response.type, sizeof(response.type),
		    printing_type(question->format));
		response.body = rendered.data;
		response.pages = rendered.pages;
		memcpy(response.missing, rendered.missing,
		    sizeof(response.missing));
		peer_tell(question->asker, MESSAGE_RESPONSE, question->id,
		    &response, -1);
	}
	if (question->places != NULL)
		--*question->places;
	free(question);
}

void
printing_ask(struct printing *printing, enum message_format format,
    struct peer *printer, struct peer *asker, uint32_t id)
{
	struct question *question = malloc(sizeof(*question));
	struct error err = { 0 };

	printing->ask.format = (uint8_t)format;
	printing->ask.files = blob_of_bytes(&printing->files);
	printing->ask.paper = blob_of_bytes(&printing->paper);
	if (question == NULL) {
		error_set_memory(&err);
	} else {
		*question =
		    (struct question){ printing->places, asker, id, format };
		if (printing->places != NULL)
			++*printing->places;
		if (peer_ask(printer, MESSAGE_RENDER, &printing->ask, -1,
			on_rendered, question, NULL, &err) == 0)
			return;
		if (printing->places != NULL)
			--*printing->places;
	}
	free(question);
	peer_refuse(asker, id, &err);
}
