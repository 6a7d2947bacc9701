#include "role/problem.h"

#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "json/json_read.h"
#include "json/json_write.h"
#include "service/catalogue.h"

const char problem_type[] = "application/problem+json";

enum { QUALITY_FULL = 1000, PROBLEM_MAX = 256 * 1024 };

/* "0.7" as 700; what is no such number counts as not wanted. */
static int
parse_quality(const char *text, size_t len)
{
	int quality = 0;
	int unit = QUALITY_FULL;

	for (size_t i = 0; i < len && i < 5; i++) {
		if (i == 1 && text[i] == '.')
			continue;
		if (text[i] < '0' || text[i] > '9' || i == 1)
			return 0;
		quality += (text[i] - '0') * unit;
		unit /= 10;
	}
	return quality > QUALITY_FULL ? QUALITY_FULL : quality;
}

/* Quality of one range such as "en-US;q=0.8". */
static int
range_quality(const char *range, size_t len)
{
	for (size_t i = 0; i + 2 < len; i++)
		if (range[i] == 'q' && range[i + 1] == '=')
			return parse_quality(range + i + 2, len - i - 2);
	return QUALITY_FULL;
}

static bool
is_language(const char *range, size_t len, const char *primary)
{
	return len >= 2 && (range[0] | 0x20) == primary[0] &&
	    (range[1] | 0x20) == primary[1] &&
	    (len == 2 || range[2] == '-' || range[2] == ';' || range[2] == ' ');
}

bool
problem_is_english(const char *accept_language)
{
	const char *range = accept_language == NULL ? "" : accept_language;
	int english = 0;
	int chinese = 0;

	while (*range != '\0') {
		size_t len;
		int quality;

		range += strspn(range, ", \t");
		len = strcspn(range, ",");
		quality = range_quality(range, len);
		/* Of equals the first one counts, as people list them. */
		if (is_language(range, len, "en") && quality > english)
			english = quality == chinese ? quality - 1 : quality;
		else if (is_language(range, len, "zh") && quality > chinese)
			chinese = quality == english ? quality - 1 : quality;
		range += len;
	}
	return english > chinese;
}

/* The particulars may quote what a peer sent. */
static void
put_detail(struct json_writer *writer, const char *text)
{
	struct bytes escaped = { 0 };

	if (text_is_utf8(text, strlen(text))) {
		json_write_text(writer, "detail", text);
		return;
	}
	text_put_escaped(&escaped, text, strlen(text));
	json_write_text_len(writer, "detail", (const char *)escaped.data,
	    escaped.failed ? 0 : escaped.len);
	bytes_free(&escaped);
}

int
problem_put(const struct error *failure, const char *accept_language,
    const char *trace, const char *errors, struct bytes *to)
{
	const struct message *message = catalogue_of_error(failure);
	const struct message_text *words =
	    problem_is_english(accept_language) ? &message->en : &message->zh;
	struct json_writer writer = json_writer_to(to);
	char type[64] = "https://yizhan.example/problem/";

	memcpy(type + strlen(type), message->id, sizeof(message->id));
	json_write_begin_object(&writer, NULL);
	json_write_text(&writer, "type", type);
	json_write_text(&writer, "title", words->title);
	json_write_int(&writer, "status", message->status);
	put_detail(&writer, failure->text);
	json_write_text(&writer, "code", message->id);
	json_write_text(&writer, "cause", words->cause);
	json_write_text(&writer, "next", words->next);
	if (trace[0] != '\0')
		json_write_text(&writer, "trace_id", trace);
	if (errors != NULL)
		json_write_raw(&writer, "errors", errors, strlen(errors));
	else
		json_write_raw(&writer, "errors", "[]", 2);
	json_write_end(&writer);
	return message->status;
}

void
problem_code(struct blob body, char *to, size_t size)
{
	struct json_document *document = NULL;
	struct error err = { 0 };
	const char *code;

	to[0] = '\0';
	if (json_read(body.data, body.len, PROBLEM_MAX, &document, &err) < 0)
		return;
	code = json_value_text(json_value_member(json_root(document), "code"));
	if (code != NULL)
		text_copy(to, size, code);
	json_document_free(document);
}
