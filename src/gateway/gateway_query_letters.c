/*
 * Answers about letters, at the query role of a gateway: what was sent, what
 * came in, and what was lost.
 */
#include "base/error.h"
#include "base/text.h"
#include "gateway/evidence/evidence_export.h"
#include "gateway/gateway_query_internal.h"
#include "gateway/inbox/inbox_waiting.h"
#include "gateway/lost/lost.h"
#include "gateway/outbox/outbox_overview.h"
#include "gateway/outbox/outbox_review.h"
#include "model/id.h"
#include "model/org.h"
#include "role/query/queries.h"
#include "service/config.h"

static const char evidence_type[] = "application/zip";

enum { FILES_MAX = 2000 };

/* ---- which one ------------------------------------------------------- */

static int
read_id(const struct gateway_asked *asked, struct id *ret_id, struct error *err)
{
	if (id_parse(asked->segments.text[0], ret_id))
		return 0;
	return error_set(err, ERROR_NOT_FOUND, "%s is no id",
	    asked->segments.text[0]);
}

static int
read_delivery(const struct gateway_asked *asked, struct id *ret_id,
    struct org_code *ret_code, struct error *err)
{
	if (read_id(asked, ret_id, err) < 0)
		return -1;
	if (org_code_parse(asked->segments.text[1], ret_code))
		return 0;
	return error_set(err, ERROR_NOT_FOUND, "%s is no code",
	    asked->segments.text[1]);
}

/* ---- answers --------------------------------------------------------- */

int
gateway_query_outbox_list(struct gateway_asked *asked, struct error *err)
{
	unsigned limit;

	if (gateway_query_limit(asked, &limit, err) < 0)
		return -1;
	return outbox_read_list(&asked->reading,
	    gateway_query_param(asked, "q"),
	    gateway_query_param(asked, "cursor"), limit, &asked->writer, err);
}

int
gateway_query_outbox_one(struct gateway_asked *asked, struct error *err)
{
	struct id id;

	if (read_id(asked, &id, err) < 0)
		return -1;
	return outbox_read_one(&asked->reading, &id, &asked->writer, err);
}

int
gateway_query_outbox_receipts(struct gateway_asked *asked, struct error *err)
{
	struct id id;

	if (read_id(asked, &id, err) < 0)
		return -1;
	return outbox_read_receipts(asked->reading.rows, &id, &asked->writer,
	    err);
}

int
gateway_query_overview(struct gateway_asked *asked, struct error *err)
{
	json_write_begin_object(&asked->writer, NULL);
	if (outbox_overview_sums(&asked->reading, &asked->writer, err) < 0 ||
	    inbox_waiting_sums(asked->reading.rows, &asked->view,
		&asked->writer, err) < 0)
		return -1;
	json_write_end(&asked->writer);
	return 0;
}

int
gateway_query_deliveries(struct gateway_asked *asked, struct error *err)
{
	struct outbox_overview_ask ask = {
		.age = gateway_query_param(asked, "age"),
		.state = gateway_query_param(asked, "state"),
		.only_trouble =
		    text_equal(gateway_query_param(asked, "trouble"), "1"),
		.cursor = gateway_query_param(asked, "cursor"),
	};

	if (gateway_query_limit(asked, &ask.limit, err) < 0)
		return -1;
	return outbox_overview_list(&asked->reading, &ask, &asked->writer, err);
}

int
gateway_query_review(struct gateway_asked *asked, struct error *err)
{
	unsigned limit;

	if (gateway_query_limit(asked, &limit, err) < 0)
		return -1;
	return outbox_review_read(&asked->reading,
	    gateway_query_param(asked, "cursor"), limit, &asked->writer, err);
}

int
gateway_query_reviews(struct gateway_asked *asked, struct error *err)
{
	const struct outbox_reviews_ask ask = {
		.reviewer = gateway_query_param(asked, "reviewer"),
		.since = gateway_query_param(asked, "since"),
		.cursor = gateway_query_param(asked, "cursor"),
	};
	bool is_table = text_equal(gateway_query_param(asked, "as"), "csv");
	unsigned limit;

	if (gateway_query_limit(asked, &limit, err) < 0)
		return -1;
	if (!is_table)
		return outbox_reviews_read(&asked->reading, &ask, limit,
		    &asked->writer, err);
	asked->type = "text/csv; charset=utf-8";
	return outbox_reviews_put_csv(&asked->reading, &ask, &asked->json, err);
}

int
gateway_query_inbox_list(struct gateway_asked *asked, struct error *err)
{
	unsigned limit;

	if (gateway_query_limit(asked, &limit, err) < 0)
		return -1;
	if (text_equal(gateway_query_param(asked, "order"), "urgent") &&
	    gateway_query_param(asked, "q")[0] == '\0')
		return inbox_waiting_list(asked->reading.rows,
		    asked->reading.directory,
		    &(struct inbox_waiting_ask){
			.cursor = gateway_query_param(asked, "cursor"),
			.speed = gateway_query_param(asked, "speed"),
			.view = &asked->view,
			.limit = limit },
		    &asked->writer, err);
	return inbox_read_list(asked->reading.rows, asked->reading.directory,
	    &(struct inbox_list_ask){ .cursor =
					  gateway_query_param(asked, "cursor"),
		.state = gateway_query_param(asked, "state"),
		.unit = gateway_query_param(asked, "unit"),
		.person = gateway_query_param(asked, "person"),
		.text = gateway_query_param(asked, "q"),
		.is_folded =
		    text_equal(gateway_query_param(asked, "fold"), "1"),
		.view = &asked->view,
		.limit = limit },
	    &asked->writer, err);
}

