#include "cli/trust/trust_again.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "bulletin/bulletin_make.h"
#include "bulletin/draft.h"
#include "bulletin/root.h"
#include "cli/answer.h"
#include "cli/cli.h"
#include "cli/trust/trust_draft.h"
#include "cli/trust/trust_files.h"
#include "crypto/cert_cache.h"
#include "json/json_read.h"
#include "json/json_write.h"
#include "sys/clock.h"

enum { TARGET_SIZE = 128, PATH_SIZE = 4096, CERTS = 64 };

struct renewing {
	const struct cli *cli;
	const struct draft *draft; /* of the new root */
	struct root root;
	struct cert_cache *certs;
	size_t count;
	struct bytes words;
};

/* ---- drafts ------------------------------------------------------------- */

static int
write_member(const char *key, const struct json_value *value, void *context,
    struct error *err)
{
	struct json_writer *writer = context;
	bool is_list = text_equal(key, "changed") || text_equal(key, "removed");
	struct bytes json = { 0 };
	int rc = 0;

	/* A directory that says what it changed changes nothing this time. */
	if (is_list) {
		json_write_begin_array(writer, key);
		json_write_end(writer);
		return 0;
	}
	rc = json_value_put(value, &json, err);
	if (rc == 0)
		json_write_raw(writer, key, json.data, json.len);
	bytes_free(&json);
	return rc;
}

static void
write_body(void *context, struct json_writer *writer)
{
	const struct bulletin *before = context;
	struct error err = { 0 };

	if (json_value_each(before->body, write_member, writer, &err) < 0)
		writer->bad_text = true;
}

/* "FOLDER/access-center-a-3.draft" */
static int
write_draft(struct renewing *renewing, struct bulletin *before,
    struct error *err)
{
	static const struct bytes none = { 0 };
	int64_t now = clock_now_ms();
	struct bulletin_draft draft;
	struct bytes json = { 0 };
	struct bytes file = { 0 };
	char path[PATH_SIZE];
	int64_t term;
	int rc = -1;

	if (trust_days(renewing->cli, before->type, &term, err) < 0)
		return -1;
	draft = bulletin_successor(before, now, now + term);
	snprintf(path, sizeof(path), "%s/%s%s%s-%llu.draft",
	    cli_value(renewing->cli, "again"), bulletin_type_name(before->type),
	    before->name[0] != '\0' ? "-" : "", before->name,
	    (unsigned long long)draft.serial);
	if (bulletin_format(&draft, write_body, before, &json, err) == 0) {
		draft_put(&file, &json, &before->json,
		    &renewing->draft->bulletin.json, &none);
		if (bytes_failed(&file, err) == 0)
			rc = trust_write(path, file.data, file.len, err);
	}
	if (rc == 0)
		bytes_put_format(&renewing->words, "    %s\n", path);
	bytes_free(&json);
	bytes_free(&file);
	return rc;
}

/* ---- what is in force ---------------------------------------------------- */

static bool
has_signers(const struct renewing *renewing, const struct bulletin *bulletin,
    const struct bulletin_signers *signers)
{
	const struct bulletin_role *role =
	    root_role_of(&renewing->root, bulletin->type, bulletin->name);
	struct error ignored = { 0 };

	return role != NULL &&
	    bulletin_check_role(signers, role, &ignored) == 0;
}

static int
renew(struct renewing *renewing, struct bulletin *bulletin,
    const struct bulletin_signers *signers, struct error *err)
{
	const struct cli *cli = renewing->cli;

	if (has_signers(renewing, bulletin, signers))
		return 0;
	if (renewing->count++ == 0)
		bytes_put_format(&renewing->words, "%s\n",
		    cli_text(cli,
			"下列公報須由現任者重新簽署，新主機才會採信：",
			"To be signed again by those who may now, or a new "
			"host will refuse it:"));
	bytes_put_format(&renewing->words, "  %s%s%s %llu\n",
	    bulletin_type_name(bulletin->type),
	    bulletin->name[0] != '\0' ? " " : "", bulletin->name,
	    (unsigned long long)bulletin->serial);
	return cli_has(cli, "again") ? write_draft(renewing, bulletin, err) : 0;
}

