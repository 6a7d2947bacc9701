/*
 * A directory bulletin in words: how many it adds, changes and removes, each of
 * them, and where those that change will stand.
 */
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "bulletin/draft.h"
#include "cli/answer.h"
#include "cli/cli.h"
#include "cli/trust/trust_words_internal.h"
#include "json/json_read.h"

enum { SHOWN_MAX = 300 /* changes; more are counted by kind and status */ };

struct sums {
	size_t added, changed, removed;
};

static struct sums
sum_up(const struct draft *draft, const struct json_value *after,
    const struct json_value *removed)
{
	size_t was = json_value_count(draft->was);
	struct sums sums = { .removed = json_value_count(removed) };

	/* What was there is changed or removed, the rest is new. */
	sums.changed = was > sums.removed ? was - sums.removed : 0;
	sums.added = json_value_count(after) > sums.changed
	    ? json_value_count(after) - sums.changed
	    : 0;
	return sums;
}

static void
put_sums(const struct words *words, const struct sums *sums)
{
	const struct json_value *body = words->draft->bulletin.body;

	bytes_put_format(words->to, "%s%zu%s%zu%s%zu%s%lld%s\n",
	    words_pick(words, "地址簿異動：新增 ", "The directory: "),
	    sums->added, words_pick(words, "、變更 ", " added, "),
	    sums->changed, words_pick(words, "、移除 ", " changed, "),
	    sums->removed, words_pick(words, "；異動後共 ", " removed; "),
	    (long long)answer_integer(body, "count"),
	    words_pick(words, " 筆", " entries after it"));
	bytes_put_text(words->to, words_pick(words, "總摘要：", "Root: "));
	cli_put(words->to, answer_text(body, "root"));
	bytes_put_u8(words->to, '\n');
}

/* ---- where they will stand ----------------------------------------------------- */

static void
put_key(const struct words *words, const struct json_value *key)
{
	const char *text = answer_text(key, "certificate");
	struct bytes der = { 0 };
	struct error err = { 0 };

	bytes_put_text(words->to, " ");
	cli_put(words->to, answer_text(key, "use"));
	bytes_put_text(words->to, ":");
	cli_put(words->to, answer_text(key, "state"));
	bytes_put_text(words->to, " ");
	if (base64_parse(text, strlen(text), &der, &err) < 0 ||
	    !words_put_certificate(words->to, der.data, der.len))
		bytes_put_text(words->to, "?");
	bytes_free(&der);
}

/*
 * What enlarges somebody's power is shown whole, whatever the draft says about
 * how it was before.
 */
static void
put_standing(const struct words *words, const struct json_value *entry)
{
	const struct json_value *keys = json_value_member(entry, "keys");

	bytes_put_text(words->to, "  · ");
	cli_put(words->to, answer_text(entry, "code"));
	bytes_put_text(words->to, words_pick(words, " 異動後：", " will be: "));
	cli_put(words->to, answer_text(entry, "status"));
	bytes_put_text(words->to, words_pick(words, "，中心 ", ", center "));
	cli_put(words->to, answer_text(entry, "center"));
	bytes_put_text(words->to, words_pick(words, "，主機 ", ", host "));
	cli_put(words->to, answer_text(entry, "host"));
	bytes_put_text(words->to, words_pick(words, "，金鑰", ", keys"));
	for (size_t i = 0; i < json_value_count(keys); i++)
		put_key(words, json_value_item(keys, i));
	bytes_put_u8(words->to, '\n');
}

/* ---- too many to be read -------------------------------------------------------- */

struct group {
	char kind[32];
	char status[32];
	char center[48];
	size_t count;
};

enum { GROUPS_MAX = 100 };

static void
count_one(struct group *groups, size_t *count, const struct json_value *entry)
{
	const char *kind = answer_text(entry, "kind");
	const char *status = answer_text(entry, "status");
	const char *center = answer_text(entry, "center");
	size_t i = 0;

	for (; i < *count; i++)
		if (text_equal(groups[i].kind, kind) &&
		    text_equal(groups[i].status, status) &&
		    text_equal(groups[i].center, center))
			break;
	if (i == GROUPS_MAX)
		return;
	if (i == *count) {
		groups[i] = (struct group){ .count = 0 };
		text_copy(groups[i].kind, sizeof(groups[i].kind), kind);
		text_copy(groups[i].status, sizeof(groups[i].status), status);
		text_copy(groups[i].center, sizeof(groups[i].center), center);
		++*count;
	}
	groups[i].count++;
}

static void
put_groups(const struct words *words, const struct json_value *after)
{
	struct group groups[GROUPS_MAX];
	size_t count = 0;

	bytes_put_text(words->to,
	    words_pick(words,
		"  筆數過多，依類別、狀態與交換中心列計；"
		"全文請見 yizhan trust show --body\n",
		"  too many to be listed, so by kind, status and center; all "
		"of it: yizhan trust show --body\n"));
	for (size_t i = 0; i < json_value_count(after); i++)
		count_one(groups, &count, json_value_item(after, i));
	for (size_t i = 0; i < count; i++) {
		bytes_put_text(words->to, "  ");
		cli_put(words->to, groups[i].kind);
		bytes_put_text(words->to, " ");
		cli_put(words->to, groups[i].status);
		bytes_put_text(words->to, " ");
		cli_put(words->to,
		    groups[i].center[0] != '\0' ? groups[i].center : "-");
		bytes_put_format(words->to, ": %zu\n", groups[i].count);
	}
}

/* ---- all of it -------------------------------------------------------------------- */

/* Those of `was` that are to be otherwise, or are gone. */
static void
put_changes(const struct words *words, const struct json_value *after)
{
	const struct json_value *was = words->draft->was;

	for (size_t i = 0; was == NULL && i < json_value_count(after); i++)
		words_put_tree(words, 1, "＋", NULL, json_value_item(after, i));
	if (was != NULL)
		words_change_list(words, 1, was, after);
	for (size_t i = 0; i < json_value_count(after); i++)
		put_standing(words, json_value_item(after, i));
}

bool
words_put_directory(const struct words *words)
{
	const struct bulletin *bulletin = &words->draft->bulletin;
	const struct json_value *after =
	    json_value_member(bulletin->body, "changed");
	const struct json_value *removed =
	    json_value_member(bulletin->body, "removed");
	struct sums sums;

	if (bulletin->type != BULLETIN_DIRECTORY || after == NULL)
		return false;
	sums = sum_up(words->draft, after, removed);
	put_sums(words, &sums);
	if (json_value_count(after) + sums.removed > SHOWN_MAX) {
		put_groups(words, after);
		return true;
	}
	put_changes(words, after);
	for (size_t i = 0;
	     words->draft->was == NULL && i < json_value_count(removed); i++)
		words_put_tree(words, 1, "－", NULL,
		    json_value_item(removed, i));
	return true;
}
