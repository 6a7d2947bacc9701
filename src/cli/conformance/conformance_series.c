/*
 * Copies written apart (分繕): two of one letter, in a draft that is sent as a
 * series.  All of them or none, once, and undone together.
 */
#include "cli/conformance/conformance.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "envelope/bundle.h"
#include "json/json_read.h"

enum { COPIES = 2, ID_SIZE = 64 };

/* An attachment that no copy names. */
static const char extra[] = "named-by-no-copy.txt";

struct draft {
	struct conformance *run;
	char id[ID_SIZE];
	int64_t version;
};

static int64_t
number_of(const struct conformance_answer *answer, const char *name)
{
	int64_t number = -1;

	(void)json_value_integer(json_value_member(answer->root, name),
	    &number);
	return number;
}

static bool
keep(struct draft *draft, const char *what, const struct bytes *bundle)
{
	struct conformance_answer answer;
	char key[ID_SIZE];
	bool is_made;

	snprintf(key, sizeof(key), "conformance-%.16s-%.20s", what,
	    draft->run->run);
	conformance_post_letter(draft->run, "/v1/drafts", key, bundle, &answer);
	is_made = answer.raw.status == 201;
	snprintf(draft->id, sizeof(draft->id), "%.60s",
	    conformance_text(answer.root, "id"));
	draft->version = number_of(&answer, "version");
	if (!is_made)
		conformance_fail(draft->run, "series.draft",
		    "no draft: status %d", answer.raw.status);
	conformance_answer_free(&answer);
	return is_made;
}

static void
ask(const struct draft *draft, const char *verb, const char *more,
    struct conformance_answer *answer)
{
	char target[CONFORMANCE_TARGET_SIZE];

	snprintf(target, sizeof(target),
	    "/v1/drafts/%s:%s?version=%" PRId64 "%s", draft->id, verb,
	    draft->version, more);
	conformance_post(draft->run, CONFORMANCE_SENDER, target, "{}", NULL,
	    answer);
}

static void
discard(const struct draft *draft)
{
	struct conformance_answer answer;

	ask(draft, "discard", "", &answer);
	conformance_answer_free(&answer);
}

static const struct json_value *
letter_of(const struct conformance_answer *answer, size_t at)
{
	return json_value_item(json_value_member(answer->root, "letters"), at);
}

/* It has both copies, each a letter of its own, and each in that state. */
static bool
has_copies(const struct conformance_answer *answer, const char *state)
{
	const char *first =
	    conformance_text(letter_of(answer, 0), "document_id");
	const char *second =
	    conformance_text(letter_of(answer, 1), "document_id");

	for (size_t i = 0; state != NULL && i < COPIES; i++)
		if (!text_equal(conformance_text(letter_of(answer, i), "state"),
			state))
			return false;
	return number_of(answer, "count") == COPIES &&
	    json_value_count(json_value_member(answer->root, "letters")) ==
	    COPIES &&
	    first[0] != '\0' && second[0] != '\0' && !text_equal(first, second);
}

static bool
is_same(const struct conformance_answer *one,
    const struct conformance_answer *other)
{
	for (size_t i = 0; i < COPIES; i++)
		if (!text_equal(conformance_text(letter_of(one, i),
				    "document_id"),
			conformance_text(letter_of(other, i), "document_id")))
			return false;
	return has_copies(other, NULL);
}

/* ---- none ------------------------------------------------------------------------ */

static void
learn_newest(struct conformance *run, char id[ID_SIZE])
{
	struct conformance_answer answer;

	conformance_get(run, CONFORMANCE_SENDER, "/v1/outbox?limit=1", NULL,
	    &answer);
	snprintf(id, ID_SIZE, "%.60s",
	    conformance_text(json_value_item(json_value_member(answer.root,
						 "documents"),
				 0),
		"id"));
	conformance_answer_free(&answer);
}

