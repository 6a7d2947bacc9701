#include "cli/trust/trust_draft.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "bulletin/draft.h"
#include "bulletin/measures.h"
#include "bulletin/root.h"
#include "bulletin/texts.h"
#include "cli/answer.h"
#include "cli/cli.h"
#include "cli/trust/trust_files.h"
#include "cli/trust/trust_words.h"
#include "directory/directory_image.h"
#include "json/json_read.h"

enum { DAYS_MAX = 3660, TARGET_SIZE = 128 };

static const int64_t day_ms = INT64_C(24) * 3600 * 1000;

/* ---- what is in force ------------------------------------------------------ */

static int
newest_of_file(const char *path, enum bulletin_type type, const char *name,
    struct bulletin *ret_bulletin, struct error *err)
{
	struct bulletin bulletin = { 0 };
	struct bytes cms = { 0 };
	int rc = trust_read(path, bulletin_bytes_max(type), &cms, err);

	if (rc == 0)
		rc = trust_parse_bulletin(cms.data, cms.len, &bulletin, err);
	bytes_free(&cms);
	if (rc < 0)
		return error_prefix(err, "%s", path);
	if (bulletin.type != type || !text_equal(bulletin.name, name)) {
		bulletin_free(&bulletin);
		return cli_refuse(err, "%s is no bulletin %s %s", path,
		    bulletin_type_name(type), name);
	}
	*ret_bulletin = bulletin;
	return 0;
}

static int
newest_of_host(const struct cli *cli, enum bulletin_type type, const char *name,
    struct bulletin *ret_bulletin, struct error *err)
{
	struct answer answer = { 0 };
	char target[TARGET_SIZE];
	int rc = -1;

	snprintf(target, sizeof(target), "/v1/bulletins/%s%s%s",
	    bulletin_type_name(type), name[0] != '\0' ? "/" : "", name);
	if (answer_open(&answer, cli, err) == 0 &&
	    answer_fetch(&answer, target, err) == 0)
		rc = trust_parse_bulletin(answer.http.body.data,
		    answer.http.body.len, ret_bulletin, err);
	answer_close(&answer);
	return rc;
}

int
trust_newest(const struct cli *cli, const char *option, enum bulletin_type type,
    const char *name, struct bulletin *ret_bulletin, struct error *err)
{
	const char *path = cli_value(cli, option);

	return path != NULL
	    ? newest_of_file(path, type, name, ret_bulletin, err)
	    : newest_of_host(cli, type, name, ret_bulletin, err);
}

int
trust_days(const struct cli *cli, enum bulletin_type type, int64_t *ret_ms,
    struct error *err)
{
	static const uint64_t usual[BULLETIN_TYPE_COUNT] = {
		[BULLETIN_ROOT] = 366,
		[BULLETIN_DIRECTORY] = 31,
		[BULLETIN_NETWORK] = 92,
		[BULLETIN_ACCESS] = 92,
		[BULLETIN_TIMESTAMP] = 1,
		[BULLETIN_RELEASE] = 366,
		[BULLETIN_BASELINE] = 366,
		[BULLETIN_NOTICE] = 366,
		[BULLETIN_RULES] = 366,
		[BULLETIN_FORMS] = 366,
		[BULLETIN_HOLD] = 3,
		[BULLETIN_SUSPENSION] = 366,
		[BULLETIN_RESTORATION] = 366,
	};
	const char *text = cli_value(cli, "days");
	uint64_t days = usual[type];

	if (text != NULL &&
	    (!text_parse_u64(text, DAYS_MAX, &days) || days == 0))
		return cli_refuse(err, "--days is 1 to %d", DAYS_MAX);
	*ret_ms = (int64_t)days * day_ms;
	return 0;
}

/* ---- writing ----------------------------------------------------------------- */

static bool
has_host(const struct cli *cli)
{
	return cli_value(cli, "config") != NULL ||
	    getenv("YIZHAN_CONFIG") != NULL;
}

