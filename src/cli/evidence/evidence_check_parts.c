/*
 * Bulletins and certificates of an evidence file: what their names say must be
 * so, since people read the names.
 */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "bulletin/bulletin.h"
#include "cli/evidence/evidence_check_internal.h"
#include "cli/offline.h"
#include "crypto/cert.h"
#include "directory/directory.h"
#include "directory/directory_tree.h"
#include "role/verifier/verify.h"

/* ---- bulletins ------------------------------------------------------- */

/* "bulletins/002-network-7.p7s": its place, type and serial. */
static bool
parse_name(const char *name, size_t place, enum bulletin_type *ret_type,
    uint64_t *ret_serial)
{
	char prefix[EVIDENCE_NAME_SIZE], number[24];

	for (int type = 0; type < BULLETIN_TYPE_COUNT; type++) {
		size_t len, digits;

		snprintf(prefix, sizeof(prefix), "bulletins/%03zu-%s-", place,
		    bulletin_type_name((enum bulletin_type)type));
		len = strlen(prefix);
		if (!text_starts(name, prefix) || !text_ends(name, ".p7s") ||
		    strlen(name) < len + strlen(".p7s"))
			continue;
		digits = strlen(name) - len - strlen(".p7s");
		*ret_type = (enum bulletin_type)type;
		return text_copy_len(number, sizeof(number), name + len,
			   digits) &&
		    text_parse_u64(number, INT64_MAX, ret_serial);
	}
	return false;
}

int
evidence_check_bulletins(const struct checking *checking, struct error *err)
{
	const struct evidence *evidence = &checking->evidence;

	for (size_t i = 0; i < evidence->bulletin_count; i++) {
		const char *name = evidence->bulletins[i]->name;
		enum bulletin_type type;
		uint64_t serial;

		if (!parse_name(name, i + 1, &type, &serial) ||
		    (type != BULLETIN_ROOT && type != BULLETIN_NETWORK &&
			type != BULLETIN_DIRECTORY) ||
		    !offline_has(checking->offline, type, serial))
			return error_set_id(err, "E3501", ERROR_MALFORMED,
			    "%s: the name does not say what it is", name);
	}
	return 0;
}

/* ---- pages ----------------------------------------------------------- */

/* "directory/7-0123.json": serial and page. */
static bool
parse_page_name(const char *name, uint64_t *ret_serial, uint64_t *ret_number)
{
	static const char prefix[] = "directory/";
	char number[24];
	const char *dash = strrchr(name, '-');

	return text_starts(name, prefix) && dash != NULL &&
	    text_ends(dash, ".json") && strlen(dash) == 10 &&
	    text_copy_len(number, sizeof(number), name + strlen(prefix),
		(size_t)(dash - name) - strlen(prefix)) &&
	    text_parse_u64(number, INT64_MAX, ret_serial) &&
	    text_copy_len(number, sizeof(number), dash + 1, 4) &&
	    text_parse_u64(number, DIRECTORY_PAGES - 1, ret_number);
}

int
evidence_check_pages(struct checking *checking, struct error *err)
{
	const struct evidence *evidence = &checking->evidence;

	for (size_t i = 0; i < evidence->page_count; i++) {
		const struct evidence_part *part = evidence->pages[i];
		struct blob json = blob_of(part->data, part->len);
		uint64_t serial, number;
		char begin[32];

		if (parse_page_name(part->name, &serial, &number))
			snprintf(begin, sizeof(begin), "{\"page\":%llu,",
			    (unsigned long long)number);
		else
			begin[0] = '\0';
		if (begin[0] == '\0' || part->len < strlen(begin) ||
		    memcmp(part->data, begin, strlen(begin)) != 0 ||
		    !offline_has(checking->offline, BULLETIN_DIRECTORY, serial))
			return error_set_id(err, "E3501", ERROR_MALFORMED,
			    "%s: the name does not say what it is", part->name);
		if (offline_add_page(checking->offline, serial, &json, err) < 0)
			return -1;
	}
	return 0;
}

/* ---- certificates ---------------------------------------------------- */

