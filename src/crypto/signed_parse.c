#include "base/error.h"
#include "crypto/object.h"
#include "crypto/signed_internal.h"

int
signed_malformed(struct error *err, const char *what)
{
	return error_set_id(err, "E3010", ERROR_MALFORMED, "SignedData: %s",
	    what);
}

int
signed_wrong_count(struct error *err, const char *what)
{
	return error_set_id(err, "E3011", ERROR_UNTRUSTED, "SignedData: %s",
	    what);
}

static void
expect_object(struct der *der, int tag, enum object object)
{
	struct der_item item = der_take(der, tag);

	if (object_of(&item) != object)
		der->failed = true;
}

/* Issuer and serial number out of an encoded certificate. */
static void
read_carried(struct der_item whole, struct der *der, struct signed_carried *ret)
{
	struct der outer = der_of(whole.whole, whole.whole_len);
	struct der cert = der_enter(&outer, DER_SEQUENCE);
	struct der body = der_enter(&cert, DER_SEQUENCE);

	der_take(&body, DER_CONTEXT_CONSTRUCTED);
	ret->whole = whole;
	ret->serial = der_take(&body, DER_INTEGER);
	der_take(&body, DER_SEQUENCE);
	ret->issuer = der_take(&body, DER_SEQUENCE);
	ret->used = false;
	if (body.failed)
		der->failed = true;
}

static int
read_certs(struct der *der, size_t max, struct signed_parts *parts,
    struct error *err)
{
	struct der set = der_enter(der, DER_CONTEXT_CONSTRUCTED);
	struct der_item item = { 0 };

	while (set.left > 0) {
		if (parts->cert_count == max)
			return signed_wrong_count(err, "too many certificates");
		item = der_take_of_set(&set, &item);
		read_carried(item, &set, &parts->certs[parts->cert_count++]);
	}
	der_leave(der, &set);
	return 0;
}

static void
read_info(struct der *set, struct der_item item, struct signed_info *ret)
{
	struct der outer = der_of(item.whole, item.whole_len);
	struct der der = der_enter(&outer, DER_SEQUENCE);
	struct der name;

	ret->whole = item;
	if (der_small(&der) != 1)
		der.failed = true;
	name = der_enter(&der, DER_SEQUENCE);
	ret->issuer = der_take(&name, DER_SEQUENCE);
	ret->serial = der_take(&name, DER_INTEGER);
	der_leave(&der, &name);
	expect_object(&der, DER_SEQUENCE, OBJECT_SHA256);
	ret->attributes = der_take(&der, DER_CONTEXT_CONSTRUCTED);
	ret->algorithm = der_take(&der, DER_SEQUENCE);
	ret->signature = der_take(&der, DER_OCTET_STRING);
	/* Unsigned attributes would follow here. */
	der_leave(set, &der);
}

static int
read_infos(struct der *der, size_t max, struct signed_parts *parts,
    struct error *err)
{
	struct der set = der_enter(der, DER_SET);
	struct der_item item = { 0 };

	while (set.left > 0) {
		if (parts->info_count == max)
			return signed_wrong_count(err, "too many signers");
		item = der_take_of_set(&set, &item);
		read_info(&set, item, &parts->infos[parts->info_count++]);
	}
	der_leave(der, &set);
	if (!der->failed && parts->info_count == 0)
		return signed_wrong_count(err, "no signer");
	return 0;
}

static void
read_content(struct der *der, struct signed_parts *parts)
{
	struct der inner = der_enter(der, DER_SEQUENCE);

	expect_object(&inner, DER_OID, OBJECT_DATA);
	if (inner.left > 0) {
		struct der octets = der_enter(&inner, DER_CONTEXT_CONSTRUCTED);

		parts->content = der_take(&octets, DER_OCTET_STRING);
		der_leave(&inner, &octets);
	}
	der_leave(der, &inner);
}

int
signed_read_parts(const void *cms, size_t len, size_t max,
    struct signed_parts *parts, struct error *err)
{
	struct der der = der_of(cms, len);
	struct der info = der_enter(&der, DER_SEQUENCE);
	struct der wrapped, body, digests;

	expect_object(&info, DER_OID, OBJECT_SIGNED_DATA);
	wrapped = der_enter(&info, DER_CONTEXT_CONSTRUCTED);
	body = der_enter(&wrapped, DER_SEQUENCE);
	if (der_small(&body) != 1)
		return signed_malformed(err, "not DER, or not version 1");
	digests = der_enter(&body, DER_SET);
	expect_object(&digests, DER_SEQUENCE, OBJECT_SHA256);
	der_leave(&body, &digests);
	read_content(&body, parts);
	if (read_certs(&body, max, parts, err) < 0 ||
	    read_infos(&body, max, parts, err) < 0)
		return -1;
	if (!der_leave(&wrapped, &body) || !der_leave(&info, &wrapped) ||
	    !der_leave(&der, &info) || !der_done(&der))
		return signed_malformed(err, "not of the form of the profile");
	return 0;
}
