#include "crypto/crl.h"

#include <stdbool.h>
#include <string.h>

#include "base/error.h"
#include "crypto/cert.h"
#include "crypto/cert_places.h"
#include "crypto/der.h"
#include "crypto/key.h"
#include "crypto/ocsp.h"
#include "crypto/signed_internal.h"

enum { ENUMERATED = 0x0a, BOOLEAN = 0x01, URI = DER_CONTEXT | 6 };

/* A list without nextUpdate is no better than one of a day. */
static const int64_t no_next_ms = INT64_C(24) * 3600 * 1000;

/* Under id-ce, 2.5.29. */
enum {
	CE_NUMBER = 20,
	CE_REASON = 21,
	CE_INVALIDITY = 24,
	CE_DELTA = 27,
	CE_POINT = 28,
	CE_AUTHORITY_KEY = 35,
	CE_FRESHEST = 46,
	CE_OTHER = 255,
};

static int
malformed(struct error *err, const char *what)
{
	return error_set_id(err, "E3701", ERROR_MALFORMED, "CRL: %s", what);
}

static int
of_other(struct error *err, const char *what)
{
	return error_set_id(err, "E3702", ERROR_UNTRUSTED, "CRL: %s", what);
}

/* ---- extensions ------------------------------------------------------ */

struct extension {
	int id;
	bool is_critical;
	struct der_item value; /* body: what is in the OCTET STRING */
};

static bool
take_extension(struct der *list, struct extension *ret)
{
	struct der one = der_enter(list, DER_SEQUENCE);
	struct der_item oid = der_take(&one, DER_OID);

	ret->id =
	    oid.body_len == 3 && oid.body[0] == 0x55 && oid.body[1] == 0x1d
	    ? oid.body[2]
	    : CE_OTHER;
	ret->is_critical = false;
	if (der_peek(&one) == BOOLEAN) {
		struct der_item flag = der_take(&one, BOOLEAN);

		ret->is_critical = flag.body_len == 1 && flag.body[0] != 0;
	}
	ret->value = der_take(&one, DER_OCTET_STRING);
	return der_leave(list, &one);
}

/*
 * IssuingDistributionPoint: the list may be a part of the whole, or of users'
 * certificates alone.  All else makes it say less than it seems to.
 */
static int
read_point(const struct der_item *value, struct crl *crl, struct error *err)
{
	enum { USERS_ONLY = DER_CONTEXT | 1, NAME = DER_CONTEXT_CONSTRUCTED };
	struct der whole = der_of(value->body, value->body_len);
	struct der point = der_enter(&whole, DER_SEQUENCE);

	if (der_peek(&point) == NAME) {
		struct der name = der_enter(&point, NAME);
		struct der_item full = der_take(&name, NAME);

		if (!der_leave(&point, &name))
			return malformed(err, "distribution point");
		crl->point = full.body;
		crl->point_len = full.body_len;
	}
	if (der_peek(&point) == USERS_ONLY)
		der_take(&point, USERS_ONLY);
	if (!der_leave(&whole, &point) || !der_done(&whole))
		return error_set_id(err, "E3702", ERROR_UNTRUSTED,
		    "CRL: of CAs, of some reasons, or by others");
	return 0;
}

static int
read_extensions(struct der *tbs, struct crl *crl, struct error *err)
{
	struct der outer = der_enter(tbs, DER_CONTEXT_CONSTRUCTED);
	struct der list = der_enter(&outer, DER_SEQUENCE);

	while (list.left > 0 && !list.failed) {
		struct extension one;

		if (!take_extension(&list, &one))
			break;
		if (one.id == CE_DELTA)
			return of_other(err, "only what changed since another");
		if (one.id == CE_POINT) {
			if (read_point(&one.value, crl, err) < 0)
				return -1;
		} else if (one.is_critical && one.id != CE_NUMBER &&
		    one.id != CE_AUTHORITY_KEY && one.id != CE_FRESHEST) {
			return malformed(err, "a critical extension");
		}
	}
	if (!der_leave(&outer, &list) || !der_leave(tbs, &outer))
		return malformed(err, "extensions");
	return 0;
}

