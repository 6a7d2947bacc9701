/* A file that comes in parts (draft-ietf-httpbis-resumable-upload), to a draft. */
#include "cli/conformance/conformance.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "crypto/sha256.h"
#include "json/json_read.h"
#include "model/digest.h"

static const char content[] = "0123456789abcdef";
enum { LEN = sizeof(content) - 1, PLACE_SIZE = 400 };

/* The draft, and where its file goes. */
struct uploading {
	struct conformance *run;
	char draft[64];
	int64_t version;
	char place[PLACE_SIZE];
};

static int64_t
number_of(const struct conformance_answer *answer, const char *name)
{
	int64_t number = -1;

	json_value_integer(json_value_member(answer->root, name), &number);
	return number;
}

static bool
keep_draft(struct uploading *uploading)
{
	struct conformance_answer answer;
	char key[64];
	bool is_made;

	snprintf(key, sizeof(key), "conformance-upload-%.20s",
	    uploading->run->run);
	conformance_post_letter(uploading->run, "/v1/drafts", key,
	    &uploading->run->bare, &answer);
	snprintf(uploading->draft, sizeof(uploading->draft), "%.60s",
	    conformance_text(answer.root, "id"));
	uploading->version = number_of(&answer, "version");
	is_made = answer.raw.status == 201 && uploading->draft[0] != '\0';
	if (!is_made)
		conformance_fail(uploading->run, "uploads.begin",
		    "no draft: status %d", answer.raw.status);
	conformance_answer_free(&answer);
	return is_made;
}

static bool
begin(struct uploading *uploading)
{
	char target[CONFORMANCE_TARGET_SIZE];
	char body[200], sha256_text[DIGEST_TEXT_SIZE];
	struct conformance_answer answer;
	struct digest digest;
	bool is_begun;

	sha256(content, LEN, &digest);
	digest_format(&digest, sha256_text);
	snprintf(target, sizeof(target), "/v1/drafts/%s/uploads",
	    uploading->draft);
	snprintf(body, sizeof(body),
	    "{\"name\":\"part.txt\",\"length\":%d,\"sha256\":\"%s\"}", LEN,
	    sha256_text);
	conformance_post(uploading->run, CONFORMANCE_SENDER, target, body, NULL,
	    &answer);
	snprintf(uploading->place, sizeof(uploading->place), "%s",
	    conformance_text(answer.root, "upload"));
	is_begun = answer.raw.status == 201 && uploading->place[0] == '/' &&
	    number_of(&answer, "offset") == 0;
	conformance_say(uploading->run, "uploads.begin", is_begun,
	    "status %d and place \"%.80s\", not 201 and where it goes",
	    answer.raw.status, uploading->place);
	conformance_answer_free(&answer);
	return is_begun;
}

/* `len` bytes said to be those from `offset` on. */
static void
put(const struct uploading *uploading, int offset, int len,
    struct conformance_answer *answer)
{
	char target[CONFORMANCE_TARGET_SIZE];
	char header[48];
	const char *const headers[] = { header };
	const struct client_exchange exchange = { .method = "PATCH",
		.target = target,
		.headers = headers,
		.header_count = 1,
		.type = "application/partial-upload",
		.body = content + offset,
		.body_len = (size_t)len };

	snprintf(header, sizeof(header), "upload-offset: %d", offset);
	snprintf(target, sizeof(target), "%s&version=%" PRId64,
	    uploading->place, uploading->version);
	conformance_ask(uploading->run, CONFORMANCE_SENDER, &exchange, answer);
}

static void
check_end(const struct uploading *uploading,
    const struct conformance_answer *last)
{
	const struct json_value *files = json_value_member(last->root, "files");
	bool is_there = false;

	for (size_t i = 0; i < json_value_count(files); i++)
		if (strcmp(conformance_text(json_value_item(files, i), "name"),
			"part.txt") == 0)
			is_there = true;
	conformance_say(uploading->run, "uploads.complete",
	    last->raw.status == 200 && is_there,
	    "status %d, and the draft does not have the file",
	    last->raw.status);
}

static void
discard(const struct uploading *uploading)
{
	char target[CONFORMANCE_TARGET_SIZE];
	struct conformance_answer answer;

	snprintf(target, sizeof(target),
	    "/v1/drafts/%s:discard?version=%" PRId64, uploading->draft,
	    uploading->version + 1);
	conformance_post(uploading->run, CONFORMANCE_SENDER, target, "{}", NULL,
	    &answer);
	conformance_answer_free(&answer);
}

void
conformance_uploads(struct conformance *run)
{
	struct uploading uploading = { .run = run };
	struct conformance_answer answer;

	if (!keep_draft(&uploading) || !begin(&uploading))
		return;
	put(&uploading, 1, LEN - 1, &answer);
	conformance_say(run, "uploads.other-offset", answer.raw.status == 409,
	    "status %d, not 409: a byte was left out", answer.raw.status);
	conformance_answer_free(&answer);
	put(&uploading, 0, LEN, &answer);
	check_end(&uploading, &answer);
	conformance_answer_free(&answer);
	discard(&uploading);
}
