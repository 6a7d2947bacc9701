/* Asking, and the letter that is sent. */
#include "cli/conformance/conformance.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "cli/folder/folder.h"
#include "envelope/bundle.h"
#include "json/json_read.h"
#include "sys/file.h"

enum { HEADER_SIZE = 128, TRIES = 3 };

static const char bundle_type[] = "application/vnd.yizhan.bundle";

void
conformance_ask(struct conformance *run, enum conformance_role role,
    const struct client_exchange *exchange, struct conformance_answer *answer)
{
	struct client_exchange own = *exchange;
	struct error none = { 0 };
	bool is_nobody = role == CONFORMANCE_NOBODY;

	*answer = (struct conformance_answer){ 0 };
	own.is_anonymous = is_nobody;
	/* A link that ends without an answer is no answer to judge. */
	for (int i = 0; i < TRIES && answer->raw.status == 0; i++) {
		client_exchanged_free(&answer->raw);
		client_exchange(run->apis[is_nobody ? CONFORMANCE_SENDER
						    : role],
		    &own, &answer->raw);
	}
	if (answer->raw.data == NULL ||
	    strstr(answer->raw.type, "json") == NULL)
		return;
	if (json_read(answer->raw.data, answer->raw.len, CONFORMANCE_ANSWER_MAX,
		&answer->document, &none) == 0)
		answer->root = json_root(answer->document);
}

void
conformance_answer_free(struct conformance_answer *answer)
{
	json_document_free(answer->document);
	client_exchanged_free(&answer->raw);
	*answer = (struct conformance_answer){ 0 };
}

void
conformance_get(struct conformance *run, enum conformance_role role,
    const char *target, const char *header, struct conformance_answer *answer)
{
	struct client_exchange exchange = { .method = "GET",
		.target = target,
		.headers = &header,
		.header_count = header != NULL ? 1 : 0 };

	conformance_ask(run, role, &exchange, answer);
}

void
conformance_post_letter(struct conformance *run, const char *target,
    const char *key, const struct bytes *bundle,
    struct conformance_answer *answer)
{
	char header[HEADER_SIZE];
	const char *line = header;
	struct client_exchange exchange = { .method = "POST",
		.target = target,
		.headers = &line,
		.header_count = key != NULL ? 1 : 0,
		.type = bundle_type,
		.body = bundle->data,
		.body_len = bundle->len };

	snprintf(header, sizeof(header), "idempotency-key: %s",
	    key != NULL ? key : "");
	conformance_ask(run, CONFORMANCE_SENDER, &exchange, answer);
}

void
conformance_post(struct conformance *run, enum conformance_role role,
    const char *target, const char *json, const char *header,
    struct conformance_answer *answer)
{
	struct client_exchange exchange = { .method = "POST",
		.target = target,
		.headers = &header,
		.header_count = header != NULL ? 1 : 0,
		.type = "application/json",
		.body = json,
		.body_len = strlen(json) };

	conformance_ask(run, role, &exchange, answer);
}

const char *
conformance_text(const struct json_value *value, const char *name)
{
	const char *text = json_value_text(json_value_member(value, name));

	return text != NULL ? text : "";
}

/* ---- what was learnt ------------------------------------------------------------ */

void
conformance_learn(struct conformance *run, const char *name, const char *value)
{
	struct conformance_known *known = NULL;

	for (size_t i = 0; i < run->known_count; i++)
		if (text_equal(run->known[i].name, name))
			known = &run->known[i];
	if (known == NULL && run->known_count < CONFORMANCE_KNOWN_MAX)
		known = &run->known[run->known_count++];
	if (known == NULL)
		return;
	snprintf(known->name, sizeof(known->name), "%s", name);
	snprintf(known->value, sizeof(known->value), "%s", value);
}

const char *
conformance_known(const struct conformance *run, const char *name)
{
	for (size_t i = 0; i < run->known_count; i++)
		if (text_equal(run->known[i].name, name))
			return run->known[i].value;
	return NULL;
}

/* ---- the letter ------------------------------------------------------------------ */

static bool
is_of_letter(const char *name)
{
	return text_ends(name, ".di") || text_ends(name, ".sw") ||
	    text_ends(name, ".dm");
}

