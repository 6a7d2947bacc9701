#include "cli/release/release_host.h"

#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "bulletin/draft.h"
#include "bulletin/root.h"
#include "cli/cli.h"
#include "cli/release/release_saved.h"
#include "cli/trust/trust_files.h"
#include "crypto/cert_cache.h"
#include "release/release_pool.h"
#include "service/config.h"
#include "sys/clock.h"
#include "sys/file.h"

enum { CERTS = 64 };

/* ---- the bulletin in force --------------------------------------------- */

static int
fetch(struct release_host *host, const char *target, struct bytes *to,
    struct error *err)
{
	if (answer_fetch(&host->answer, target, err) < 0)
		return -1;
	bytes_put(to, host->answer.http.body.data, host->answer.http.body.len);
	return bytes_failed(to, err);
}

/* By the root in force, whatever was good when the host took it. */
static int
verify(struct release_host *host, const struct root *root, struct error *err)
{
	const struct bulletin_role *role =
	    root_role_of(root, BULLETIN_RELEASE, "");
	struct cert_cache *cache = NULL;
	int rc = -1;

	if (role == NULL)
		return error_set_id(err, "E7003", ERROR_UNTRUSTED,
		    "the root names nobody for releases");
	host->role = *role;
	if (cert_cache_new(CERTS, &cache, err) < 0)
		return -1;
	if (bulletin_verify(cache, host->cms.data, host->cms.len, role,
		&host->bulletin, err) == 0)
		rc = host->bulletin.type == BULLETIN_RELEASE &&
			text_equal(host->bulletin.environment,
			    host->environment)
		    ? release_read(host->bulletin.body, &host->release, err)
		    : error_set_id(err, "E7001", ERROR_MALFORMED,
			  "it is no release of this environment");
	cert_cache_free(cache);
	return rc;
}

static int
verify_by(struct release_host *host, const struct bytes *cms, struct error *err)
{
	struct bulletin bulletin = { 0 };
	struct root root = { 0 };
	int rc = -1;

	if (trust_parse_bulletin(cms->data, cms->len, &bulletin, err) == 0 &&
	    root_decode(&bulletin, &root, err) == 0)
		rc = verify(host, &root, err);
	root_free(&root);
	bulletin_free(&bulletin);
	host->has_release = rc == 0;
	return rc;
}

static int
read_release(struct release_host *host, struct error *err)
{
	struct bytes root = { 0 };
	int rc = fetch(host, "/v1/bulletins/root", &root, err);

	if (rc == 0)
		rc = verify_by(host, &root, err);
	bytes_free(&root);
	return rc;
}

/* ---- without the host ---------------------------------------------------- */

static int
judge(struct release_host *host, const struct release_saved *saved,
    const char *pin, int64_t offset_ms, struct error *err)
{
	enum freshness grade;

	if (release_saved_judge(saved, host->environment, pin,
		clock_now_ms() + offset_ms, &grade, err) < 0)
		return -1;
	text_copy(host->grade, sizeof(host->grade), freshness_name(grade));
	bytes_put(&host->cms, saved->release.cms.data, saved->release.cms.len);
	if (bytes_failed(&host->cms, err) < 0)
		return -1;
	return verify_by(host, &saved->roots[saved->root_count - 1].cms, err);
}

/* Nobody has its data open. */
static bool
is_down(const struct config *config)
{
	struct error ignored = { 0 };
	int dir = -1, fd = -1;
	bool is = file_open_dir(config->host.data, &dir, &ignored) == 0 &&
	    file_open(dir, "lock", FILE_WRITE, &fd, &ignored) == 0 &&
	    file_lock(fd, &ignored) == 0;

	file_close(fd);
	file_close(dir);
	return is;
}

static int
ask_stored(struct release_host *host, bool may_lack, struct error *err)
{
	const struct config *config = host->answer.config;
	struct release_saved saved = { .root_count = 0 };
	int rc = release_saved_read_host(config, &saved, err);

	host->is_saved = true;
	if (rc == 0 && (saved.release.serial != 0 || !may_lack))
		rc = judge(host, &saved, config->trust.fingerprint,
		    config->test.clock_offset_ms, err);
	release_saved_free(&saved);
	return rc;
}

static int
ask(struct release_host *host, bool may_lack, struct error *err)
{
	struct error why = { 0 };

	if (answer_get(&host->answer, "/v1/bulletins", &why) < 0) {
		if (host->answer.http.status == 0 &&
		    is_down(host->answer.config))
			return ask_stored(host, may_lack, err);
		*err = why;
		return -1;
	}
	text_copy(host->grade, sizeof(host->grade),
	    answer_text(answer_root(&host->answer), "grade"));
	if (fetch(host, "/v1/bulletins/release", &host->cms, &why) == 0)
		return read_release(host, err);
	if (why.code != ERROR_NOT_FOUND) {
		*err = why;
		return -1;
	}
	return may_lack ? 0
			: error_set_id(err, "E7610", ERROR_NOT_FOUND,
			      "no release bulletin is in force");
}

/* ---- opening ----------------------------------------------------------- */

/* "by" is what stands in records: a name that was given, and who it is here. */
static int
set_person(struct release_host *host, struct error *err)
{
	const char *by = cli_value(host->cli, "by");
	const struct passwd *user = getpwuid(getuid());
	int len = snprintf(host->person, sizeof(host->person), "%s%s%s uid %u",
	    by != NULL ? by : "", by != NULL ? ", " : "",
	    user != NULL ? user->pw_name : "", (unsigned)getuid());

	return len > 0 && (size_t)len < sizeof(host->person)
	    ? 0
	    : cli_refuse(err, "--by is too long");
}

