/*
 * A new directory for a running demo: prepared by management, signed by its two
 * officers, published.
 */
#include <stdio.h>

#include "base/bytes.h"
#include "base/error.h"
#include "bulletin/bulletin.h"
#include "bulletin/bulletin_make.h"
#include "cli/local.h"
#include "cli/trust/trust_files.h"
#include "cli/trust/trust_prepare.h"
#include "crypto/signed.h"
#include "demo/demo_bulletins.h"
#include "demo/demo_trouble_internal.h"
#include "envelope/bundle.h"
#include "json/json_read.h"
#include "sys/clock.h"

/* What is in force, whose successor is made. */
static int
find_directory(const struct trouble *trouble, struct bulletin *ret_bulletin,
    struct error *err)
{
	char path[4096];
	struct local local =
	    demo_local(&trouble->story, demo_host_find("management"), path);
	struct http_answer answer = { 0 };
	int rc = local_get(&local, "/v1/bulletins/directory", &answer, err);

	if (rc == 0)
		rc = trust_parse_bulletin(answer.body.data, answer.body.len,
		    ret_bulletin, err);
	http_answer_free(&answer);
	return rc;
}

/* Both officers sign what follows. */
static int
sign_directory(const struct trouble *trouble, const struct json_value *body,
    struct bytes *cms, struct error *err)
{
	struct demo_pair officers[DEMO_OFFICERS] = { { NULL } };
	struct signer signers[DEMO_OFFICERS];
	struct bulletin before = { 0 };
	struct bulletin_draft draft;
	struct bytes json = { 0 };
	int64_t now = clock_now_ms();
	char name[32];
	int rc = find_directory(trouble, &before, err);

	for (int i = 0; rc == 0 && i < DEMO_OFFICERS; i++) {
		snprintf(name, sizeof(name), "officers/officer-%d", i + 1);
		rc = trouble_read_pair(trouble, name, &officers[i], err);
		signers[i] = signer_of(officers[i].cert, officers[i].key);
	}
	if (rc == 0) {
		draft = bulletin_successor(&before, now, now + DEMO_VALID_MS);
		rc = bulletin_format(&draft, trust_write_body,
		    (void *)(uintptr_t)body, &json, err);
	}
	if (rc == 0)
		rc = bulletin_sign(json.data, json.len, signers, DEMO_OFFICERS,
		    now, cms, err);
	for (int i = 0; i < DEMO_OFFICERS; i++)
		demo_pair_free(&officers[i]);
	bulletin_free(&before);
	bytes_free(&json);
	return rc;
}

static int
publish(const struct trouble *trouble, const struct bytes *cms,
    struct error *err)
{
	char path[4096];
	struct local local =
	    demo_local(&trouble->story, demo_host_find("management"), path);
	struct http_answer answer = { 0 };
	struct bytes bundle = { 0 };
	int rc;

	bundle_put_magic(&bundle);
	bundle_put(&bundle, BUNDLE_BULLETIN, cms->data, cms->len);
	rc = bytes_failed(&bundle, err);
	if (rc == 0)
		rc = local_post_bytes(&local, "/v1/bulletins",
		    "application/vnd.yizhan.bundle", bundle.data, bundle.len,
		    &answer, err);
	http_answer_free(&answer);
	bytes_free(&bundle);
	return rc;
}

int
trouble_publish_directory(const struct trouble *trouble, const char *entries,
    struct error *err)
{
	struct json_document *document = NULL;
	const struct json_value *body;
	struct bytes cms = { 0 };
	int rc = -1;

	if (trouble_ask(trouble, demo_host_find("management"),
		"/v1/directory:prepare", entries, &document, err) == 0) {
		body = json_value_member(json_root(document), "body");
		rc = body == NULL
		    ? error_set(err, ERROR_SYSTEM, "no new directory of it")
		    : sign_directory(trouble, body, &cms, err);
	}
	if (rc == 0)
		rc = publish(trouble, &cms, err);
	json_document_free(document);
	bytes_free(&cms);
	return rc;
}