/* ---- the list -------------------------------------------------------- */

static int
check_signature(const struct der_item *tbs, const struct der_item *algorithm,
    const struct der_item *signature, const struct cert *issuer,
    struct error *err)
{
	enum key_scheme scheme;

	if ((cert_info(issuer)->usage & CERT_USAGE_CRL_SIGN) == 0 ||
	    signed_scheme_of(algorithm, cert_info(issuer)->key, &scheme, err) <
		0 ||
	    key_verify(issuer, scheme, tbs->whole, tbs->whole_len,
		signature->body, signature->body_len, err) < 0)
		return error_set_id(err, "E3703", ERROR_UNTRUSTED,
		    "CRL: not signed by the certificate's authority");
	return 0;
}

static bool
take_time(struct der *der, int64_t *ret_at)
{
	struct der_item item = der_take_any(der);

	return item.whole != NULL && signed_parse_time(&item, ret_at);
}

static bool
is_time(int tag)
{
	return tag == DER_UTC_TIME || tag == DER_GENERALIZED_TIME;
}

/* Version 2; `algorithm` is that beside the signature, to be the same. */
static int
read_tbs(const struct der_item *item, const struct der_item *algorithm,
    const struct cert *issuer, struct crl *crl, struct error *err)
{
	struct der tbs = der_of(item->body, item->body_len);
	struct der_item inner, name;
	size_t len;
	const uint8_t *subject = cert_subject_der(issuer, &len);
	int version = der_small(&tbs);

	inner = der_take(&tbs, DER_SEQUENCE);
	name = der_take(&tbs, DER_SEQUENCE);
	if (tbs.failed || version != 1 ||
	    !der_item_equal(&inner, algorithm->whole, algorithm->whole_len) ||
	    !take_time(&tbs, &crl->this_update))
		return malformed(err, "no list of version 2");
	if (!der_item_equal(&name, subject, len))
		return of_other(err, "of another authority");
	crl->next_update = crl->this_update + no_next_ms;
	if (is_time(der_peek(&tbs)) && !take_time(&tbs, &crl->next_update))
		return malformed(err, "unreadable time");
	if (der_peek(&tbs) == DER_SEQUENCE) {
		struct der_item entries = der_take(&tbs, DER_SEQUENCE);

		crl->entries = entries.body;
		crl->entries_len = entries.body_len;
	}
	if (der_peek(&tbs) == DER_CONTEXT_CONSTRUCTED &&
	    read_extensions(&tbs, crl, err) < 0)
		return -1;
	return der_done(&tbs) ? 0 : malformed(err, "something behind it");
}

static int
check_times(const struct crl *crl, int64_t at_ms, struct error *err)
{
	if (crl->next_update < crl->this_update)
		return malformed(err, "it ends before it begins");
	if (at_ms == 0)
		return 0;
	if (crl->this_update > at_ms + OCSP_SKEW_MS)
		return error_set_id(err, "E3704", ERROR_UNTRUSTED,
		    "CRL: from the future");
	if (crl->next_update + OCSP_SKEW_MS < at_ms)
		return error_set_id(err, "E3704", ERROR_UNTRUSTED,
		    "CRL: an old one");
	return 0;
}

int
crl_open(const void *list, size_t len, const struct cert *issuer, int64_t at_ms,
    struct crl *ret_crl, struct error *err)
{
	struct der der = der_of(list, len);
	struct der whole = der_enter(&der, DER_SEQUENCE);
	struct der_item tbs = der_take(&whole, DER_SEQUENCE);
	struct der_item algorithm = der_take(&whole, DER_SEQUENCE);
	struct der_item signature = der_take_bits(&whole);
	struct crl crl = { .entries = NULL };

