#include "gateway/outbox_refusal.h"

#include "base/attr.h"
#include "base/error.h"
#include "base/text.h"
#include "json/json_read.h"

enum { PROBLEM_MAX = 256 * 1024 };

void
outbox_refusal_code(struct blob body, char *to, size_t size)
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

bool
outbox_refusal_is_of_all(uint16_t status)
{
	return status >= 500 || status == 408 || status == 429;
}

bool
outbox_refusal_is_for_good(uint16_t status, const char *code)
{
	static const char *const passing[] = { "E4001", "E4002", "E4007",
		"E4008", "E4019", "E4023", "E4024", "E4029" };

	if (status < 400 || outbox_refusal_is_of_all(status))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(passing); i++)
		if (text_equal(passing[i], code))
			return false;
	return true;
}