int
gateway_query_inbox_one(struct gateway_asked *asked, struct error *err)
{
	struct org_code code;
	struct id id;

	if (read_delivery(asked, &id, &code, err) < 0)
		return -1;
	return inbox_read_one(asked->reading.rows, asked->reading.directory,
	    &id, &code, &asked->writer, err);
}

int
gateway_query_inbox_receipts(struct gateway_asked *asked, struct error *err)
{
	struct org_code code;
	struct id id;

	if (read_delivery(asked, &id, &code, err) < 0)
		return -1;
	return inbox_read_receipts(asked->reading.rows, &id, &code,
	    &asked->writer, err);
}

int
gateway_query_inbox_package(struct gateway_asked *asked, struct error *err)
{
	struct org_code code;
	struct id id;

	if (read_delivery(asked, &id, &code, err) < 0)
		return -1;
	return inbox_find_package(asked->reading.rows, &id, &code,
	    &asked->bytes, err);
}

int
gateway_query_inbox_file(struct gateway_asked *asked, struct error *err)
{
	struct org_code code;
	struct id id;
	uint64_t index;

	if (read_delivery(asked, &id, &code, err) < 0)
		return -1;
	if (!text_parse_u64(asked->segments.text[2], FILES_MAX, &index))
		return error_set(err, ERROR_NOT_FOUND, "%s is no file",
		    asked->segments.text[2]);
	return inbox_find_file(asked->reading.rows, &id, &code, (unsigned)index,
	    &asked->bytes, err);
}

static int
print_inbox(struct gateway_asked *asked, enum message_format format,
    struct error *err)
{
	struct org_code code;
	struct id id;

	if (read_delivery(asked, &id, &code, err) < 0)
		return -1;
	asked->format = format;
	return printing_of_inbox(asked->queries, asked->reading.rows, &id,
	    &code, &asked->printing, err);
}

int
gateway_query_inbox_print(struct gateway_asked *asked, struct error *err)
{
	return print_inbox(asked, MESSAGE_FORMAT_PDF, err);
}

int
gateway_query_inbox_view(struct gateway_asked *asked, struct error *err)
{
	return print_inbox(asked, MESSAGE_FORMAT_HTML, err);
}

static int
print_outbox(struct gateway_asked *asked, enum message_format format,
    struct error *err)
{
	const char *recipient = gateway_query_param(asked, "recipient");
	struct org_code code;
	struct id id;

	if (read_id(asked, &id, err) < 0)
		return -1;
	if (recipient[0] != '\0' && !org_code_parse(recipient, &code))
		return error_set_id(err, "E6204", ERROR_MALFORMED,
		    "recipient must be the code of an organisation");
	asked->format = format;
	return printing_of_outbox(asked->queries, asked->reading.rows, &id,
	    recipient, &asked->printing, err);
}

int
gateway_query_outbox_print(struct gateway_asked *asked, struct error *err)
{
	return print_outbox(asked, MESSAGE_FORMAT_PDF, err);
}

int
gateway_query_outbox_view(struct gateway_asked *asked, struct error *err)
{
	return print_outbox(asked, MESSAGE_FORMAT_HTML, err);
}

int
gateway_query_outbox_recipients(struct gateway_asked *asked, struct error *err)
{
	struct id id;

	if (read_id(asked, &id, err) < 0)
		return -1;
	asked->format = text_equal(gateway_query_param(asked, "as"), "csv")
	    ? MESSAGE_FORMAT_CSV
	    : MESSAGE_FORMAT_PDF;
	return printing_of_recipients(asked->queries, asked->reading.rows, &id,
	    &asked->printing, err);
}

static const char *
environment_of(const struct gateway_asked *asked)
{
	return asked->queries->env->config->host.environment;
}

int
gateway_query_outbox_evidence(struct gateway_asked *asked, struct error *err)
{
	struct org_code code;
	struct id id;

	if (read_id(asked, &id, err) < 0)
		return -1;
	if (!org_code_parse(gateway_query_param(asked, "recipient"), &code))
		return error_set_id(err, "E6204", ERROR_MALFORMED,
		    "recipient must be the code of one recipient");
	asked->type = evidence_type;
	return evidence_export_sent(asked->reading.rows,
	    asked->reading.directory, environment_of(asked), &id, &code,
	    &asked->json, err);
}

int
gateway_query_inbox_evidence(struct gateway_asked *asked, struct error *err)
{
	struct org_code code;
	struct id id;

	if (read_delivery(asked, &id, &code, err) < 0)
		return -1;
	asked->type = evidence_type;
	return evidence_export_received(asked->reading.rows,
	    asked->reading.directory, environment_of(asked), &id, &code,
	    &asked->json, err);
}

static const char *
scope_of(const struct gateway_asked *asked)
{
	return asked->reading.scope != NULL ? asked->reading.scope : "";
}

int
gateway_query_lost_list(struct gateway_asked *asked, struct error *err)
{
	const char *open = gateway_query_param(asked, "open");

	return lost_write_list(asked->reading.rows, asked->reading.directory,
	    scope_of(asked), text_equal(open, "1"), &asked->writer, err);
}

int
gateway_query_lost_receipts(struct gateway_asked *asked, struct error *err)
{
	struct id id;

	if (read_id(asked, &id, err) < 0)
		return -1;
	return lost_write_receipts(asked->reading.rows, &id, scope_of(asked),
	    &asked->writer, err);
}
