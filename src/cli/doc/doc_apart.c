#include "cli/doc/doc_apart.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "cli/answer.h"
#include "cli/cli.h"
#include "cli/doc/doc_findings.h"
#include "document/document.h"
#include "http/http_path.h"

enum { KEY_SIZE = 160 };

/* The files of one copy. */
struct copy {
	const char *di; /* its name */
	size_t stem;    /* length of the name without ".di" */
	struct local_file *files;
	size_t count;
};

static const char *
last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

/* A roster or message of another copy stays with that one. */
static bool
belongs(const struct copy *copy, const char *name)
{
	enum document_input_kind kind = document_kind_of_name(name);
	size_t stem = strlen(name);

	if (kind == DOCUMENT_ATTACHMENT)
		return true;
	if (kind == DOCUMENT_DI)
		return text_equal(name, copy->di);
	while (stem > 0 && name[stem] != '.')
		stem--;
	return stem == copy->stem && memcmp(name, copy->di, stem) == 0;
}

static void
gather(const struct cli *cli, struct copy *copy)
{
	copy->count = 0;
	for (int i = 0; cli_argument(cli, i) != NULL; i++) {
		const char *path = cli_argument(cli, i);

		if (belongs(copy, last_part(path)))
			copy->files[copy->count++] =
			    (struct local_file){ .name = last_part(path),
				    .path = path };
	}
}

/* The common key, and which copy: "KEY.3". */
static int
put_key(const struct cli *cli, const struct copy *copy, char to[KEY_SIZE],
    struct error *err)
{
	const char *key = cli_value(cli, "key");
	int len;

	to[0] = '\0';
	if (key == NULL)
		return 0;
	len = snprintf(to, KEY_SIZE, "%s.%.*s", key, (int)copy->stem, copy->di);
	if (len > 0 && len < KEY_SIZE)
		return 0;
	return cli_refuse(err, "--key is too long");
}

static int
put_target(const struct cli *cli, bool is_check, struct bytes *to,
    struct error *err)
{
	const char *accept = cli_value(cli, "accept");
	const char *undo = cli_value(cli, "undo");

	bytes_put_text(to,
	    is_check ? "/v1/documents:validate?apart=1"
		     : "/v1/documents?apart=1");
	bytes_put_text(to, "&undo=");
	http_path_put(to, undo != NULL ? undo : "0");
	bytes_put_text(to, "&accept=");
	http_path_put(to, accept != NULL ? accept : "");
	bytes_put_u8(to, '\0');
	return bytes_failed(to, err);
}

/* Refused ones are shown by their findings. */
static int
check_one(struct answer *answer, const struct copy *copy, struct error *err)
{
	bool is_accepted = false;

	json_value_bool(json_value_member(answer_root(answer), "accepted"),
	    &is_accepted);
	if (is_accepted)
		return 0;
	cli_say(answer->cli, "%s\n", copy->di);
	doc_findings_print(answer->cli,
	    json_value_member(answer_root(answer), "findings"));
	return error_set_id(err, "E4201", ERROR_MALFORMED,
	    "%.100s was refused; nothing was sent", copy->di);
}

static int
ask_one(struct answer *answer, const struct copy *copy, bool is_check,
    struct error *err)
{
	struct bytes target = { 0 };
	char key[KEY_SIZE];
	int rc = -1;

	if (put_target(answer->cli, is_check, &target, err) == 0 &&
	    put_key(answer->cli, copy, key, err) == 0) {
		rc = answer_send_list(answer, (const char *)target.data,
		    is_check ? "" : key, copy->files, copy->count, err);
		if (rc < 0)
			doc_findings_print_refusal(answer);
		else
			rc = answer_read(answer, err);
	}
	bytes_free(&target);
	if (rc == 0 && is_check)
		return check_one(answer, copy, err);
	if (rc == 0)
		answer_show(answer);
	return rc;
}

/* All copies, in the order in which they are named. */
static int
ask_all(struct answer *answer, struct copy *copy, bool is_check,
    struct error *err)
{
	size_t count = 0;

	for (int i = 0; cli_argument(answer->cli, i) != NULL; i++) {
		const char *name = last_part(cli_argument(answer->cli, i));

		if (document_kind_of_name(name) != DOCUMENT_DI)
			continue;
		copy->di = name;
		copy->stem = strlen(name) - 3;
		gather(answer->cli, copy);
		if (ask_one(answer, copy, is_check, err) < 0)
			return -1;
		count++;
	}
	return count > 0 ? 0 : cli_refuse(err, "no .di among the files");
}

int
doc_apart_send(struct answer *answer, struct error *err)
{
	struct copy copy = { .di = "" };
	int rc;

	copy.files = calloc((size_t)answer->cli->argument_count + 1,
	    sizeof(*copy.files));
	if (copy.files == NULL)
		return error_set_memory(err);
	rc = ask_all(answer, &copy, true, err);
	if (rc == 0)
		rc = ask_all(answer, &copy, false, err);
	free(copy.files);
	return rc;
}
