#include "cli/desk/desk_ask.h"

#include <string.h>

#include "base/error.h"
#include "cli/cli.h"
#include "json/json_write.h"

enum { PREFIX_LEN = 10 }; /* of "/v1/inbox/" */

static void
put_results(const struct cli *cli, const struct json_value *root,
    struct bytes *to)
{
	const struct json_value *list = json_value_member(root, "results");

	for (size_t i = 0; i < json_value_count(list); i++) {
		const struct json_value *item = json_value_item(list, i);
		const struct json_value *problem =
		    json_value_member(item, "problem");

		answer_put(item, "letter", to);
		bytes_put_text(to, "  ");
		if (problem != NULL) {
			answer_put(problem, "code", to);
			bytes_put_text(to, "  ");
			answer_put(problem, "title", to);
		} else {
			answer_put_word(cli, answer_text(item, "state"), to);
		}
		bytes_put_text(to, "\n");
	}
}

/* Each by its whole name, as the API wants it. */
static int
write_letters(struct answer *answer, struct cli *cli,
    struct json_writer *writer, struct error *err)
{
	char found[ANSWER_TARGET_SIZE];
	const char *name;

	json_write_begin_array(writer, "letters");
	for (int i = 0; (name = cli_argument(cli, i)) != NULL; i++) {
		if (answer_find_inbox(answer, name, found, err) < 0)
			return -1;
		json_write_text(writer, NULL, found + PREFIX_LEN);
	}
	json_write_end(writer);
	return 0;
}

int
desk_post_letters(struct cli *cli, const char *target, const char *rest,
    struct error *err)
{
	struct answer answer = { 0 };
	struct bytes letters = { 0 };
	struct bytes body = { 0 };
	struct json_writer writer = json_writer_to(&letters);
	int64_t failed;
	int rc = -1;

	if (cli_argument(cli, 0) == NULL)
		return cli_refuse(err, "which letters?");
	json_write_begin_object(&writer, NULL);
	if (answer_open(&answer, cli, err) == 0 &&
	    write_letters(&answer, cli, &writer, err) == 0) {
		/* {"letters":[...] without its end. */
		bytes_put(&body, letters.data, letters.len);
		bytes_put_text(&body, rest);
		bytes_put_text(&body, "}");
		rc = answer_post_body(&answer, target, &body, err);
	}
	if (rc == 0)
		rc = answer_say(&answer, put_results, err);
	failed = rc == 0 ? answer_integer(answer_root(&answer), "failed") : 0;
	if (failed > 0)
		rc = error_set_id(err, "E6707", ERROR_EXISTS,
		    "%lld of the letters", (long long)failed);
	bytes_free(&letters);
	bytes_free(&body);
	answer_close(&answer);
	return rc;
}