/* What is wrong with the whole sends no copy, though each is a good letter. */
static void
check_none(struct conformance *run)
{
	struct draft draft = { .run = run };
	struct bytes bundle = { 0 };
	struct conformance_answer answer;
	char before[ID_SIZE], after[ID_SIZE];

	bytes_put(&bundle, run->apart.data, run->apart.len);
	bundle_put(&bundle, BUNDLE_NAME, extra, strlen(extra));
	bundle_put(&bundle, BUNDLE_FILE, "x\n", 2);
	learn_newest(run, before);
	if (!bundle.failed && keep(&draft, "none", &bundle)) {
		ask(&draft, "send-apart", "", &answer);
		learn_newest(run, after);
		conformance_say(run, "series.none",
		    answer.raw.status == 422 && text_equal(before, after),
		    "status %d, not 422: an attachment is left over; the "
		    "newest letter is %.40s, and was %.40s",
		    answer.raw.status, after, before);
		conformance_answer_free(&answer);
		discard(&draft);
	}
	bytes_free(&bundle);
}

/* ---- all ------------------------------------------------------------------------- */

static void
check_read(const struct draft *draft, const struct conformance_answer *sent)
{
	char target[CONFORMANCE_TARGET_SIZE];
	struct conformance_answer answer;

	snprintf(target, sizeof(target), "/v1/series/%s", draft->id);
	conformance_get(draft->run, CONFORMANCE_SENDER, target, NULL, &answer);
	conformance_say(draft->run, "series.read",
	    answer.raw.status == 200 && is_same(sent, &answer),
	    "status %d, and the series has other letters than were sent",
	    answer.raw.status);
	conformance_answer_free(&answer);
}

static void
check_undo(struct draft *draft)
{
	char target[CONFORMANCE_TARGET_SIZE];
	struct conformance_answer undone, again;

	snprintf(target, sizeof(target), "/v1/series/%s:undo", draft->id);
	conformance_post(draft->run, CONFORMANCE_SENDER, target, "{}", NULL,
	    &undone);
	snprintf(target, sizeof(target), "/v1/drafts/%s", draft->id);
	conformance_get(draft->run, CONFORMANCE_SENDER, target, NULL, &again);
	conformance_say(draft->run, "series.undo",
	    undone.raw.status == 200 && has_copies(&undone, "undone") &&
		text_equal(conformance_text(again.root, "state"), "draft"),
	    "status %d, the first copy is \"%.40s\" and the draft \"%.40s\"",
	    undone.raw.status, conformance_text(letter_of(&undone, 0), "state"),
	    conformance_text(again.root, "state"));
	draft->version = number_of(&again, "version");
	conformance_answer_free(&undone);
	conformance_answer_free(&again);
}

static void
check_all(struct draft *draft)
{
	struct conformance *run = draft->run;
	struct conformance_answer checked, sent, again;

	ask(draft, "check-apart", "", &checked);
	conformance_say(run, "series.check",
	    checked.raw.status == 200 && number_of(&checked, "count") == COPIES,
	    "status %d with count %" PRId64 ", not 200 with %d",
	    checked.raw.status, number_of(&checked, "count"), COPIES);
	ask(draft, "send-apart", "&undo=300", &sent);
	conformance_say(run, "series.sent",
	    sent.raw.status == 201 && has_copies(&sent, "held"),
	    "status %d, not 201 with %d letters that are held; %.160s",
	    sent.raw.status, COPIES,
	    sent.raw.data != NULL ? sent.raw.data : sent.raw.detail);
	ask(draft, "send-apart", "&undo=300", &again);
	conformance_say(run, "series.repeat",
	    again.raw.status == 200 && is_same(&sent, &again),
	    "status %d, not 200 with the letters of the first answer",
	    again.raw.status);
	if (sent.raw.status == 201) {
		check_read(draft, &sent);
		check_undo(draft);
	}
	discard(draft);
	conformance_answer_free(&checked);
	conformance_answer_free(&sent);
	conformance_answer_free(&again);
}

void
conformance_series(struct conformance *run)
{
	struct draft draft = { .run = run };

	check_none(run);
	if (keep(&draft, "series", &run->apart))
		check_all(&draft);
}