static int
look_at(struct renewing *renewing, const struct json_value *item,
    struct error *err)
{
	const char *type_name = answer_text(item, "type");
	const char *name = answer_text(item, "name");
	struct bulletin_signers signers;
	struct bulletin bulletin = { 0 };
	struct answer answer = { 0 };
	enum bulletin_type type;
	char target[TARGET_SIZE];
	int rc = -1;

	/* The host makes timestamps itself, every minute. */
	if (!bulletin_type_parse(type_name, &type) || type == BULLETIN_ROOT ||
	    type == BULLETIN_TIMESTAMP)
		return 0;
	snprintf(target, sizeof(target), "/v1/bulletins/%s%s%s", type_name,
	    name[0] != '\0' ? "/" : "", name);
	if (answer_open(&answer, renewing->cli, err) == 0 &&
	    answer_fetch(&answer, target, err) == 0 &&
	    bulletin_open(renewing->certs, answer.http.body.data,
		answer.http.body.len, &bulletin, &signers, err) == 0)
		rc = renew(renewing, &bulletin, &signers, err);
	bulletin_free(&bulletin);
	answer_close(&answer);
	return rc;
}

static int
look_at_all(struct renewing *renewing, struct error *err)
{
	struct answer answer = { 0 };
	int rc = -1;

	if (answer_open(&answer, renewing->cli, err) == 0 &&
	    answer_get(&answer, "/v1/bulletins", err) == 0) {
		const struct json_value *list =
		    json_value_member(answer_root(&answer), "bulletins");

		rc = 0;
		for (size_t i = 0; i < json_value_count(list) && rc == 0; i++)
			rc = look_at(renewing, json_value_item(list, i), err);
	}
	answer_close(&answer);
	return rc;
}

/* ---- all of it ------------------------------------------------------------ */

static int
make_folder(const struct cli *cli, struct error *err)
{
	const char *folder = cli_value(cli, "again");

	if (folder != NULL && mkdir(folder, 0700) < 0 && errno != EEXIST)
		return error_set_errno(err, "making %s", folder);
	return 0;
}

static const char *
what_to_do(const struct renewing *renewing)
{
	const struct cli *cli = renewing->cli;

	if (renewing->count == 0)
		return cli_text(cli, "現行公報的簽署者仍然足夠，不必重簽。",
		    "What is in force still has enough signers: nothing is to "
		    "be signed again.");
	if (cli_has(cli, "again"))
		return cli_text(cli,
		    "請先發布新的信任根，再發布重新簽署的公報。",
		    "Publish the root first, and these, signed, after it.");
	return cli_text(cli, "加上 --again 資料夾，會一併備妥待簽檔。",
	    "With --again FOLDER their drafts are made as well.");
}

int
trust_again(const struct cli *cli, const char *path, struct error *err)
{
	struct renewing renewing = { .cli = cli };
	struct draft draft = { 0 };
	int rc = -1;

	if (trust_read_draft(path, &draft, err) < 0)
		return -1;
	renewing.draft = &draft;
	if (root_decode(&draft.bulletin, &renewing.root, err) == 0 &&
	    cert_cache_new(CERTS, &renewing.certs, err) == 0 &&
	    make_folder(cli, err) == 0)
		rc = look_at_all(&renewing, err);
	if (rc == 0) {
		bytes_put_format(&renewing.words, "%s\n",
		    what_to_do(&renewing));
		cli_print(&renewing.words);
	}
	bytes_free(&renewing.words);
	cert_cache_free(renewing.certs);
	root_free(&renewing.root);
	draft_free(&draft);
	return rc;
}
