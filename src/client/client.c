/* One request after the other, as often as patience allows. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "client/client_internal.h"

enum {
	CONNECT_MS = 10000,
	/* Nothing moves for so long, beside what was asked to wait. */
	SILENCE_S = 60,
	PAUSE_FIRST_MS = 100,
	PAUSE_MAX_MS = 5000,
	RETRY_MAX_S = 24 * 3600, /* of Retry-After */
};

const char *
yizhan_version(void)
{
	return YIZHAN_VERSION;
}

/* ---- opening ------------------------------------------------------------- */

static char *
copy(const char *prefix, const char *text)
{
	size_t size = strlen(prefix) + strlen(text) + 1;
	char *to = malloc(size);

	if (to != NULL)
		snprintf(to, size, "%s%s", prefix, text);
	return to;
}

/* Fields end where a line ends: nothing that is passed may have one. */
static bool
is_line(const char *text)
{
	for (; *text != '\0'; text++)
		if (iscntrl((unsigned char)*text))
			return false;
	return true;
}

static bool
is_sane(const struct yizhan_options *options)
{
	return options->url != NULL && options->token != NULL &&
	    (strncmp(options->url, "https://", 8) == 0 ||
		strncmp(options->url, "http://127.", 11) == 0) &&
	    is_line(options->url) && is_line(options->token) &&
	    (options->language == NULL || is_line(options->language)) &&
	    (options->trace == NULL || is_line(options->trace));
}

static enum yizhan_result
copy_options(struct yizhan *yizhan, const struct yizhan_options *options)
{
	size_t len;

	yizhan->url = copy("", options->url);
	yizhan->bearer = copy("authorization: Bearer ", options->token);
	yizhan->language =
	    copy("", options->language != NULL ? options->language : "zh-TW");
	yizhan->ca_file =
	    options->ca_file != NULL ? copy("", options->ca_file) : NULL;
	yizhan->patience_ms = options->patience_ms;
	yizhan->is_insecure = options->is_insecure != 0;
	if (yizhan->url == NULL || yizhan->bearer == NULL ||
	    yizhan->language == NULL ||
	    (yizhan->ca_file == NULL && options->ca_file != NULL))
		return YIZHAN_LOCAL;
	for (len = strlen(yizhan->url); len > 0 && yizhan->url[len - 1] == '/';
	     len--)
		yizhan->url[len - 1] = '\0';
	return yizhan_set_trace(yizhan, options->trace);
}