static bool
is_log(const struct verify_context *context, const char *name,
    const struct cert *cert)
{
	struct directory_center center;
	size_t len;
	const uint8_t *der = cert_der(cert, &len);

	return directory_find_center(context->directory, name, &center) &&
	    center.log_len == len && memcmp(center.log, der, len) == 0;
}

/* "certificates/log-center-a-0011223344556677.pem" begins like that. */
static bool
is_named_log_of(const char *name, const char *center)
{
	char prefix[EVIDENCE_NAME_SIZE];

	snprintf(prefix, sizeof(prefix), "certificates/log-%s-", center);
	return text_starts(name, prefix);
}

/* Whose it is by its name: of one of the parties, or of a center's log. */
static bool
is_what_it_says(const struct checking *checking, const char *name,
    const struct cert *cert)
{
	static const struct {
		const char *prefix;
		bool is_senders;
		enum key_use use;
	} owners[] = {
		{ "certificates/sender-module-", true, KEY_MODULE },
		{ "certificates/sender-sign-", true, KEY_SIGN },
		{ "certificates/recipient-module-", false, KEY_MODULE },
		{ "certificates/recipient-sign-", false, KEY_SIGN },
		{ "certificates/receiver-module-", false, KEY_MODULE },
		{ "certificates/receiver-sign-", false, KEY_SIGN },
	};
	const struct verify_context *context =
	    offline_context(checking->offline);
	const struct evidence_verdict *verdict = checking->verdict;
	const char *const centers[] = { verdict->waybill.head.center,
		verdict->leaf.center };

	for (size_t i = 0; i < ARRAY_LEN(owners); i++)
		if (text_starts(name, owners[i].prefix) &&
		    verify_is_registered(context,
			owners[i].is_senders ? verdict->waybill.head.sender.text
					     : verdict->leaf.recipient.text,
			owners[i].use, cert_fingerprint(cert), context->now))
			return true;
	for (size_t i = 0; i < ARRAY_LEN(centers); i++)
		if (is_named_log_of(name, centers[i]) &&
		    is_log(context, centers[i], cert))
			return true;
	return false;
}

/* As of the newest bulletins, and as of those of each event. */
static int
is_known(const struct checking *checking, const char *name,
    const struct cert *cert, struct error *err)
{
	const struct evidence_verdict *verdict = checking->verdict;
	struct statement_serials serials = { UINT64_MAX, UINT64_MAX, UINT64_MAX,
		UINT64_MAX };

	for (size_t i = 0; i <= verdict->event_count; i++) {
		if (offline_select(checking->offline, &serials,
			checking->terms->now, err) < 0)
			return -1;
		if (is_what_it_says(checking, name, cert))
			return 1;
		serials.directory = i < verdict->event_count
		    ? verdict->events[i].directory
		    : UINT64_MAX;
	}
	return 0;
}

static int
check_certificate(const struct checking *checking,
    const struct evidence_part *part, struct error *err)
{
	char digest[DIGEST_TEXT_SIZE], ending[32];
	struct bytes pem = { 0 };
	struct cert *cert = NULL;
	int rc = -1;

	if (cert_parse_pem((const char *)part->data, part->len, &cert, err) < 0)
		return error_prefix(err, "%s", part->name);
	digest_format(cert_fingerprint(cert), digest);
	snprintf(ending, sizeof(ending), "-%.16s.pem", digest);
	cert_put_pem(cert, &pem);
	if (bytes_failed(&pem, err) < 0)
		goto done;
	rc = is_known(checking, part->name, cert, err);
	if (rc < 0)
		goto done;
	if (rc == 0 || !text_ends(part->name, ending) || pem.len != part->len ||
	    memcmp(pem.data, part->data, pem.len) != 0)
		rc = error_set_id(err, "E3506", ERROR_UNTRUSTED,
		    "%s: not registered as what its name says", part->name);
	else
		rc = 0;
done:
	bytes_free(&pem);
	cert_free(cert);
	return rc;
}

int
evidence_check_certificates(const struct checking *checking, struct error *err)
{
	const struct evidence *evidence = &checking->evidence;

	for (size_t i = 0; i < evidence->certificate_count; i++)
		if (check_certificate(checking, evidence->certificates[i],
			err) < 0)
			return -1;
	return 0;
}
