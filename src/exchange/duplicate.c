#include "exchange/duplicate.h"

#include "base/error.h"

enum duplicate_kind
duplicate_letter(const struct duplicate_letter *known,
    const struct duplicate_letter *arrived)
{
	if (!org_code_equal(&known->sender, &arrived->sender) ||
	    !id_equal(&known->document_id, &arrived->document_id))
		return DUPLICATE_NONE;
	return digest_equal(&known->package, &arrived->package)
	    ? DUPLICATE_SAME
	    : DUPLICATE_CLASH;
}

enum duplicate_kind
duplicate_waybill(const struct duplicate_waybill *known,
    const struct duplicate_waybill *arrived)
{
	if (!org_code_equal(&known->sender, &arrived->sender) ||
	    !id_equal(&known->waybill_id, &arrived->waybill_id))
		return DUPLICATE_NONE;
	return digest_equal(&known->digest, &arrived->digest) ? DUPLICATE_SAME
							      : DUPLICATE_CLASH;
}

int
duplicate_check(enum duplicate_kind kind, struct error *err)
{
	if (kind != DUPLICATE_CLASH)
		return 0;
	return error_set_id(err, "E4103", ERROR_EXISTS,
	    "another content was accepted under this id");
}