enum yizhan_result
yizhan_open(const struct yizhan_options *options, struct yizhan **ret_yizhan)
{
	struct yizhan *yizhan;

	if (options == NULL || !is_sane(options) ||
	    curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return YIZHAN_LOCAL;
	yizhan = calloc(1, sizeof(*yizhan));
	if (yizhan != NULL)
		yizhan->curl = curl_easy_init();
	if (yizhan == NULL || yizhan->curl == NULL ||
	    copy_options(yizhan, options) != YIZHAN_OK) {
		yizhan_close(yizhan);
		return YIZHAN_LOCAL;
	}
	client_problem_clear(yizhan);
	*ret_yizhan = yizhan;
	return YIZHAN_OK;
}

void
yizhan_close(struct yizhan *yizhan)
{
	if (yizhan == NULL)
		return;
	client_problem_clear(yizhan);
	curl_easy_cleanup(yizhan->curl);
	if (yizhan->bearer != NULL)
		memset(yizhan->bearer, 0, strlen(yizhan->bearer));
	free(yizhan->url);
	free(yizhan->bearer);
	free(yizhan->language);
	free(yizhan->ca_file);
	free(yizhan->trace);
	free(yizhan);
}

enum yizhan_result
yizhan_set_trace(struct yizhan *yizhan, const char *trace)
{
	char *header = NULL;

	if (trace != NULL) {
		if (!is_line(trace))
			return YIZHAN_LOCAL;
		header = copy("traceparent: ", trace);
		if (header == NULL)
			return YIZHAN_LOCAL;
	}
	free(yizhan->trace);
	yizhan->trace = header;
	return YIZHAN_OK;
}

void
yizhan_text_free(char *text)
{
	free(text);
}

/* ---- one try ----------------------------------------------------------------- */

void
client_answer_free(struct client_answer *answer)
{
	client_text_free(&answer->text);
}

struct
try {
	struct yizhan *yizhan;
	const struct client_request *request;
	struct client_answer *answer;
	struct curl_slist *headers;
};

static size_t
on_body(char *data, size_t one, size_t size, void *context)
{
	struct try *try = context;
	struct client_answer *answer = try->answer;
	long status = 0;
	bool is_good;

	size *= one;
	curl_easy_getinfo(try->yizhan->curl, CURLINFO_RESPONSE_CODE, &status);
	if (try->request->take == NULL || status / 100 != 2) {
		is_good = client_text_add(&answer->text, data, size);
	} else {
		answer->has_taken = true;
		is_good = try->request->take(try->request->take_context, data,
			      size) == 0;
	}
	answer->is_broken = !is_good;
	/* Anything but `size` ends the transfer. */
	return is_good ? size : size + 1;
}

static bool
field(const char *line, size_t len, const char *name, char *to, size_t size)
{
	size_t name_len = strlen(name);

	if (len <= name_len || strncasecmp(line, name, name_len) != 0)
		return false;
	line += name_len;
	len -= name_len;
	while (len > 0 && (*line == ' ' || *line == '\t')) {
		line++;
		len--;
	}
	while (len > 0 && isspace((unsigned char)line[len - 1]))
		len--;
	if (len >= size)
		return false;
	memcpy(to, line, len);
	to[len] = '\0';
	return true;
}

static size_t
on_header(char *line, size_t one, size_t size, void *context)
{
	struct try *try = context;
	char number[12];
	int64_t seconds;

	size *= one;
	field(line, size, "content-type:", try->answer->type,
	    sizeof(try->answer->type));
	field(line, size, "etag:", try->answer->etag,
	    sizeof(try->answer->etag));
	if (field(line, size, "retry-after:", number, sizeof(number)) &&
	    (seconds = client_number(number, RETRY_MAX_S)) > 0)
		try->answer->retry_after_s = (unsigned)seconds;
	return size;
}

static bool
add_header(struct try *try, const char *name, const char *value)
{
	char line[CLIENT_HEADER_SIZE];
	struct curl_slist *list;
	int len = snprintf(line, sizeof(line), "%s%s", name, value);

	if (len < 0 || (size_t)len >= sizeof(line))
		return false;
	list = curl_slist_append(try->headers, line);
	if (list != NULL)
		try->headers = list;
	return list != NULL;
}

static bool
add_raw_headers(struct try *try)
{
	const struct client_request *request = try->request;

	for (size_t i = 0; i < request->header_count; i++)
		if (!add_header(try, "", request->headers[i]))
			return false;
	return add_header(try, "", "expect:") &&
	    (request->is_anonymous ||
		add_header(try, "", try->yizhan->bearer)) &&
	    add_header(try, "content-type:",
		request->raw_type != NULL ? request->raw_type : "");
}

static bool
add_headers(struct try *try)
{
	const struct client_request *request = try->request;
	const struct yizhan *yizhan = try->yizhan;
	bool has_body = strcmp(request->method, "POST") == 0;

	/* One field less to agree on: the body follows at once. */
	return add_header(try, "", "expect:") &&
	    add_header(try, "", yizhan->bearer) &&
	    add_header(try, "accept-language: ", yizhan->language) &&
	    (yizhan->trace == NULL || add_header(try, "", yizhan->trace)) &&
	    (request->key == NULL ||
		add_header(try, "idempotency-key: ", request->key)) &&
	    (!has_body ||
		add_header(try, "content-type: ",
		    request->upload != NULL ? "application/vnd.yizhan.bundle"
					    : "application/json"));
}

static void
set_body(CURL *curl, const struct client_request *request)
{
	if (request->upload != NULL) {
		client_upload_rewind(request->upload);
		curl_easy_setopt(curl, CURLOPT_POST, 1L);
		curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE,
		    (curl_off_t)client_upload_len(request->upload));
		curl_easy_setopt(curl, CURLOPT_READFUNCTION,
		    client_upload_read);
		curl_easy_setopt(curl, CURLOPT_READDATA, request->upload);
	} else if (request->is_raw) {
		curl_easy_setopt(curl, CURLOPT_NOBODY,
		    strcmp(request->method, "HEAD") == 0 ? 1L : 0L);
		if (request->raw_type != NULL) {
			curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE,
			    (curl_off_t)request->raw_len);
			curl_easy_setopt(curl, CURLOPT_POSTFIELDS,
			    request->raw);
		}
	} else if (request->json != NULL) {
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request->json);
	} else if (strcmp(request->method, "POST") == 0) {
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, "{}");
	}
	curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request->method);
}

