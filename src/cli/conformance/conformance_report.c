/* What was found. */
#include "cli/conformance/conformance.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cli/cli.h"
#include "json/json_write.h"

static const char *const outcomes[] = { "passed", "failed", "skipped" };

static struct conformance_result *
add(struct conformance *run, const char *check,
    enum conformance_outcome outcome)
{
	size_t count = run->result_count;
	struct conformance_result *result;

	if ((count & (count - 1)) == 0) {
		size_t size = count == 0 ? 1 : count * 2;
		struct conformance_result *grown =
		    realloc(run->results, size * sizeof(*grown));

		if (grown == NULL)
			return NULL;
		run->results = grown;
	}
	result = &run->results[run->result_count++];
	*result = (struct conformance_result){ .outcome = outcome };
	snprintf(result->check, sizeof(result->check), "%s", check);
	run->counts[outcome]++;
	return result;
}

void
conformance_pass(struct conformance *run, const char *check)
{
	(void)add(run, check, CONFORMANCE_PASSED);
}

void
conformance_skip(struct conformance *run, const char *check, const char *why)
{
	struct conformance_result *result =
	    add(run, check, CONFORMANCE_SKIPPED);

	if (result != NULL)
		snprintf(result->detail, sizeof(result->detail), "%s", why);
}

void
conformance_fail(struct conformance *run, const char *check, const char *fmt,
    ...)
{
	struct conformance_result *result = add(run, check, CONFORMANCE_FAILED);
	va_list args;

	if (result == NULL)
		return;
	va_start(args, fmt);
	vsnprintf(result->detail, sizeof(result->detail), fmt, args);
	va_end(args);
}

void
conformance_say(struct conformance *run, const char *check, bool is_good,
    const char *fmt, ...)
{
	struct conformance_result *result =
	    add(run, check, is_good ? CONFORMANCE_PASSED : CONFORMANCE_FAILED);
	va_list args;

	if (is_good || result == NULL)
		return;
	va_start(args, fmt);
	vsnprintf(result->detail, sizeof(result->detail), fmt, args);
	va_end(args);
}

/* ---- showing ------------------------------------------------------------------ */

static void
put_text(const struct conformance *run, struct bytes *to)
{
	const char *words[] = { cli_text(run->cli, "符合  ", "ok    "),
		cli_text(run->cli, "不符合", "FAIL  "),
		cli_text(run->cli, "未檢查", "skip  ") };

	for (size_t i = 0; i < run->result_count; i++) {
		const struct conformance_result *result = &run->results[i];

		bytes_put_format(to, "%s  ", words[result->outcome]);
		cli_put(to, result->check);
		if (result->detail[0] != '\0') {
			bytes_put_text(to, "\n        ");
			cli_put(to, result->detail);
		}
		bytes_put_text(to, "\n");
	}
	bytes_put_format(to, "%s %zu, %s %zu, %s %zu\n",
	    cli_text(run->cli, "符合", "passed"),
	    run->counts[CONFORMANCE_PASSED],
	    cli_text(run->cli, "不符合", "failed"),
	    run->counts[CONFORMANCE_FAILED],
	    cli_text(run->cli, "未檢查", "skipped"),
	    run->counts[CONFORMANCE_SKIPPED]);
}

static void
put_json(const struct conformance *run, const char *against, struct bytes *to)
{
	struct json_writer writer = json_writer_to(to);

	json_write_begin_object(&writer, NULL);
	json_write_text(&writer, "against", against);
	for (size_t i = 0; i < ARRAY_LEN(outcomes); i++)
		json_write_int(&writer, outcomes[i], (int64_t)run->counts[i]);
	json_write_begin_array(&writer, "checks");
	for (size_t i = 0; i < run->result_count; i++) {
		const struct conformance_result *result = &run->results[i];
		struct bytes detail = { 0 };

		/* It may quote what the other system sent. */
		text_put_escaped(&detail, result->detail,
		    strlen(result->detail));
		json_write_begin_object(&writer, NULL);
		json_write_text(&writer, "check", result->check);
		json_write_text(&writer, "result", outcomes[result->outcome]);
		json_write_text_len(&writer, "detail",
		    (const char *)detail.data, detail.failed ? 0 : detail.len);
		json_write_end(&writer);
		bytes_free(&detail);
	}
	json_write_end(&writer);
	json_write_end(&writer);
	bytes_put_text(to, "\n");
}

void
conformance_print(const struct conformance *run, const char *against)
{
	struct bytes text = { 0 };

	if (run->cli->json)
		put_json(run, against, &text);
	else
		put_text(run, &text);
	cli_print(&text);
	bytes_free(&text);
}