	if (len > CRL_MAX)
		return malformed(err, "too long");
	if (!der_leave(&der, &whole) || !der_done(&der))
		return malformed(err, "not DER, or no list");
	if (read_tbs(&tbs, &algorithm, issuer, &crl, err) < 0 ||
	    check_signature(&tbs, &algorithm, &signature, issuer, err) < 0 ||
	    check_times(&crl, at_ms, err) < 0)
		return -1;
	*ret_crl = crl;
	return 0;
}

/* ---- one certificate ------------------------------------------------- */

/* One of the names of its part must be one where the certificate points to. */
static bool
covers(const struct crl *crl, const struct cert *cert)
{
	struct der names = der_of(crl->point, crl->point_len);
	struct cert_places places;

	if (crl->point == NULL)
		return true;
	cert_places(cert, &places);
	while (names.left > 0 && !names.failed) {
		struct der_item name;

		if (der_peek(&names) != URI) {
			der_take_any(&names);
			continue;
		}
		name = der_take(&names, URI);
		for (size_t i = 0; i < places.crl_count; i++)
			if (name.body_len == strlen(places.crl[i]) &&
			    memcmp(name.body, places.crl[i], name.body_len) ==
				0)
				return true;
	}
	return false;
}

/* The reason, if its extension is there; others must not be critical. */
static int
read_entry_extensions(struct der *entry, int *ret_reason, struct error *err)
{
	struct der list = der_enter(entry, DER_SEQUENCE);

	while (list.left > 0 && !list.failed) {
		struct extension one;

		if (!take_extension(&list, &one))
			break;
		if (one.id == CE_REASON) {
			struct der value =
			    der_of(one.value.body, one.value.body_len);
			struct der_item reason = der_take(&value, ENUMERATED);

			if (reason.body_len == 1 &&
			    reason.body[0] <= REVOCATION_REASON_MAX)
				*ret_reason = reason.body[0];
		} else if (one.is_critical && one.id != CE_INVALIDITY) {
			return malformed(err, "a critical entry extension");
		}
	}
	return der_leave(entry, &list) ? 0 : malformed(err, "an entry");
}

static int
read_entry(struct der *entry, struct revocation *to, struct error *err)
{
	if (!take_time(entry, &to->revoked_at))
		return malformed(err, "an entry's time");
	to->state = REVOCATION_REVOKED;
	if (entry->left > 0)
		return read_entry_extensions(entry, &to->reason, err);
	return 0;
}

int
crl_find(const struct crl *crl, const struct cert *cert,
    const struct cert *issuer, struct revocation *ret_revocation,
    struct error *err)
{
	struct der entries = der_of(crl->entries, crl->entries_len);
	struct revocation found = { .state = REVOCATION_GOOD,
		.this_update = crl->this_update,
		.next_update = crl->next_update };
	size_t serial_len, name_len, subject_len;
	const uint8_t *serial = cert_serial_der(cert, &serial_len);
	const uint8_t *name = cert_issuer_der(cert, &name_len);
	const uint8_t *subject = cert_subject_der(issuer, &subject_len);

	if (name_len != subject_len || memcmp(name, subject, name_len) != 0 ||
	    !covers(crl, cert))
		return of_other(err, "it does not speak of this certificate");
	while (entries.left > 0 && !entries.failed) {
		struct der entry = der_enter(&entries, DER_SEQUENCE);
		struct der_item number = der_take(&entry, DER_INTEGER);

		if (!der_item_equal(&number, serial, serial_len)) {
			/* The rest of it is of no interest. */
			entry.data += entry.left;
			entry.left = 0;
		} else if (read_entry(&entry, &found, err) < 0) {
			return -1;
		}
		if (!der_leave(&entries, &entry))
			break;
	}
	if (!der_done(&entries))
		return malformed(err, "an entry is not DER");
	*ret_revocation = found;
	return 0;
}