static void
set_options(struct try *try, const char *url)
{
	const struct yizhan *yizhan = try->yizhan;
	CURL *curl = yizhan->curl;

	curl_easy_reset(curl);
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https,http");
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	/*
	 * Refused before its body was read, a request has its answer and then
	 * a reset without error (RFC 9113 8.1), which libcurl 7.88 takes for a
	 * broken stream: what is for good would be asked again and again.
	 */
	curl_easy_setopt(curl, CURLOPT_HTTP_VERSION,
	    (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, try->headers);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
	curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
	curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME,
	    (long)(SILENCE_S + try->request->wait_s));
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, try);
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, try);
	if (yizhan->ca_file != NULL)
		curl_easy_setopt(curl, CURLOPT_CAINFO, yizhan->ca_file);
	if (yizhan->is_insecure) {
		curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L);
		curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
	}
	set_body(curl, try->request);
}

/* Why libcurl ended it. */
static enum yizhan_result
fail(const struct try *try, CURLcode code)
{
	struct yizhan *yizhan = try->yizhan;
	const struct client_upload *upload = try->request->upload;
	const char *own = upload != NULL ? client_upload_failure(upload) : NULL;

	if (own != NULL)
		return client_problem_set(yizhan, YIZHAN_LOCAL, "%s", own);
	if (try->answer->is_broken)
		return client_problem_set(yizhan, YIZHAN_LOCAL,
		    "what came could not be taken");
	switch ((int)code) {
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
		(void)client_problem_set(yizhan, YIZHAN_LOCAL, "%s: %s",
		    yizhan->url, curl_easy_strerror(code));
		return client_problem_untrusted(yizhan);
	case CURLE_URL_MALFORMAT:
	case CURLE_UNSUPPORTED_PROTOCOL:
	case CURLE_OUT_OF_MEMORY:
		return client_problem_set(yizhan, YIZHAN_LOCAL, "%s: %s",
		    yizhan->url, curl_easy_strerror(code));
	default:
		return client_problem_set(yizhan, YIZHAN_BUSY, "%s: %s",
		    yizhan->url, curl_easy_strerror(code));
	}
}

static enum yizhan_result
perform(struct try *try, const char *url)
{
	CURLcode code;
	long status = 0;

	if (!(try->request->is_raw ? add_raw_headers(try) : add_headers(try)))
		return client_problem_set(try->yizhan, YIZHAN_LOCAL,
		    "a header is too long");
	set_options(try, url);
	code = curl_easy_perform(try->yizhan->curl);
	if (code != CURLE_OK)
		return fail(try, code);
	curl_easy_getinfo(try->yizhan->curl, CURLINFO_RESPONSE_CODE, &status);
	try->answer->status = (int)status;
	if (status / 100 != 2)
		return client_problem_take(try->yizhan, try->answer);
	client_problem_clear(try->yizhan);
	return YIZHAN_OK;
}

