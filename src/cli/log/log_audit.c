#include "cli/log/log_audit.h"

#include "base/error.h"
#include "base/text.h"
#include "bulletin/log_entry.h"
#include "cli/log/log_trust.h"
#include "envelope/epoch_record.h"
#include "envelope/hold_record.h"
#include "envelope/statement.h"
#include "log/epoch.h"
#include "service/config.h"

struct auditing {
	const struct log_audit_terms *terms;
	struct log_trust *trust;
};

/* ---- records --------------------------------------------------------- */

static bool
is_ours(const struct auditing *auditing, const char *center,
    const char *environment)
{
	return text_equal(center, auditing->terms->center) &&
	    text_equal(environment, auditing->terms->environment);
}

/* Nor is it one that opens an epoch of this log. */
static const char *
judge_epoch(const struct auditing *auditing, const void *data, size_t len)
{
	struct epoch_record record = { 0 };
	struct error err = { 0 };
	const char *why = NULL;

	if (epoch_record_decode(data, len, &record, &err) < 0)
		return "it is no statement";
	if (!is_ours(auditing, record.center, record.environment) ||
	    !epoch_is_earlier(record.previous, record.origin))
		why = "it opens no epoch of this log";
	epoch_record_free(&record);
	return why;
}

/* A bulletin that was published, or an act of administration. */
static const char *
judge_management(const struct auditing *auditing, const void *data, size_t len)
{
	const char *environment = auditing->terms->environment;
	struct log_entry_published published;
	struct log_entry_act act;
	struct error err = { 0 };

	if (log_entry_read_published(data, len, &published, &err) == 0)
		return text_equal(published.environment, environment)
		    ? NULL
		    : "it is of another environment";
	if (log_entry_read_act(data, len, &act, &err) < 0)
		return "it is neither a bulletin nor an act";
	return is_ours(auditing, act.host, act.environment)
	    ? NULL
	    : "it is of another host or environment";
}

/* An entry of this log is one of this center and environment. */
static const char *
judge(void *ctx, const void *data, size_t len)
{
	const struct auditing *auditing = ctx;
	static const char elsewhere[] =
	    "it is of another center or environment";
	struct statement statement = { 0 };
	struct hold_record hold;
	struct error err = { 0 };
	const char *why = NULL;

	if (auditing->terms->is_management)
		return judge_management(auditing, data, len);
	if (hold_record_decode(data, len, &hold, &err) == 0)
		return is_ours(auditing, hold.center, hold.environment)
		    ? NULL
		    : elsewhere;
	if (statement_decode(data, len, &statement, &err) < 0)
		return judge_epoch(auditing, data, len);
	if (!is_ours(auditing, statement.center, statement.environment))
		why = elsewhere;
	statement_free(&statement);
	return why;
}

static void
tell(void *ctx, const struct leaves_finding *finding)
{
	const struct auditing *auditing = ctx;

	auditing->terms->tell(auditing->terms->ctx, finding);
}

static int
audit_all(struct auditing *auditing, struct leaves_summary *ret_summary,
    struct error *err)
{
	const struct log_audit_terms *terms = auditing->terms;
	const struct log_trust_terms by = { .folder = terms->folder,
		.kinds =
		    terms->is_management ? CONFIG_MANAGEMENT : CONFIG_CENTER,
		.name = terms->center,
		.root = terms->root,
		.environment = terms->environment,
		.now = terms->now };
	struct leaves_audit_options options = { .judge = judge,
		.tell = tell,
		.ctx = auditing };
	struct log_trust *trust;

	if (log_trust_open(&by, &auditing->trust, err) < 0)
		return -1;
	trust = auditing->trust;
	for (int i = 0; i < terms->kept_count; i++)
		if (log_trust_keep_file(trust, terms->kept[i], err) < 0)
			return -1;
	options.keys = trust->keys;
	options.key_count = trust->key_count;
	options.kept = trust->kept;
	options.kept_count = trust->kept_count;
	return leaves_audit(trust->rows, &options, ret_summary, err);
}

int
log_audit(const struct log_audit_terms *terms,
    struct leaves_summary *ret_summary, struct error *err)
{
	struct auditing auditing = { .terms = terms };
	int rc = audit_all(&auditing, ret_summary, err);

	log_trust_close(auditing.trust);
	return rc;
}
