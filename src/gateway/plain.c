#include "gateway/plain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "envelope/act_words.h"
#include "http/http_path.h"
#include "http/http_request.h"
#include "json/json_read.h"
#include "json/json_write.h"
#include "role/listener/listener_local.h"
#include "role/listener/listener_request.h"
#include "role/listener/web_files.h"
#include "role/listener/web_template.h"
#include "role/message.h"
#include "role/people/people_admit.h"
#include "role/problem.h"

enum {
	ANSWER_MAX = 4 * 1024 * 1024,
	LETTERS_MAX = 200,
	NAME_SIZE = 96, /* of a letter, escaped */
	PLACE_SIZE = 256,
	HEADERS_MAX = 4,
};

/* Letters that are answered one after the other. */
struct plain_work {
	char names[LETTERS_MAX][NAME_SIZE]; /* WAYBILL/CODE */
	size_t count;
	size_t next;
	size_t done;
	char act[16];
	char reason[32];
	char words[ACT_WORDS_SIZE]; /* for the sender, "": none */
	struct bytes problem;       /* of the last one that failed, as JSON */
};

static const char html_type[] = "text/html; charset=utf-8";

static bool
is_english(const struct listener_request *request)
{
	return text_starts(http_request_target(request->http)->path, "/en/");
}

/* ---- answers ---------------------------------------------------------- */

/* A form is from our page only if the browser may say so. */
static const struct http_header same_origin = { "referrer-policy",
	"same-origin" };

static const char *
param(const struct listener_request *request, const char *name)
{
	const char *value = http_request_param(request->http, name);

	return value != NULL ? value : "";
}

/* What a form asked for stands in it again. */
static const char *const kept[] = { "q", "state", "unit", "book" };

/* Fill the template `name` with `json`, as "data", and what each page needs. */
static int
fill_page(struct listener_request *request, const char *name, struct blob json,
    struct bytes *to, struct error *err)
{
	char path[PLACE_SIZE];
	char guard[DIGEST_TEXT_SIZE] = "";
	struct bytes all = { 0 };
	struct json_writer writer = json_writer_to(&all);
	struct json_document *document = NULL;
	const struct web_file *file;
	int rc = -1;

	snprintf(path, sizeof(path), "/templates/%s%s.html",
	    is_english(request) ? "en/" : "", name);
	file = web_file_find(path);
	people_guard(&request->session, guard);
	json_write_begin_object(&writer, NULL);
	json_write_text(&writer, "csrf", guard);
	for (size_t i = 0; i < ARRAY_LEN(kept); i++)
		json_write_text(&writer, kept[i], param(request, kept[i]));
	json_write_raw(&writer, "data", json.data, json.len);
	json_write_end(&writer);
	if (file == NULL)
		error_set(err, ERROR_SYSTEM, "no template %s", name);
	else if (json_write_done(&writer, err) == 0 &&
	    json_read(all.data, all.len, ANSWER_MAX, &document, err) == 0)
		rc = web_template_fill(file->plain.data, file->plain.len,
		    json_root(document), to, err);
	json_document_free(document);
	bytes_free(&all);
	return rc;
}

static void
show(struct listener_request *request, int status, const char *name,
    struct blob json)
{
	struct bytes page = { 0 };
	struct error err = { 0 };

	if (fill_page(request, name, json, &page, &err) < 0)
		listener_refuse(request, &err);
	else
		listener_answer_with(request, status, html_type, &page,
		    &same_origin, 1);
	bytes_free(&page);
}

/* Another page comes of it, by GET; with the cookies of `more`. */
static void
go_to(struct listener_request *request, const char *path, struct blob more)
{
	struct http_header headers[HEADERS_MAX] = { same_origin };
	char place[PLACE_SIZE];
	size_t count = 1;
	struct bytes none = { 0 };
	struct cursor cursor = cursor_of(more.data, more.len);

	snprintf(place, sizeof(place), "%s%s", is_english(request) ? "/en" : "",
	    path);
	headers[count++] = (struct http_header){ "location", place };
	while (cursor.left > 0 && count < HEADERS_MAX) {
		headers[count].name = cursor_take_text(&cursor);
		headers[count].value = cursor_take_text(&cursor);
		if (headers[count].name == NULL || headers[count].value == NULL)
			break;
		count++;
	}
	listener_answer_with(request, 303, html_type, &none, headers, count);
}

