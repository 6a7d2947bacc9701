/* What went wrong, for people and for the program that called. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/client_internal.h"

void
client_problem_clear(struct yizhan *yizhan)
{
	json_decref(yizhan->problem_root);
	yizhan->problem_root = NULL;
	free(yizhan->findings);
	yizhan->findings = NULL;
	client_text_free(&yizhan->problem_json);
	yizhan->problem_own[0] = '\0';
	yizhan->problem = (struct yizhan_problem){ .code = "",
		.title = "",
		.cause = "",
		.next = "",
		.detail = "",
		.trace_id = "",
		.json = "" };
}

void
client_problem_keep(struct yizhan *yizhan, struct client_problem *to)
{
	*to = (struct client_problem){ yizhan->problem, yizhan->problem_root,
		yizhan->findings, yizhan->problem_json };
	yizhan->problem_root = NULL;
	yizhan->findings = NULL;
	yizhan->problem_json = (struct client_text){ 0 };
}

void
client_problem_put_back(struct yizhan *yizhan,
    const struct client_problem *kept)
{
	client_problem_clear(yizhan);
	yizhan->problem = kept->problem;
	yizhan->problem_root = kept->root;
	yizhan->findings = kept->findings;
	yizhan->problem_json = kept->json;
}

static bool
is_english(const struct yizhan *yizhan)
{
	return strncmp(yizhan->language, "en", 2) == 0;
}

/* Problems of this side have no code, but words and a next step. */
static void
say(struct yizhan *yizhan, enum yizhan_result result)
{
	struct yizhan_problem *problem = &yizhan->problem;
	bool is_local = result == YIZHAN_LOCAL;

	if (is_english(yizhan)) {
		problem->title = is_local ? "Not possible here"
					  : "The gateway does not answer";
		problem->next = is_local
		    ? "Look at the file or option that the detail names."
		    : "Ask again later; what was accepted is not sent twice.";
	} else {
		problem->title = is_local ? "本機無法執行" : "閘道沒有回應";
		problem->next = is_local
		    ? "請查看細節所指的檔案或設定。"
		    : "請稍後再試；已受理的公文不會重複寄送。";
	}
}

enum yizhan_result
client_problem_set(struct yizhan *yizhan, enum yizhan_result result,
    const char *fmt, ...)
{
	va_list args;

	client_problem_clear(yizhan);
	va_start(args, fmt);
	vsnprintf(yizhan->problem_own, sizeof(yizhan->problem_own), fmt, args);
	va_end(args);
	yizhan->problem.result = result;
	yizhan->problem.detail = yizhan->problem_own;
	say(yizhan, result);
	return result;
}

enum yizhan_result
client_problem_untrusted(struct yizhan *yizhan)
{
	struct yizhan_problem *problem = &yizhan->problem;

	problem->code = "E6806";
	if (is_english(yizhan)) {
		problem->title = "The gateway's certificate is not trusted";
		problem->next = "Name the authority that issued it (ca_file); "
				"is_insecure is for yizhan demo alone.";
	} else {
		problem->title = "閘道的憑證無法驗證";
		problem->next = "請以 ca_file 指定簽發該憑證的憑證機構；"
				"is_insecure 只用於 yizhan demo。";
	}
	return problem->result;
}

static enum yizhan_result
result_of(int status)
{
	if (status >= 500 || status == 408 || status == 429)
		return YIZHAN_BUSY;
	switch (status) {
	case 401:
	case 403:
		return YIZHAN_DENIED;
	case 404:
		return YIZHAN_NOT_FOUND;
	case 409:
	case 412:
		return YIZHAN_CONFLICT;
	case 410:
		return YIZHAN_GONE;
	default:
		return YIZHAN_REFUSED;
	}
}

/* Without memory there are none; `json` has them still. */
static void
read_findings(struct yizhan *yizhan)
{
	const json_t *list = json_object_get(yizhan->problem_root, "errors");
	size_t count = json_array_size(list);

	yizhan->findings = calloc(count + 1, sizeof(*yizhan->findings));
	if (yizhan->findings == NULL)
		return;
	for (size_t i = 0; i < count; i++) {
		const json_t *from = json_array_get(list, i);

		yizhan->findings[i] = (struct yizhan_finding){
			.file = client_member(from, "file"),
			.line =
			    json_integer_value(json_object_get(from, "line")),
			.element = client_member(from, "element"),
			.rule = client_member(from, "rule"),
			.text = client_member(from, "text"),
			.title = client_member(from, "title"),
			.remedy = client_member(from, "remedy"),
		};
	}
	yizhan->problem.findings = yizhan->findings;
	yizhan->problem.finding_count = count;
}

enum yizhan_result
client_problem_take(struct yizhan *yizhan, const struct client_answer *answer)
{
	struct yizhan_problem *problem = &yizhan->problem;
	json_t *root;

	client_problem_clear(yizhan);
	if (answer->text.data != NULL &&
	    client_text_add(&yizhan->problem_json, answer->text.data,
		answer->text.len))
		problem->json = yizhan->problem_json.data;
	root = json_loads(problem->json, 0, NULL);
	yizhan->problem_root = root;
	problem->status = answer->status;
	problem->retry_after_s = answer->retry_after_s;
	problem->code = client_member(root, "code");
	problem->title = client_member(root, "title");
	problem->cause = client_member(root, "cause");
	problem->next = client_member(root, "next");
	problem->detail = client_member(root, "detail");
	problem->trace_id = client_member(root, "trace_id");
	read_findings(yizhan);
	if (root == NULL) {
		snprintf(yizhan->problem_own, sizeof(yizhan->problem_own),
		    "the answer has status %d", answer->status);
		problem->detail = yizhan->problem_own;
	}
	problem->result = result_of(answer->status);
	return problem->result;
}

const struct yizhan_problem *
yizhan_problem(const struct yizhan *yizhan)
{
	return &yizhan->problem;
}

enum yizhan_result
client_no_memory(struct yizhan *yizhan)
{
	return client_problem_set(yizhan, YIZHAN_LOCAL, "no memory");
}

enum yizhan_result
client_too_long(struct yizhan *yizhan)
{
	return client_problem_set(yizhan, YIZHAN_LOCAL,
	    "an argument is too long");
}
