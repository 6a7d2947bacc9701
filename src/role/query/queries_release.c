#include "role/query/queries_release.h"

#include <stdio.h>

#include "base/error.h"
#include "base/text.h"
#include "bulletin/bulletin.h"
#include "bulletin/draft.h"
#include "crypto/cert_cache.h"
#include "release/release.h"
#include "role/query/queries.h"
#include "store/query.h"

enum { CERTS = 16 };

static void
note(struct queries_release *known, const struct release *release)
{
	char code[DRAFT_CODE_SIZE];

	draft_format_code(&release->code, code);
	snprintf(known->text, sizeof(known->text), "%s  %s", release->version,
	    code);
	known->state = QUERIES_OK;
	if (version_compare(YIZHAN_VERSION, release->version) < 0)
		known->state = QUERIES_WARNING;
	if (release->least[0] != '\0' &&
	    version_compare(YIZHAN_VERSION, release->least) < 0)
		known->state = QUERIES_FAILED;
}

/* It was verified when it was stored; here what it says is wanted. */
static int
read_release(struct queries_release *known, const void *cms, size_t len,
    struct error *err)
{
	struct bulletin_signers signers;
	struct bulletin bulletin = { 0 };
	struct release release = { 0 };
	struct cert_cache *cache = NULL;
	int rc = -1;

	if (cert_cache_new(CERTS, &cache, err) < 0)
		return -1;
	if (bulletin_open(cache, cms, len, &bulletin, &signers, err) == 0 &&
	    release_read(bulletin.body, &release, err) == 0) {
		note(known, &release);
		rc = 0;
	}
	release_free(&release);
	bulletin_free(&bulletin);
	cert_cache_free(cache);
	return rc;
}

/* Once for each bulletin: 1 if there is one, 0, -1. */
static int
refresh(struct queries *queries, struct error *err)
{
	struct queries_release *known = &queries->release;
	struct rows *rows = queries_rows(queries, err);
	struct digest digest;
	struct query *query;
	const void *cms;
	size_t len;
	int more;

	if (rows == NULL ||
	    query_begin(rows,
		"SELECT digest, cms FROM bulletin WHERE type = ?1"
		" ORDER BY place DESC LIMIT 1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, BULLETIN_RELEASE);
	more = query_next(query, err);
	if (more > 0) {
		query_digest(query, 0, &digest);
		if (!digest_equal(&digest, &known->digest)) {
			cms = query_data(query, 1, &len);
			more = read_release(known, cms, len, err) < 0 ? -1 : 1;
		}
		if (more > 0)
			known->digest = digest;
	}
	query_end(query);
	return more;
}

void
queries_write_release_check(struct queries *queries, struct json_writer *writer)
{
	struct error err = { 0 };
	int rc = refresh(queries, &err);

	if (rc < 0)
		queries_write_check(queries, writer, "release", QUERIES_FAILED,
		    "E7601", err.text);
	else if (rc > 0)
		queries_write_check(queries, writer, "release",
		    queries->release.state, "E7618", queries->release.text);
}
