#include "directory/directory_privilege.h"

#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "directory/directory.h"
#include "directory/directory_changes.h"
#include "directory/directory_entry.h"
#include "json/json_read.h"

/* ---- the directory ---------------------------------------------------- */

/* How much a status lets its organisation do; less is more. */
static int
rank_of(enum org_status status)
{
	static const int ranks[ORG_STATUS_COUNT] = {
		[ORG_ACTIVE] = 0,
		[ORG_SUSPENDED] = 1,
		[ORG_PAPER] = 2,
		[ORG_DISSOLVED] = 3,
	};

	return ranks[status];
}

/* A revoked key stays so, and no longer than before. */
static bool
state_reduces(const struct directory_key *before, const struct entry_key *after)
{
	if (before->state == KEY_REVOKED)
		return after->state == KEY_REVOKED &&
		    after->revoked.at_ms <= before->revoked_at_ms;
	return after->state == before->state || after->state == KEY_REVOKED ||
	    (after->state == KEY_RETIRING &&
		key_state_is_usable(before->state));
}

static bool
key_reduces(const struct directory *directory, const struct directory_org *org,
    const struct entry_key *after)
{
	for (uint32_t i = 0; i < org->key_count; i++) {
		struct directory_key key = directory_key_at(directory, org, i);

		if (key.use == after->use &&
		    key.certificate_len == after->certificate.len &&
		    memcmp(key.certificate, after->certificate.data,
			key.certificate_len) == 0)
			return after->not_after_ms <= key.not_after_ms &&
			    state_reduces(&key, after);
	}
	return false;
}

/* 0 is no limit at all. */
static bool
limit_reduces(uint64_t before, uint64_t after)
{
	return after == before ||
	    (after != 0 && (before == 0 || after < before));
}

static bool
entry_reduces(const struct directory *directory,
    const struct directory_org *before, const struct entry_org *after)
{
	if (!text_equal(before->name, after->name) ||
	    before->kind != after->kind ||
	    !text_equal(before->center, after->center) ||
	    !text_equal(before->host, after->host) ||
	    !org_code_equal(&before->supervisor, &after->supervisor) ||
	    !org_code_equal(&before->successor, &after->successor) ||
	    rank_of(after->status) < rank_of(before->status) ||
	    !limit_reduces(before->accepts_letter_bytes,
		after->accepts_letter_bytes))
		return false;
	for (size_t i = 0; i < after->key_count; i++)
		if (!key_reduces(directory, before, &after->keys[i]))
			return false;
	return true;
}

int
directory_privilege_reduces(const struct directory *before,
    const struct directory_changes *changes, bool *ret_reduces,
    struct error *err)
{
	*ret_reduces = false;
	for (size_t i = 0; i < changes->count; i++) {
		const struct directory_change *change = &changes->list[i];
		struct directory_org org;
		struct entry_org after;
		bool reduces;

		if (change->is_removed)
			continue;
		if (before == NULL ||
		    !directory_find_org(before, &change->code, &org))
			return 0;
		if (entry_org_parse(change->json.data, change->json.len, &after,
			err) < 0)
			return -1;
		reduces = entry_reduces(before, &org, &after);
		entry_org_free(&after);
		if (!reduces)
			return 0;
	}
	*ret_reduces = true;
	return 0;
}

/* ---- lists of hosts ---------------------------------------------------- */

/* What an entry may have less of. */
static bool
is_shrinking(const char *member)
{
	return text_equal(member, "tls") || text_equal(member, "codes");
}

static bool
same_value(const struct json_value *a, const struct json_value *b)
{
	struct bytes one = { 0 };
	struct bytes other = { 0 };
	struct error ignored = { 0 };
	bool is_same = json_value_put(a, &one, &ignored) == 0 &&
	    json_value_put(b, &other, &ignored) == 0 && one.len == other.len &&
	    memcmp(one.data, other.data, one.len) == 0;

	bytes_free(&one);
	bytes_free(&other);
	return is_same;
}

static bool
has_item(const struct json_value *array, const struct json_value *item)
{
	const char *text = json_value_text(item);
	const char *other;

	for (size_t i = 0; i < json_value_count(array); i++) {
		other = json_value_text(json_value_item(array, i));
		if (text != NULL && other != NULL && text_equal(text, other))
			return true;
	}
	return false;
}

/* Of texts. */
static bool
is_subset(const struct json_value *before, const struct json_value *after)
{
	if (!json_value_is_array(before) || !json_value_is_array(after))
		return false;
	for (size_t i = 0; i < json_value_count(after); i++)
		if (!has_item(before, json_value_item(after, i)))
			return false;
	return true;
}

struct comparing {
	const struct json_value *entry; /* as it was */
};

/* The entry before has this member, too; -1 stops the visit. */
static int
visit_member(const char *key, const struct json_value *value, void *context,
    struct error *err)
{
	const struct comparing *comparing = context;
	const struct json_value *before =
	    json_value_member(comparing->entry, key);
	bool reduces;

	(void)err;
	if (before == NULL)
		return -1;
	reduces = is_shrinking(key) ? is_subset(before, value)
				    : same_value(before, value);
	return reduces ? 0 : -1;
}

static const struct json_value *
find_named(const struct json_value *array, const char *name)
{
	for (size_t i = 0; i < json_value_count(array); i++) {
		const struct json_value *item = json_value_item(array, i);
		const char *text =
		    json_value_text(json_value_member(item, "name"));

		if (text != NULL && text_equal(text, name))
			return item;
	}
	return NULL;
}

static bool
array_reduces(const struct json_value *before, const struct json_value *after)
{
	struct error ignored = { 0 };

	if (after == NULL)
		return true;
	for (size_t i = 0; i < json_value_count(after); i++) {
		const struct json_value *item = json_value_item(after, i);
		const char *name =
		    json_value_text(json_value_member(item, "name"));
		struct comparing was = {
			.entry = name != NULL ? find_named(before, name) : NULL,
		};

		/* As many members, and each of them was there. */
		if (was.entry == NULL ||
		    json_value_count(was.entry) != json_value_count(item) ||
		    json_value_each(item, visit_member, &was, &ignored) < 0)
			return false;
	}
	return true;
}

bool
directory_privilege_list_reduces(const struct json_value *before,
    const struct json_value *after)
{
	static const char *const arrays[] = { "centers", "management",
		"hosts" };

	for (size_t i = 0; i < ARRAY_LEN(arrays); i++)
		if (!array_reduces(json_value_member(before, arrays[i]),
			json_value_member(after, arrays[i])))
			return false;
	return true;
}
