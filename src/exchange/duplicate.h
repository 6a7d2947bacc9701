/*
 * Which of two things with one name is which: repeats get the first answer,
 * others under a known name are refused and alarm.  Pure (T-PROTO-01, I3).
 */
#ifndef EXCHANGE_DUPLICATE_H
#define EXCHANGE_DUPLICATE_H

#include "base/attr.h"
#include "model/digest.h"
#include "model/id.h"
#include "model/org.h"

struct error;

enum duplicate_kind {
	DUPLICATE_NONE, /* another thing */
	DUPLICATE_SAME, /* the same again: first answer, no second entry */
	DUPLICATE_CLASH /* same name, other content: refuse and alarm */
};

/* A letter as the recipient's gateway knows it. */
struct duplicate_letter {
	struct org_code sender;
	struct id document_id;
	struct digest package;
};

/*
 * By (sender, document id, package digest): the same letter may come under two
 * waybills, and gets one entry in the inbox; its receipts are made for both.
 */
enum duplicate_kind duplicate_letter(const struct duplicate_letter *known,
    const struct duplicate_letter *arrived);

/* A waybill at a center: the id is unique per sender. */
struct duplicate_waybill {
	struct org_code sender;
	struct id waybill_id;
	struct digest digest; /* of the signed waybill */
};

enum duplicate_kind duplicate_waybill(const struct duplicate_waybill *known,
    const struct duplicate_waybill *arrived);

/* 0 unless it is a clash: then ERROR_EXISTS E4103, HTTP 409. */
int duplicate_check(enum duplicate_kind kind, struct error *err) MUST_CHECK;

#endif
