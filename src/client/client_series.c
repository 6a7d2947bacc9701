/* Copies written apart (分繕), and letters that the gateway makes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/client_shape.h"

enum { FILES_A_REQUEST = 32 };

#define COPY(name) CLIENT_FIELD(#name, CLIENT_TEXT, yizhan_copy, name)
static const struct client_field copy_fields[] = { COPY(document_id),
	COPY(reference), COPY(subject), COPY(recipient), COPY(name),
	COPY(state), COPY(reason), COPY(since), CLIENT_END };
static const struct client_shape copy = { sizeof(struct yizhan_copy),
	copy_fields };
static const struct client_field series_fields[] = {
	CLIENT_FIELD("id", CLIENT_TEXT, yizhan_series, id),
	CLIENT_FIELD("organisation", CLIENT_TEXT, yizhan_series, organisation),
	CLIENT_FIELD("title", CLIENT_TEXT, yizhan_series, title),
	CLIENT_LIST("letters", CLIENT_RECORDS, yizhan_series, count, copies,
	    &copy),
	CLIENT_FIELD("", CLIENT_WHOLE, yizhan_series, json),
	CLIENT_END,
};
static const struct client_shape series = { sizeof(struct yizhan_series),
	series_fields };

void
yizhan_series_free(struct yizhan_series *given)
{
	client_shape_free(given);
}

enum yizhan_result
yizhan_series_get(struct yizhan *yizhan, const char *id,
    struct yizhan_series **ret_series)
{
	char target[CLIENT_TARGET_SIZE];

	if (!client_target(target, "/v1/series/{}", id))
		return client_too_long(yizhan);
	return client_get(yizhan, target, &series, ret_series);
}

enum yizhan_result
yizhan_series_undo(struct yizhan *yizhan, const char *id,
    struct yizhan_series **ret_series)
{
	char target[CLIENT_TARGET_SIZE];

	if (!client_target(target, "/v1/series/{}:undo", id))
		return client_too_long(yizhan);
	return client_post(yizhan, target, NULL, &series, ret_series);
}

enum yizhan_result
yizhan_draft_send_apart(struct yizhan *yizhan, const struct yizhan_draft *draft,
    const struct yizhan_submit_options *options,
    struct yizhan_series **ret_series)
{
	char target[CLIENT_TARGET_SIZE];

	if (!client_target(target, "/v1/drafts/{}:send-apart", draft->id) ||
	    !client_param_number(target, "version", draft->version) ||
	    !client_submit_add(target, '&', options))
		return client_too_long(yizhan);
	return client_post(yizhan, target, NULL, &series, ret_series);
}

/* ---- in one call -------------------------------------------------------------------- */

/*
 * Some more of the files.  Those of a caller who was cut off may come to the
 * gateway after its draft was read: then it stands otherwise than that, and what
 * it has now counts.
 */
static enum yizhan_result
keep_more(struct yizhan *yizhan, const struct yizhan_draft *draft,
    const struct yizhan_file *files, size_t count,
    struct yizhan_draft **ret_draft)
{
	enum yizhan_result result =
	    yizhan_draft_add(yizhan, draft, files, count, ret_draft);

	if (result == YIZHAN_CONFLICT)
		result = yizhan_draft_get(yizhan, draft->id, ret_draft);
	if (result == YIZHAN_OK &&
	    (*ret_draft)->part_count <= draft->part_count)
		result = client_problem_set(yizhan, YIZHAN_BUSY,
		    "the draft does not take the files");
	return result;
}

/* A draft of that key may be there already, with some of the files or sent. */
static enum yizhan_result
keep_all(struct yizhan *yizhan, const struct yizhan_file *files, size_t count,
    const char *key, struct yizhan_draft **ret_draft)
{
	size_t first = count < FILES_A_REQUEST ? count : FILES_A_REQUEST;
	struct yizhan_draft *draft = NULL;
	enum yizhan_result result =
	    yizhan_draft_new(yizhan, NULL, files, first, key, &draft);

	while (result == YIZHAN_OK && strcmp(draft->state, "sent") != 0 &&
	    draft->part_count < count) {
		size_t left = count - draft->part_count;
		struct yizhan_draft *more = NULL;

		result = keep_more(yizhan, draft, files + draft->part_count,
		    left < FILES_A_REQUEST ? left : FILES_A_REQUEST, &more);
		if (more != NULL) {
			yizhan_draft_free(draft);
			draft = more;
		}
	}
	if (result == YIZHAN_OK)
		*ret_draft = draft;
	else
		yizhan_draft_free(draft);
	return result;
}

