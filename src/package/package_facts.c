#include "package/package_facts.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "json/json_decode.h"
#include "json/json_write.h"

void
package_facts_free(struct package_facts *facts)
{
	free(facts->recipients);
	memset(facts, 0, sizeof(*facts));
}

int
package_facts_encode(const struct package_facts *facts, struct bytes *to,
    struct error *err)
{
	struct json_writer json = json_writer_to(to);

	json_write_begin_object(&json, NULL);
	json_write_text(&json, "format", "yizhan-package-1");
	json_write_text(&json, "environment", facts->environment);
	json_write_id(&json, "document_id", &facts->document_id);
	json_write_org(&json, "sender", &facts->sender);
	json_write_begin_array(&json, "recipients");
	for (size_t i = 0; i < facts->recipient_count; i++)
		json_write_org(&json, NULL, &facts->recipients[i]);
	json_write_end(&json);
	json_write_int(&json, "message", facts->message);
	json_write_end(&json);
	return json_write_done(&json, err);
}

/* Appends to the facts that `field`, their list of recipients, stands in. */
static int
take_recipient(const struct json_value *value, size_t index, void *field,
    struct error *err)
{
	struct package_facts *facts = field;
	const char *text = json_value_text(value);

	if (index >= PACKAGE_RECIPIENTS_MAX)
		return error_set(err, ERROR_MALFORMED,
		    "more than %d recipients", PACKAGE_RECIPIENTS_MAX);
	/* Full: that of the next power of two.  Most packages have one. */
	if ((index & (index - 1)) == 0) {
		struct org_code *grown = realloc(facts->recipients,
		    (index == 0 ? 1 : 2 * index) * sizeof(*grown));

		if (grown == NULL)
			return error_set_memory(err);
		facts->recipients = grown;
	}
	if (text == NULL || !org_code_parse(text, &facts->recipients[index]))
		return error_set(err, ERROR_MALFORMED,
		    "recipient %zu is no code", index);
	facts->recipient_count = index + 1;
	return 0;
}

static int
compare_codes(const void *a, const void *b)
{
	const struct org_code *left = a;
	const struct org_code *right = b;

	return strcmp(left->text, right->text);
}

/* At least one recipient, and none twice. */
static int
check_recipients(const struct package_facts *facts, struct error *err)
{
	size_t count = facts->recipient_count;
	struct org_code *sorted;
	int rc = 0;

	if (count == 0)
		return error_set(err, ERROR_MALFORMED, "no recipients");
	sorted = malloc(count * sizeof(*sorted));
	if (sorted == NULL)
		return error_set_memory(err);
	memcpy(sorted, facts->recipients, count * sizeof(*sorted));
	qsort(sorted, count, sizeof(*sorted), compare_codes);
	for (size_t i = 1; i < count && rc == 0; i++)
		if (org_code_equal(&sorted[i - 1], &sorted[i]))
			rc = error_set(err, ERROR_MALFORMED,
			    "recipient %s twice", sorted[i].text);
	free(sorted);
	return rc;
}

int
package_facts_parse(const void *data, size_t len,
    struct package_facts *ret_facts, struct error *err)
{
	static const struct json_field fields[] = {
		{ .name = "format",
		    .kind = JSON_FIELD_FORMAT,
		    .format = "yizhan-package-1" },
		{ .name = "environment",
		    .kind = JSON_FIELD_TEXT,
		    .offset = offsetof(struct package_facts, environment),
		    .size = PACKAGE_ENVIRONMENT_SIZE },
		{ .name = "document_id",
		    .kind = JSON_FIELD_ID,
		    .offset = offsetof(struct package_facts, document_id) },
		{ .name = "sender",
		    .kind = JSON_FIELD_ORG,
		    .offset = offsetof(struct package_facts, sender) },
		{ .name = "recipients",
		    .kind = JSON_FIELD_EACH,
		    .item = take_recipient },
		{ .name = "message",
		    .kind = JSON_FIELD_INT,
		    .offset = offsetof(struct package_facts, message),
		    .size = sizeof(int),
		    .min = 0,
		    .max = 6 },
	};
	struct package_facts facts = { 0 };

	if (json_decode(data, len, PACKAGE_FACTS_BYTES_MAX, fields,
		sizeof(fields) / sizeof(fields[0]), &facts, err) < 0 ||
	    check_recipients(&facts, err) < 0) {
		package_facts_free(&facts);
		if (err->code != ERROR_MALFORMED)
			return -1;
		text_copy(err->id, sizeof(err->id), "E3206");
		return error_prefix(err, "META-INF/yizhan.json");
	}
	*ret_facts = facts;
	return 0;
}

bool
package_facts_names(const struct package_facts *facts,
    const struct org_code *recipient)
{
	for (size_t i = 0; i < facts->recipient_count; i++)
		if (org_code_equal(&facts->recipients[i], recipient))
			return true;
	return false;
}

int
package_facts_match(const struct package_facts *facts, const char *environment,
    const struct id *document_id, const struct org_code *sender, int message,
    size_t recipient_count, const struct org_code *recipient, struct error *err)
{
	const char *differs = NULL;

	if (!text_equal(facts->environment, environment))
		differs = "environment";
	else if (!id_equal(&facts->document_id, document_id))
		differs = "document id";
	else if (!org_code_equal(&facts->sender, sender))
		differs = "sender";
	else if (facts->message != message)
		differs = "message";
	else if (facts->recipient_count != recipient_count)
		differs = "number of recipients";
	else if (!package_facts_names(facts, recipient))
		differs = "recipient";
	if (differs == NULL)
		return 0;
	return error_set_id(err, "E3207", ERROR_UNTRUSTED,
	    "the package is not the waybill's: %s", differs);
}