/* Ask query (GET) or spooler as whoever asks for this page. */
static int
ask(struct listener_request *request, const char *method, const char *path,
    struct blob body, listener_answer_fn fn, struct error *err)
{
	struct message_request asked = { 0 };
	bool is_read = text_equal(method, "GET");

	if (listener_local_fill(request, &asked, err) < 0)
		return -1;
	text_copy(asked.method, sizeof(asked.method), method);
	text_copy(asked.type, sizeof(asked.type),
	    is_read ? "" : "application/json");
	text_copy(asked.language, sizeof(asked.language),
	    is_english(request) ? "en" : "zh-TW");
	if (!text_copy(asked.path, sizeof(asked.path), path))
		return error_set_id(err, "E6204", ERROR_MALFORMED,
		    "the name of the letter is too long");
	asked.body = body;
	return listener_ask(request,
	    is_read ? request->listener->query : request->listener->spooler,
	    MESSAGE_REQUEST, &asked, is_read ? MESSAGE_NONE : MESSAGE_CANCEL,
	    fn, err);
}

/* An answer, or the problem that came instead; free `json`. */
struct plain_reply {
	int status;
	struct bytes json;
	struct blob headers;
};

static struct plain_reply
read_answer(struct listener_request *request, struct ipc_message *message)
{
	struct plain_reply answer = { 0 };
	struct message_response response;
	struct error err = { 0 };

	if (message_read(message, MESSAGE_RESPONSE, &response, &err) < 0) {
		answer.status =
		    problem_put(&err, is_english(request) ? "en" : "zh-TW",
			request->trace, NULL, &answer.json);
		return answer;
	}
	answer.status = response.status;
	answer.headers = response.headers;
	bytes_put(&answer.json, response.body.data, response.body.len);
	return answer;
}

/* Show the answer by a template, or what went wrong, or the way to log in. */
static void
show_answer(struct listener_request *request, struct ipc_message *message,
    const char *name)
{
	struct plain_reply answer = read_answer(request, message);

	if (answer.status == 401)
		name = "login";
	else if (answer.status >= 400)
		name = "problem";
	show(request, answer.status, name, blob_of_bytes(&answer.json));
	bytes_free(&answer.json);
}

static void
on_list(struct listener_request *request, struct ipc_message *message)
{
	show_answer(request, message, "inbox");
}

static void
on_letter(struct listener_request *request, struct ipc_message *message)
{
	show_answer(request, message, "letter");
}

static void
on_registers(struct listener_request *request, struct ipc_message *message)
{
	show_answer(request, message, "registers");
}

void
plain_inbox(struct listener_request *request)
{
	static const char *const states[] = { "opened", "confirmed",
		"returned" };
	const char *state = param(request, "state");
	const char *question = param(request, "q");
	struct bytes path = { 0 };
	struct error err = { 0 };
	bool is_known = false;

	for (size_t i = 0; i < ARRAY_LEN(states); i++)
		is_known = is_known || text_equal(state, states[i]);
	bytes_put_text(&path, "/v1/inbox?limit=50&cursor=");
	http_path_put(&path, param(request, "cursor"));
	/* What is looked for is looked for everywhere. */
	bytes_put_text(&path, question[0] != '\0' ? "&q=" : "&state=");
	http_path_put(&path,
	    question[0] != '\0' ? question
		: is_known      ? state
				: states[0]);
	bytes_put_u8(&path, '\0');
	if (bytes_failed(&path, &err) < 0 ||
	    ask(request, "GET", (const char *)path.data, blob_of(NULL, 0),
		on_list, &err) < 0)
		listener_refuse(request, &err);
	bytes_free(&path);
}

void
plain_registers(struct listener_request *request)
{
	static const char *const names[] = { "from", "until", "q", "state",
		"unit" };
	struct bytes path = { 0 };
	struct error err = { 0 };

	bytes_put_format(&path, "/v1/registers/%s?limit=50&cursor=",
	    text_equal(param(request, "book"), "out") ? "out" : "in");
	http_path_put(&path, param(request, "cursor"));
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		bytes_put_format(&path, "&%s=", names[i]);
		http_path_put(&path, param(request, names[i]));
	}
	bytes_put_u8(&path, '\0');
	if (bytes_failed(&path, &err) < 0 ||
	    ask(request, "GET", (const char *)path.data, blob_of(NULL, 0),
		on_registers, &err) < 0)
		listener_refuse(request, &err);
	bytes_free(&path);
}