/* What was wrong is still to be told after the draft is gone. */
static void
discard(struct yizhan *yizhan, const struct yizhan_draft *draft)
{
	char target[CLIENT_TARGET_SIZE];
	const struct client_request request = { .method = "POST",
		.target = target };
	struct client_problem kept;
	struct client_answer answer = { 0 };

	if (!client_target(target, "/v1/drafts/{}:discard", draft->id) ||
	    !client_param_number(target, "version", draft->version))
		return;
	client_problem_keep(yizhan, &kept);
	(void)client_ask_once(yizhan, &request, &answer);
	client_answer_free(&answer);
	client_problem_put_back(yizhan, &kept);
}

enum yizhan_result
yizhan_series_send(struct yizhan *yizhan, const struct yizhan_file *files,
    size_t count, const struct yizhan_submit_options *options,
    struct yizhan_series **ret_series)
{
	char key[YIZHAN_KEY_SIZE] = "";
	struct yizhan_draft *draft = NULL;
	enum yizhan_result result = options != NULL && options->key != NULL
	    ? YIZHAN_OK
	    : yizhan_key(yizhan, files, count, key);

	if (result == YIZHAN_OK)
		result = keep_all(yizhan, files, count,
		    key[0] != '\0' ? key : options->key, &draft);
	if (result != YIZHAN_OK)
		return result;
	result = yizhan_draft_send_apart(yizhan, draft, options, ret_series);
	if (result == YIZHAN_REFUSED)
		discard(yizhan, draft);
	yizhan_draft_free(draft);
	return result;
}

/* ---- making ---------------------------------------------------------------------------- */

/* Files in a bundle, which their names and bytes lie in. */
struct made {
	struct yizhan_files open; /* first */
	struct client_text bundle;
	struct yizhan_file list[CLIENT_FILES_MAX];
};

void
yizhan_files_free(struct yizhan_files *files)
{
	struct made *made = (struct made *)(void *)files;

	if (made == NULL)
		return;
	client_text_free(&made->bundle);
	free(made);
}

static uint64_t
read_length(const unsigned char *at)
{
	uint64_t len = 0;

	for (int i = 0; i < 8; i++)
		len = len << 8 | at[i];
	return len;
}

/*
 * docs/protocol.md 7: a magic, then kind, length of 8 bytes, and bytes.  A name
 * ends where the kind of the next record stands, which its 0 takes the place of.
 */
static bool
read_bundle(struct made *made)
{
	enum { MAGIC = 8, HEAD = 9 };
	char *data = made->bundle.data;
	size_t at = MAGIC;

	if (made->bundle.len < MAGIC || memcmp(data, "YZBNDL1\n", MAGIC) != 0)
		return false;
	while (at < made->bundle.len) {
		struct yizhan_file *file = &made->list[made->open.count];
		uint64_t len;
		char kind = data[at];

		if (made->bundle.len - at < HEAD)
			return false;
		len = read_length((const unsigned char *)data + at + 1);
		if (len > made->bundle.len - at - HEAD ||
		    made->open.count == CLIENT_FILES_MAX)
			return false;
		data[at] = '\0';
		at += HEAD;
		if (kind == 'N' && file->name == NULL) {
			file->name = data + at;
		} else if (kind == 'F' && file->name != NULL) {
			file->data = data + at;
			file->len = (size_t)len;
			made->open.count++;
		} else {
			return false;
		}
		at += (size_t)len;
	}
	return made->list[made->open.count].name == NULL;
}

enum yizhan_result
yizhan_make(struct yizhan *yizhan, const char *json, int is_apart,
    struct yizhan_files **ret_files)
{
	const struct client_request request = { .method = "POST",
		.target = is_apart ? "/v1/documents:make?apart=1"
				   : "/v1/documents:make",
		.json = json };
	struct client_answer answer = { 0 };
	struct made *made;
	enum yizhan_result result = client_ask(yizhan, &request, &answer);

	if (result != YIZHAN_OK) {
		client_answer_free(&answer);
		return result;
	}
	made = calloc(1, sizeof(*made));
	if (made == NULL) {
		client_answer_free(&answer);
		return client_no_memory(yizhan);
	}
	made->bundle = answer.text;
	made->open.files = made->list;
	if (!read_bundle(made)) {
		yizhan_files_free(&made->open);
		return client_problem_set(yizhan, YIZHAN_BUSY,
		    "what came is no bundle of files");
	}
	*ret_files = &made->open;
	return YIZHAN_OK;
}