/* A directory that says what is different, not what is there. */
static bool
is_change(const struct bulletin *bulletin)
{
	return bulletin->type == BULLETIN_DIRECTORY &&
	    json_value_member(bulletin->body, "root") != NULL;
}

/*
 * Directory and network must go together, so each is built with the other one
 * that is in force, if a host can be asked.
 */
static int
check_image(const struct cli *cli, const struct bulletin *bulletin,
    struct error *err)
{
	struct directory_sources sources = { .access = &bulletin };
	struct bulletin other = { 0 };
	struct bytes image = { 0 };
	int rc = 0;

	/* What changes another one was tried by the host that has it. */
	if (is_change(bulletin))
		return 0;
	if (bulletin->type == BULLETIN_ACCESS) {
		sources.access_count = 1;
	} else if (!has_host(cli) ||
	    newest_of_host(cli,
		bulletin->type == BULLETIN_DIRECTORY ? BULLETIN_NETWORK
						     : BULLETIN_DIRECTORY,
		"", &other, err) < 0) {
		*err = (struct error){ 0 };
		return 0;
	} else if (!is_change(&other)) {
		sources.directory =
		    bulletin->type == BULLETIN_DIRECTORY ? bulletin : &other;
		sources.network =
		    bulletin->type == BULLETIN_DIRECTORY ? &other : bulletin;
	}
	if (sources.access_count > 0 || sources.network != NULL)
		rc = directory_image_build(&sources, &image, err);
	bytes_free(&image);
	bulletin_free(&other);
	return rc;
}

/* Refused here rather than by every host after it was signed. */
static int
check_body(const struct cli *cli, const struct bulletin *bulletin,
    const struct bulletin *before, struct error *err)
{
	struct measures measures = { 0 };
	int rc;

	if (bulletin->type == BULLETIN_DIRECTORY ||
	    bulletin->type == BULLETIN_NETWORK ||
	    bulletin->type == BULLETIN_ACCESS)
		return check_image(cli, bulletin, err);
	if (bulletin->type < BULLETIN_RELEASE)
		return 0;
	if (bulletin->type < BULLETIN_HOLD)
		return texts_check(bulletin, err);
	if (before != NULL)
		return measures_check_successor(before, bulletin, err);
	rc = measures_read(&measures, bulletin, err);
	measures_free(&measures);
	return rc;
}

static int
save(const struct cli *cli, const struct bytes *file,
    const struct bulletin *before, struct error *err)
{
	const char *path = cli_value(cli, "to");
	struct draft draft = { 0 };
	struct bytes words = { 0 };
	int rc = -1;

	if (draft_parse(file->data, file->len, &draft, err) < 0)
		return -1;
	if (check_body(cli, &draft.bulletin, before, err) == 0 &&
	    trust_write(path, file->data, file->len, err) == 0) {
		trust_words_put(cli->is_chinese, &draft, &words);
		cli_print(&words);
		bytes_free(&words);
		cli_say(cli, "%s %s\n", cli_text(cli, "待簽公報：", "Draft:"),
		    path);
		rc = 0;
	}
	draft_free(&draft);
	return rc;
}

int
trust_write_draft(const struct cli *cli, const struct bulletin_draft *draft,
    bulletin_body_fn body, void *context, const struct bulletin *before,
    const struct bulletin *root, const struct bytes *was, struct error *err)
{
	static const struct bytes none = { 0 };
	struct bytes json = { 0 };
	struct bytes file = { 0 };
	int rc = -1;

	if (bulletin_format(draft, body, context, &json, err) == 0) {
		draft_put(&file, &json, before != NULL ? &before->json : &none,
		    root != NULL ? &root->json : &none,
		    was != NULL ? was : &none);
		if (bytes_failed(&file, err) == 0)
			rc = save(cli, &file, before, err);
	}
	bytes_free(&json);
	bytes_free(&file);
	return rc;
}

void
trust_put_root(void *context, struct json_writer *writer)
{
	root_encode(context, writer);
}