void
plain_letter(struct listener_request *request)
{
	struct bytes path = { 0 };
	struct error err = { 0 };

	bytes_put_text(&path, "/v1/inbox/");
	http_path_put(&path, request->segments.text[0]);
	bytes_put_text(&path, "/");
	http_path_put(&path, request->segments.text[1]);
	bytes_put_u8(&path, '\0');
	if (bytes_failed(&path, &err) < 0 ||
	    ask(request, "GET", (const char *)path.data, blob_of(NULL, 0),
		on_letter, &err) < 0)
		listener_refuse(request, &err);
	bytes_free(&path);
}

/* The form, if it is from a page of this session. */
static int
read_form(const struct listener_request *request, bool wants_guard,
    struct http_form *ret_form, struct error *err)
{
	char wanted[DIGEST_TEXT_SIZE];

	if (http_form_parse(request->body.data, request->body.len, ret_form,
		err) < 0)
		return -1;
	people_guard(&request->session, wanted);
	if (!wants_guard ||
	    text_equal(http_form_value(ret_form, "csrf"), wanted))
		return 0;
	http_form_free(ret_form);
	return error_set_id(err, "E6404", ERROR_DENIED,
	    "a form without the value of the session");
}

static void
release_work(struct listener_request *request)
{
	struct plain_work *work = request->ctx;

	bytes_free(&work->problem);
	free(work);
}

/* Letters are named WAYBILL/CODE; each part is escaped for the path. */
static bool
put_name(const char *text, char to[NAME_SIZE])
{
	const char *slash = strchr(text, '/');
	struct bytes path = { 0 };
	char waybill[HTTP_SEGMENT_SIZE];
	bool fits;

	if (slash == NULL || (size_t)(slash - text) >= sizeof(waybill))
		return false;
	memcpy(waybill, text, (size_t)(slash - text));
	waybill[slash - text] = '\0';
	http_path_put(&path, waybill);
	bytes_put_text(&path, "/");
	http_path_put(&path, slash + 1);
	bytes_put_u8(&path, '\0');
	fits =
	    !path.failed && text_copy(to, NAME_SIZE, (const char *)path.data);
	bytes_free(&path);
	return fits;
}

static int
read_work(const struct http_form *form, struct plain_work *work,
    struct error *err)
{
	const char *act = http_form_value(form, "act");
	const char *reason = http_form_value(form, "reason");

	if (!text_equal(act, "confirm") && !text_equal(act, "return") &&
	    !text_equal(act, "notice"))
		return error_set_id(err, "E6204", ERROR_MALFORMED,
		    "nothing to be done with the letters");
	if (!text_copy(work->act, sizeof(work->act), act) ||
	    !text_copy(work->reason, sizeof(work->reason), reason))
		return error_set_id(err, "E6204", ERROR_MALFORMED,
		    "a reason that there is not");
	if (!text_copy(work->words, sizeof(work->words),
		http_form_value(form, "words")))
		return error_set_id(err, "E4504", ERROR_MALFORMED,
		    "the words are too long");
	for (size_t i = 0; i < form->count; i++) {
		if (!text_equal(form->fields[i].name, "letter"))
			continue;
		if (work->count == LETTERS_MAX ||
		    !put_name(form->fields[i].value, work->names[work->count]))
			return error_set_id(err, "E6204", ERROR_MALFORMED,
			    "letters that cannot be read");
		work->count++;
	}
	return 0;
}

static void on_answered(struct listener_request *request,
    struct ipc_message *message);

/* Ask for the next letter to be answered. */
static int
answer_next(struct listener_request *request, struct error *err)
{
	struct plain_work *work = request->ctx;
	struct bytes path = { 0 };
	struct bytes body = { 0 };
	struct json_writer writer = json_writer_to(&body);
	int rc = -1;

	bytes_put_format(&path, "/v1/inbox/%s:%s", work->names[work->next++],
	    work->act);
	bytes_put_u8(&path, '\0');
	json_write_begin_object(&writer, NULL);
	if (!text_equal(work->act, "confirm"))
		json_write_text(&writer, "reason", work->reason);
	if (!text_equal(work->act, "confirm") && work->words[0] != '\0')
		json_write_text(&writer, "words", work->words);
	json_write_end(&writer);
	if (bytes_failed(&path, err) == 0 && json_write_done(&writer, err) == 0)
		rc = ask(request, "POST", (const char *)path.data,
		    blob_of_bytes(&body), on_answered, err);
	bytes_free(&path);
	bytes_free(&body);
	return rc;
}