int
release_host_open(struct release_host *host, const struct cli *cli,
    bool may_lack, struct error *err)
{
	const struct config *config;

	host->cli = cli;
	host->pool = host->folder = -1;
	host->is_open = true;
	if (answer_open(&host->answer, cli, err) < 0 ||
	    set_person(host, err) < 0)
		return -1;
	config = host->answer.config;
	host->environment = config->host.environment;
	if (release_pool_open(config->host.data, &host->pool, err) < 0)
		return -1;
	if (config->release.folder[0] != '\0' &&
	    file_open_dir(config->release.folder, &host->folder, err) < 0)
		return error_prefix(err, "release.folder");
	return ask(host, may_lack, err);
}

int
release_host_open_saved(struct release_host *host, const struct cli *cli,
    const char *folder, struct error *err)
{
	struct release_saved saved = { .root_count = 0 };
	const char *pin = cli_value(cli, "root");
	const struct config *config;
	int rc = 0;

	host->cli = cli;
	host->pool = host->folder = -1;
	host->is_open = host->is_saved = true;
	host->environment = cli_value(cli, "environment");
	if (cli_has(cli, "config"))
		rc = answer_open(&host->answer, cli, err);
	config = host->answer.config;
	if (pin == NULL && config != NULL)
		pin = config->trust.fingerprint;
	if (host->environment == NULL)
		host->environment =
		    config != NULL ? config->host.environment : "production";
	if (rc == 0 && pin == NULL)
		rc = cli_refuse(err,
		    "--bulletins needs --root SHA256, or -c FILE");
	if (rc == 0)
		rc = release_saved_read_folder(folder, &saved, err);
	if (rc == 0)
		rc = judge(host, &saved, pin, 0, err);
	release_saved_free(&saved);
	return rc;
}

void
release_host_close(struct release_host *host)
{
	if (!host->is_open)
		return;
	file_close(host->pool);
	file_close(host->folder);
	release_free(&host->release);
	bulletin_free(&host->bulletin);
	bytes_free(&host->cms);
	answer_close(&host->answer);
	host->is_open = false;
}

/* ---- what is installed ------------------------------------------------- */

int
release_host_links(const struct release_host *host,
    struct release_links *ret_links, struct error *err)
{
	if (host->folder < 0)
		return error_set_id(err, "E7611", ERROR_MALFORMED,
		    "release.folder names no folder");
	return release_folder_links(host->folder, ret_links, err);
}

static int
open_laid(const struct bytes *cms, struct bulletin *ret_bulletin,
    struct bulletin_signers *ret_signers, struct error *err)
{
	struct cert_cache *cache = NULL;
	int rc = cert_cache_new(CERTS, &cache, err);

	if (rc == 0)
		rc = bulletin_open(cache, cms->data, cms->len, ret_bulletin,
		    ret_signers, err);
	cert_cache_free(cache);
	return rc;
}

int
release_host_laid(const struct release_host *host, const char *version,
    struct release *ret_release, bool *ret_is_owned, struct error *err)
{
	struct bulletin_signers signers;
	struct bulletin bulletin = { 0 };
	struct bytes cms = { 0 };
	struct error why = { 0 };
	int rc = release_folder_bulletin(host->folder, version, &cms, err);

	if (rc == 0)
		rc = open_laid(&cms, &bulletin, &signers, err);
	if (rc == 0)
		rc = release_read(bulletin.body, ret_release, err);
	if (rc == 0)
		*ret_is_owned =
		    bulletin_check_role(&signers, &host->role, &why) == 0;
	bulletin_free(&bulletin);
	bytes_free(&cms);
	return rc;
}

bool
release_host_is_fresh(const struct release_host *host)
{
	return text_equal(host->grade, "fresh") ||
	    text_equal(host->grade, "late");
}

int
release_host_check_fresh(const struct release_host *host, struct error *err)
{
	if (release_host_is_fresh(host))
		return 0;
	return error_set_id(err, "E7612", ERROR_DENIED, "trust is %s",
	    host->grade);
}

/* ---- records ------------------------------------------------------------ */

int
release_host_note(const struct release_host *host,
    const struct release *release, enum release_act act, const char *detail,
    struct error *err)
{
	struct release_note note = { .act = act,
		.at = clock_now_ms(),
		.code = release->code,
		.by = host->person,
		.detail = detail };

	if (host->pool < 0)
		return 0;
	text_copy(note.version, sizeof(note.version), release->version);
	return release_history_add(host->pool, &note, err);
}

int
release_host_alarm(const struct release_host *host, struct error *err)
{
	char detail[ERROR_ID_SIZE + ERROR_TEXT_SIZE];
	struct error ignored = { 0 };

	if (err->code != ERROR_UNTRUSTED && err->code != ERROR_DENIED)
		return -1;
	snprintf(detail, sizeof(detail), "%s %s", error_message_id(err),
	    err->text);
	return release_host_note(host, &host->release, RELEASE_REFUSED, detail,
		   &ignored) < 0
	    ? error_prefix(err, "(and the alarm could not be kept)")
	    : -1;
}

void
release_host_put_code(const struct cli *cli, const struct release *release,
    struct bytes *to)
{
	char code[DRAFT_CODE_SIZE];

	draft_format_code(&release->code, code);
	bytes_put_format(to, "%s %s\n", cli_text(cli, "檢核碼", "check code"),
	    code);
}

int
release_host_say(const struct release_host *host, const struct release *release,
    const char *chinese, const char *english, struct error *err)
{
	struct bytes text = { 0 };
	int rc;

	bytes_put_format(&text, "%s %s\n", release->version,
	    cli_text(host->cli, chinese, english));
	rc = bytes_failed(&text, err);
	if (rc == 0)
		cli_print(&text);
	bytes_free(&text);
	return rc;
}
