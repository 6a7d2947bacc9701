#include "gateway/outbox/outbox_plan.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "crypto/sha256.h"

/* ---- splitting ------------------------------------------------------- */

static bool
belongs(const struct outbox_split *split,
    const struct outbox_recipient *recipient, bool has_attachments)
{
	return split->roster == recipient->roster &&
	    split->with_attachments ==
	    (recipient->with_attachments || !has_attachments);
}

static bool
has_split(const struct outbox_plan *plan,
    const struct outbox_recipient *recipient, bool has_attachments)
{
	for (size_t i = 0; i < plan->count; i++)
		if (belongs(&plan->splits[i], recipient, has_attachments))
			return true;
	return false;
}

static int
add_split(struct outbox_plan *plan, const struct outbox_recipient *recipient,
    bool has_attachments, struct error *err)
{
	struct outbox_split *splits =
	    realloc(plan->splits, (plan->count + 1) * sizeof(*splits));

	if (splits == NULL)
		return error_set_memory(err);
	plan->splits = splits;
	splits[plan->count++] = (struct outbox_split){
		.roster = recipient->roster,
		.with_attachments =
		    recipient->with_attachments || !has_attachments,
	};
	return 0;
}

/* For qsort(): indices by the code behind them, then by place. */
struct named_index {
	const char *code;
	size_t index;
};

static int
compare_codes(const void *a, const void *b)
{
	const struct named_index *left = a;
	const struct named_index *right = b;
	int order = strcmp(left->code, right->code);

	if (order != 0)
		return order;
	return left->index < right->index ? -1 : left->index > right->index;
}

static int
compare_indices(const void *a, const void *b)
{
	const struct named_index *left = a;
	const struct named_index *right = b;

	return left->index < right->index ? -1 : left->index > right->index;
}

/* Keep the first of each code; back in the order of the roster. */
static size_t
remove_repeats(struct named_index *list, size_t count)
{
	size_t kept = 0;

	qsort(list, count, sizeof(*list), compare_codes);
	for (size_t i = 0; i < count; i++)
		if (kept == 0 || !text_equal(list[kept - 1].code, list[i].code))
			list[kept++] = list[i];
	qsort(list, kept, sizeof(*list), compare_indices);
	return kept;
}

static void
fill_split(struct outbox_split *split, size_t *indices,
    const struct outbox_recipient *recipients, size_t count,
    bool has_attachments, struct named_index *list)
{
	size_t found = 0;

	for (size_t i = 0; i < count; i++)
		if (belongs(split, &recipients[i], has_attachments))
			list[found++] =
			    (struct named_index){ recipients[i].code.text, i };
	split->recipients = indices;
	split->count = remove_repeats(list, found);
	for (size_t i = 0; i < split->count; i++)
		indices[i] = list[i].index;
}

int
outbox_plan_split(const struct outbox_recipient *recipients, size_t count,
    bool has_attachments, struct outbox_plan *ret_plan, struct error *err)
{
	struct named_index *list = calloc(count + 1, sizeof(*list));
	size_t *indices = calloc(count + 1, sizeof(*indices));
	size_t used = 0;
	int rc = -1;

	ret_plan->indices = indices;
	if (list == NULL || indices == NULL) {
		error_set_memory(err);
		goto done;
	}
	for (size_t i = 0; i < count; i++)
		if (!has_split(ret_plan, &recipients[i], has_attachments) &&
		    add_split(ret_plan, &recipients[i], has_attachments, err) <
			0)
			goto done;
	for (size_t i = 0; i < ret_plan->count; i++) {
		fill_split(&ret_plan->splits[i], indices + used, recipients,
		    count, has_attachments, list);
		used += ret_plan->splits[i].count;
	}
	rc = 0;
done:
	free(list);
	return rc;
}

void
outbox_plan_free(struct outbox_plan *plan)
{
	free(plan->splits);
	free(plan->indices);
	memset(plan, 0, sizeof(*plan));
}

bool
outbox_plan_takes(const struct outbox_split *split,
    enum document_input_kind kind, uint16_t position)
{
	switch (kind) {
	case DOCUMENT_DI:
	case DOCUMENT_DM:
		return true;
	case DOCUMENT_SW:
		return position == split->roster;
	case DOCUMENT_ENVELOPE:
	case DOCUMENT_ATTACHMENT:
		break;
	}
	return split->with_attachments;
}

/* ---- repeats --------------------------------------------------------- */

enum outbox_key
outbox_plan_key(const struct digest *known, bool is_draft,
    const struct digest *arrived)
{
	if (!digest_equal(known, arrived))
		return OUTBOX_KEY_CLASH;
	return is_draft ? OUTBOX_KEY_BUSY : OUTBOX_KEY_REPEAT;
}

static int
compare_names(const void *a, const void *b)
{
	const struct outbox_named *left = a;
	const struct outbox_named *right = b;

	return strcmp(left->name, right->name);
}

int
outbox_plan_digest(const struct outbox_named *files, size_t count,
    struct digest *ret_digest, struct error *err)
{
	struct outbox_named *sorted = calloc(count + 1, sizeof(*sorted));
	struct bytes text = { 0 };
	int rc = -1;

	if (sorted == NULL)
		return error_set_memory(err);
	if (count > 0)
		memcpy(sorted, files, count * sizeof(*sorted));
	qsort(sorted, count, sizeof(*sorted), compare_names);
	for (size_t i = 0; i < count; i++) {
		bytes_put_u32(&text, (uint32_t)strlen(sorted[i].name));
		bytes_put_text(&text, sorted[i].name);
		bytes_put_u64(&text, sorted[i].len);
		bytes_put(&text, sorted[i].digest.bytes, DIGEST_LEN);
	}
	if (bytes_failed(&text, err) == 0) {
		sha256(text.data, text.len, ret_digest);
		rc = 0;
	}
	bytes_free(&text);
	free(sorted);
	return rc;
}