/* What came of all: the letter itself, or how many, and the last failure. */
static void
show_work(struct listener_request *request)
{
	struct plain_work *work = request->ctx;
	struct bytes json = { 0 };
	struct json_writer writer = json_writer_to(&json);
	struct error err = { 0 };
	char place[PLACE_SIZE];

	if (work->count == 1 && work->done == 1) {
		snprintf(place, sizeof(place), "/plain/letters/%s",
		    work->names[0]);
		go_to(request, place, blob_of(NULL, 0));
		return;
	}
	json_write_begin_object(&writer, NULL);
	json_write_text(&writer, "act", work->act);
	json_write_int(&writer, "done", (int64_t)work->done);
	json_write_int(&writer, "count", (int64_t)work->count);
	if (work->problem.len > 0)
		json_write_raw(&writer, "problem", work->problem.data,
		    work->problem.len);
	json_write_end(&writer);
	if (json_write_done(&writer, &err) < 0)
		listener_refuse(request, &err);
	else
		show(request, 200, "done", blob_of_bytes(&json));
	bytes_free(&json);
}

static void
go_on(struct listener_request *request)
{
	struct plain_work *work = request->ctx;
	struct error err = { 0 };

	if (work->next == work->count)
		show_work(request);
	else if (answer_next(request, &err) < 0)
		listener_refuse(request, &err);
}

static void
on_answered(struct listener_request *request, struct ipc_message *message)
{
	struct plain_work *work = request->ctx;
	struct plain_reply answer = read_answer(request, message);

	if (answer.status == 401) {
		show(request, 401, "login", blob_of_bytes(&answer.json));
		bytes_free(&answer.json);
		return;
	}
	if (answer.status < 300) {
		work->done++;
		bytes_free(&answer.json);
	} else {
		bytes_free(&work->problem);
		work->problem = answer.json;
	}
	go_on(request);
}

void
plain_answer(struct listener_request *request)
{
	struct plain_work *work = calloc(1, sizeof(*work));
	struct http_form form;
	struct error err = { 0 };
	int rc;

	if (work == NULL) {
		error_set_memory(&err);
		listener_refuse(request, &err);
		return;
	}
	request->ctx = work;
	request->release = release_work;
	if (read_form(request, true, &form, &err) < 0) {
		listener_refuse(request, &err);
		return;
	}
	rc = read_work(&form, work, &err);
	http_form_free(&form);
	if (rc < 0)
		listener_refuse(request, &err);
	else
		go_on(request);
}

static void
on_session(struct listener_request *request, struct ipc_message *message)
{
	struct plain_reply answer = read_answer(request, message);

	if (answer.status < 300)
		go_to(request, "/plain", answer.headers);
	else
		show(request, answer.status, "login",
		    blob_of_bytes(&answer.json));
	bytes_free(&answer.json);
}

void
plain_log_in(struct listener_request *request)
{
	struct bytes body = { 0 };
	struct json_writer writer = json_writer_to(&body);
	struct http_form form;
	struct error err = { 0 };
	const char *code;

	if (read_form(request, false, &form, &err) < 0) {
		listener_refuse(request, &err);
		return;
	}
	code = http_form_value(&form, "code");
	json_write_begin_object(&writer, NULL);
	if (code[0] != '\0')
		json_write_text(&writer, "code", code);
	json_write_end(&writer);
	http_form_free(&form);
	if (json_write_done(&writer, &err) < 0 ||
	    ask(request, "POST", "/v1/session", blob_of_bytes(&body),
		on_session, &err) < 0)
		listener_refuse(request, &err);
	bytes_free(&body);
}

void
plain_log_out(struct listener_request *request)
{
	struct http_form form;
	struct error err = { 0 };

	if (read_form(request, true, &form, &err) < 0) {
		listener_refuse(request, &err);
		return;
	}
	http_form_free(&form);
	if (ask(request, "POST", "/v1/session:end", blob_of("{}", 2),
		on_session, &err) < 0)
		listener_refuse(request, &err);
}
