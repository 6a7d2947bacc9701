#include "cli/module/module_case.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "cli/answer.h"
#include "cli/cli.h"
#include "crypto/cert.h"
#include "http/http_path.h"
#include "json/json_read.h"
#include "json/json_write.h"

static const char procedure[] = "renew-module";
static const char evidence_request[] = "module-request";
static const char evidence_certificate[] = "certificate";

/* ---- at the gateway ------------------------------------------------------- */

static int
put_request(const char *organisation, const struct bytes *request,
    struct bytes *body, struct error *err)
{
	struct json_writer writer = json_writer_to(body);

	json_write_begin_object(&writer, NULL);
	json_write_text(&writer, "definition", procedure);
	json_write_text(&writer, "note", "");
	json_write_begin_object(&writer, "fields");
	json_write_text(&writer, "organisation", organisation);
	json_write_end(&writer);
	json_write_text(&writer, "evidence", evidence_request);
	json_write_text(&writer, "name", evidence_request);
	json_write_base64(&writer, "file", request->data, request->len);
	json_write_end(&writer);
	bytes_put_u8(body, '\0');
	return json_write_done(&writer, err);
}

int
module_case_ask(const struct cli *cli, const char *organisation,
    const struct bytes *request, struct error *err)
{
	struct answer answer = { 0 };
	struct bytes body = { 0 };
	struct bytes text = { 0 };
	int rc = -1;

	if (put_request(organisation, request, &body, err) == 0 &&
	    answer_open(&answer, cli, err) == 0)
		rc = answer_post(&answer, "/v1/case-requests",
		    (const char *)body.data, err);
	if (rc == 0 && cli->json) {
		answer_print(&answer);
	} else if (rc == 0) {
		answer_put(answer_root(&answer), "id", &text);
		bytes_put_format(&text, "\n%s\n",
		    cli_text(cli,
			"已送往管理層；核發後請執行 yizhan module install "
			"--case",
			"on its way to management; when it is issued, run "
			"yizhan module install --case"));
		rc = bytes_failed(&text, err);
		cli_print(&text);
	}
	answer_close(&answer);
	bytes_free(&body);
	bytes_free(&text);
	return rc;
}

/* The newest attachment of that kind; NULL if there is none. */
static const struct json_value *
find_attachment(const struct json_value *file, const char *evidence)
{
	const struct json_value *list = json_value_member(file, "attachments");

	for (size_t i = json_value_count(list); i > 0; i--) {
		const struct json_value *one = json_value_item(list, i - 1);

		if (text_equal(answer_text(one, "evidence"), evidence))
			return one;
	}
	return NULL;
}

static int
parse_content(const struct json_value *attachment, struct cert **ret_cert,
    struct error *err)
{
	const char *base64 = answer_text(attachment, "content");
	struct bytes pem = { 0 };
	int rc = -1;

	if (base64_parse(base64, strlen(base64), &pem, err) == 0)
		rc = cert_parse_pem((const char *)pem.data, pem.len, ret_cert,
		    err);
	bytes_free(&pem);
	return rc;
}

int
module_case_certificate(const struct cli *cli, const char *id,
    struct cert **ret_cert, struct error *err)
{
	struct answer answer = { 0 };
	struct bytes target = { 0 };
	const struct json_value *found = NULL;
	int rc = -1;

	bytes_put_text(&target, "/v1/case-requests/");
	http_path_put(&target, id);
	bytes_put_u8(&target, '\0');
	if (bytes_failed(&target, err) == 0 &&
	    answer_open(&answer, cli, err) == 0)
		rc = answer_get(&answer, (const char *)target.data, err);
	if (rc == 0) {
		found = find_attachment(json_value_member(answer_root(&answer),
					    "case"),
		    evidence_certificate);
		rc = found != NULL
		    ? parse_content(found, ret_cert, err)
		    : error_set_id(err, "E3735", ERROR_NOT_FOUND, "%s", id);
	}
	answer_close(&answer);
	bytes_free(&target);
	return rc;
}