/* The name of a file of the second copy: "letter-2.sw" for "letter.sw". */
static void
put_second(const char *name, struct bytes *to)
{
	const char *dot = strrchr(name, '.');

	bytes_put(to, name, (size_t)(dot - name));
	bytes_put_text(to, "-2");
	bytes_put_text(to, dot);
}

/* The name of a file of the letter that stands there; NULL for none. */
static const char *
name_at(const struct bytes *data, size_t at, const struct folder_names *names)
{
	for (size_t i = 0; i < names->count; i++) {
		const char *name = names->list[i];
		size_t len = strlen(name);

		if (is_of_letter(name) && len <= data->len - at &&
		    memcmp(data->data + at, name, len) == 0)
			return name;
	}
	return NULL;
}

/* The same bytes, but that its rosters are those of the second copy. */
static void
put_renamed(const struct bytes *data, const struct folder_names *names,
    struct bytes *to)
{
	size_t at = 0;

	while (at < data->len) {
		const char *name = name_at(data, at, names);

		if (name == NULL) {
			bytes_put_u8(to, data->data[at++]);
		} else {
			put_second(name, to);
			at += strlen(name);
		}
	}
}

/* A file of the letter twice, an attachment once: both copies name it. */
static int
add_apart(struct conformance *run, const char *name, const struct bytes *data,
    const struct folder_names *names, struct error *err)
{
	struct bytes second = { 0 };
	struct bytes renamed = { 0 };
	int rc = 0;

	bundle_put(&run->apart, BUNDLE_NAME, name, strlen(name));
	bundle_put(&run->apart, BUNDLE_FILE, data->data, data->len);
	if (is_of_letter(name)) {
		put_second(name, &second);
		put_renamed(data, names, &renamed);
		rc = bytes_failed(&second, err) < 0
		    ? -1
		    : bytes_failed(&renamed, err);
		bundle_put(&run->apart, BUNDLE_NAME, second.data, second.len);
		bundle_put(&run->apart, BUNDLE_FILE, renamed.data, renamed.len);
	}
	bytes_free(&second);
	bytes_free(&renamed);
	return rc;
}

static int
add_file(struct conformance *run, int dir, const char *name,
    const struct folder_names *names, struct error *err)
{
	struct bytes data = { 0 };
	int rc = file_read_all(dir, name, CONFORMANCE_LETTER_MAX, &data, err);

	if (rc == 0)
		rc = add_apart(run, name, &data, names, err);
	if (rc == 0) {
		bundle_put(&run->letter, BUNDLE_NAME, name, strlen(name));
		bundle_put(&run->letter, BUNDLE_FILE, data.data, data.len);
		bundle_put(&run->another, BUNDLE_NAME, name, strlen(name));
		if (is_of_letter(name)) {
			bundle_put(&run->bare, BUNDLE_NAME, name, strlen(name));
			bundle_put(&run->bare, BUNDLE_FILE, data.data,
			    data.len);
		} else {
			bytes_put_u8(&data, '\n');
		}
		bundle_put(&run->another, BUNDLE_FILE, data.data, data.len);
		rc = bytes_failed(&data, err);
	}
	bytes_free(&data);
	return rc;
}

int
conformance_load_letter(struct conformance *run, const char *path,
    struct error *err)
{
	struct folder_names names = { 0 };
	int dir = -1;
	int rc = file_open_dir(path, &dir, err);

	bundle_put_magic(&run->letter);
	bundle_put_magic(&run->bare);
	bundle_put_magic(&run->another);
	bundle_put_magic(&run->apart);
	if (rc == 0)
		rc = folder_list(dir, &names, err);
	for (size_t i = 0; rc == 0 && i < names.count; i++)
		if (folder_is_file(dir, names.list[i]))
			rc = add_file(run, dir, names.list[i], &names, err);
	if (rc == 0 && run->bare.len <= BUNDLE_MAGIC_LEN)
		rc = error_set(err, ERROR_MALFORMED,
		    "%s has no letter (.di, .sw, attachments)", path);
	if (rc == 0)
		rc = bytes_failed(&run->letter, err);
	folder_names_free(&names);
	file_close(dir);
	return rc;
}
