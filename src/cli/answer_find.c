/* Whom a command is about: a person by name, the organisation of a gateway. */
#include "cli/answer.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/error.h"
#include "base/text.h"
#include "cli/cli.h"
#include "service/config.h"

enum { TARGET_SIZE = 96, SIGN_LEN = 5 };

/* 1 if the page that was read has the name. */
static int
look_on_page(const struct answer *answer, const char *name, int64_t *ret_id)
{
	const struct json_value *list =
	    json_value_member(answer_root(answer), "persons");

	for (size_t i = 0; i < json_value_count(list); i++) {
		const struct json_value *item = json_value_item(list, i);

		if (!text_equal(answer_text(item, "name"), name))
			continue;
		*ret_id = answer_integer(item, "id");
		return 1;
	}
	return 0;
}

int
answer_find_person(struct answer *answer, const char *name, int64_t *ret_id,
    struct error *err)
{
	char target[TARGET_SIZE] = "/v1/persons?limit=200";
	const char *next;
	uint64_t number;

	if (text_parse_u64(name, INT64_MAX, &number)) {
		*ret_id = (int64_t)number;
		return 0;
	}
	for (;;) {
		if (answer_get(answer, target, err) < 0)
			return -1;
		if (look_on_page(answer, name, ret_id))
			return 0;
		next = answer_text(answer_root(answer), "next");
		if (next[0] == '\0')
			return error_set(err, ERROR_NOT_FOUND,
			    "no person is named %.100s", name);
		snprintf(target, sizeof(target),
		    "/v1/persons?limit=200&cursor=%.24s", next);
	}
}

int
answer_organisation(const struct answer *answer, char to[ANSWER_CODE_SIZE],
    struct error *err)
{
	const char *code = cli_value(answer->cli, "organisation");
	const struct config *config = answer->config;
	size_t found = 0;

	if (code != NULL && text_copy(to, ANSWER_CODE_SIZE, code))
		return 0;
	for (size_t i = 0; code == NULL && i < config->key_count; i++) {
		const char *name = config->keys[i].name;

		if (text_starts(name, "sign.") &&
		    text_copy(to, ANSWER_CODE_SIZE, name + SIGN_LEN))
			found++;
	}
	if (found == 1)
		return 0;
	return cli_refuse(err,
	    "--organisation CODE says of which organisation");
}