/* ---- at management -------------------------------------------------------- */

static void
put_target(struct bytes *to, const char *id, const char *rest)
{
	bytes_clear(to);
	bytes_put_text(to, "/v1/cases/");
	http_path_put(to, id);
	bytes_put_text(to, rest);
	bytes_put_u8(to, '\0');
}

/* The certificate of the answer, as PEM. */
static int
put_pem(const struct answer *answer, struct bytes *pem, struct error *err)
{
	const char *base64 = answer_text(answer_root(answer), "certificate");
	struct bytes der = { 0 };
	struct cert *cert = NULL;
	int rc = -1;

	if (base64_parse(base64, strlen(base64), &der, err) == 0 &&
	    cert_parse(der.data, der.len, &cert, err) == 0) {
		cert_put_pem(cert, pem);
		rc = bytes_failed(pem, err);
	}
	cert_free(cert);
	bytes_free(&der);
	return rc;
}

/* What the host asks for, as it was attached. */
static int
fetch_request(struct answer *answer, const char *id, struct bytes *target,
    struct bytes *request, struct error *err)
{
	const struct json_value *found =
	    find_attachment(answer_root(answer), evidence_request);
	int64_t number = 0;
	char rest[64];

	if (found == NULL ||
	    !json_value_integer(json_value_member(found, "number"), &number))
		return error_set_id(err, "E3735", ERROR_NOT_FOUND, "%s", id);
	snprintf(rest, sizeof(rest), "/attachments/%" PRId64, number);
	put_target(target, id, rest);
	if (bytes_failed(target, err) < 0 ||
	    answer_fetch(answer, (const char *)target->data, err) < 0)
		return -1;
	bytes_put(request, answer->http.body.data, answer->http.body.len);
	bytes_put_u8(request, '\0');
	return bytes_failed(request, err);
}

static int
attach(struct answer *answer, const char *id, struct bytes *target,
    const struct bytes *pem, struct error *err)
{
	put_target(target, id,
	    "/attachments?evidence=certificate&name=module.crt");
	if (bytes_failed(target, err) < 0 ||
	    local_post_bytes(&answer->local, (const char *)target->data,
		"application/octet-stream", pem->data, pem->len, &answer->http,
		err) < 0)
		return -1;
	return answer_read(answer, err);
}

static int
issue(struct answer *answer, const char *id, struct bytes *target,
    struct error *err)
{
	struct bytes request = { 0 };
	struct bytes pem = { 0 };
	int rc = -1;

	if (fetch_request(answer, id, target, &request, err) == 0 &&
	    answer_post(answer, "/v1/modules", (const char *)request.data,
		err) == 0 &&
	    put_pem(answer, &pem, err) == 0)
		rc = attach(answer, id, target, &pem, err);
	bytes_free(&request);
	bytes_free(&pem);
	return rc;
}

int
module_case_issue(const struct cli *cli, const char *id, struct error *err)
{
	struct answer answer = { 0 };
	struct bytes target = { 0 };
	int rc = -1;

	put_target(&target, id, "");
	if (bytes_failed(&target, err) < 0 ||
	    answer_open(&answer, cli, err) < 0 ||
	    answer_get(&answer, (const char *)target.data, err) < 0)
		goto done;
	if (find_attachment(answer_root(&answer), evidence_certificate) ==
		NULL &&
	    issue(&answer, id, &target, err) < 0)
		goto done;
	put_target(&target, id, ":move");
	if (bytes_failed(&target, err) == 0 &&
	    answer_post(&answer, (const char *)target.data,
		"{\"move\":\"issue\",\"note\":\"\"}", err) == 0) {
		answer_print(&answer);
		rc = 0;
	}
done:
	answer_close(&answer);
	bytes_free(&target);
	return rc;
}
