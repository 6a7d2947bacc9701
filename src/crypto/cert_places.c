#include "crypto/cert_places.h"

#include <string.h>

#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/x509v3.h>

#include "base/text.h"
#include "crypto/cert.h"

/* Printable ASCII without spaces and commas, as lists of URLs need it. */
static bool
is_plain(const char *text)
{
	for (; *text != '\0'; text++)
		if (*text <= ' ' || *text > '~' || *text == ',')
			return false;
	return true;
}

static void
add(const GENERAL_NAME *name, char list[][CERT_PLACE_SIZE], size_t *count)
{
	char *to = list[*count];
	const ASN1_STRING *text;

	if (name->type != GEN_URI || *count == CERT_PLACES_MAX)
		return;
	text = name->d.uniformResourceIdentifier;
	if (text_copy_len(to, CERT_PLACE_SIZE,
		(const char *)ASN1_STRING_get0_data(text),
		(size_t)ASN1_STRING_length(text)) &&
	    strlen(to) == (size_t)ASN1_STRING_length(text) &&
	    (text_starts(to, "http://") || text_starts(to, "https://")) &&
	    is_plain(to))
		(*count)++;
}

static void
add_responders(X509 *x509, struct cert_places *places)
{
	AUTHORITY_INFO_ACCESS *access =
	    X509_get_ext_d2i(x509, NID_info_access, NULL, NULL);

	for (int i = 0; i < sk_ACCESS_DESCRIPTION_num(access); i++) {
		const ACCESS_DESCRIPTION *one =
		    sk_ACCESS_DESCRIPTION_value(access, i);

		if (OBJ_obj2nid(one->method) == NID_ad_OCSP)
			add(one->location, places->ocsp, &places->ocsp_count);
	}
	AUTHORITY_INFO_ACCESS_free(access);
}

static void
add_lists(X509 *x509, struct cert_places *places)
{
	CRL_DIST_POINTS *points =
	    X509_get_ext_d2i(x509, NID_crl_distribution_points, NULL, NULL);

	for (int i = 0; i < sk_DIST_POINT_num(points); i++) {
		const DIST_POINT *point = sk_DIST_POINT_value(points, i);
		const GENERAL_NAMES *names;

		/* Of another issuer, or for some reasons only: not for us. */
		if (point->distpoint == NULL || point->distpoint->type != 0 ||
		    point->reasons != NULL || point->CRLissuer != NULL)
			continue;
		names = point->distpoint->name.fullname;
		for (int k = 0; k < sk_GENERAL_NAME_num(names); k++)
			add(sk_GENERAL_NAME_value(names, k), places->crl,
			    &places->crl_count);
	}
	CRL_DIST_POINTS_free(points);
}

void
cert_places(const struct cert *cert, struct cert_places *ret_places)
{
	ret_places->ocsp_count = ret_places->crl_count = 0;
	add_responders(cert_x509(cert), ret_places);
	add_lists(cert_x509(cert), ret_places);
	ERR_clear_error();
}