enum yizhan_result
client_ask_once(struct yizhan *yizhan, const struct client_request *request,
    struct client_answer *answer)
{
	struct try try = { yizhan, request, answer, NULL };
	char *url = copy(yizhan->url, request->target);
	enum yizhan_result result;

	*answer = (struct client_answer){ 0 };
	if (url == NULL)
		return client_problem_set(yizhan, YIZHAN_LOCAL, "no memory");
	result = perform(&try, url);
	curl_slist_free_all(try.headers);
	free(url);
	return result;
}

/* ---- patience ------------------------------------------------------------------ */

static int64_t
now_ms(void)
{
	struct timespec now = { 0 };

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void
pause_ms(int64_t ms)
{
	struct timespec pause = { ms / 1000, ms % 1000 * 1000000 };

	while (nanosleep(&pause, &pause) < 0 && errno == EINTR)
		;
}

enum yizhan_result
client_ask(struct yizhan *yizhan, const struct client_request *request,
    struct client_answer *answer)
{
	int64_t end = now_ms() + yizhan->patience_ms;
	int64_t pause = PAUSE_FIRST_MS;
	enum yizhan_result result;

	for (;;) {
		int64_t wait;

		result = client_ask_once(yizhan, request, answer);
		if (result != YIZHAN_BUSY || answer->has_taken)
			return result;
		wait = (int64_t)answer->retry_after_s * 1000;
		wait = wait > pause ? wait : pause;
		if (now_ms() + wait >= end)
			return result;
		client_answer_free(answer);
		pause_ms(wait);
		pause = pause * 2 < PAUSE_MAX_MS ? pause * 2 : PAUSE_MAX_MS;
	}
}

enum yizhan_result
client_ask_json(struct yizhan *yizhan, const struct client_request *request,
    struct client_answer *answer, json_t **ret_root)
{
	enum yizhan_result result = client_ask(yizhan, request, answer);
	json_t *root;

	if (result != YIZHAN_OK)
		return result;
	root = json_loadb(answer->text.data != NULL ? answer->text.data : "",
	    answer->text.len, JSON_REJECT_DUPLICATES, NULL);
	if (!json_is_object(root)) {
		json_decref(root);
		return client_problem_set(yizhan, YIZHAN_BUSY,
		    "%.100s was answered with something that is no JSON object",
		    request->target);
	}
	*ret_root = root;
	return YIZHAN_OK;
}

/* ---- the rest of the API ------------------------------------------------------ */

enum yizhan_result
yizhan_call(struct yizhan *yizhan, const char *method, const char *target,
    const char *body, char **ret_text, size_t *ret_len)
{
	struct client_request request = { .method = method,
		.target = target,
		.json = body,
		.wait_s = SILENCE_S };
	struct client_answer answer = { 0 };
	enum yizhan_result result = client_ask(yizhan, &request, &answer);

	if (result == YIZHAN_OK && !client_text_add(&answer.text, "", 0))
		result = client_problem_set(yizhan, YIZHAN_LOCAL, "no memory");
	if (result == YIZHAN_OK) {
		*ret_text = answer.text.data;
		if (ret_len != NULL)
			*ret_len = answer.text.len;
		answer.text = (struct client_text){ 0 };
	}
	client_answer_free(&answer);
	return result;
}

enum yizhan_result
yizhan_fetch(struct yizhan *yizhan, const char *target, yizhan_take_fn take,
    void *context)
{
	struct client_request request = { .method = "GET",
		.target = target,
		.take = take,
		.take_context = context };
	struct client_answer answer = { 0 };
	enum yizhan_result result = client_ask(yizhan, &request, &answer);

	client_answer_free(&answer);
	return result;
}
