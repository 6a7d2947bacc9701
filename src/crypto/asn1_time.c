#include "crypto/asn1_time.h"

#include <time.h>

#include <openssl/asn1.h>

#include "model/times.h"

bool
asn1_time_read(const struct asn1_string_st *time, int64_t *ret_at_ms)
{
	struct tm tm;
	int64_t days;

	if (time == NULL || ASN1_TIME_to_tm(time, &tm) != 1 ||
	    !times_days_of_date(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday,
		&days))
		return false;
	*ret_at_ms =
	    (((days * 24 + tm.tm_hour) * 60 + tm.tm_min) * 60 + tm.tm_sec) *
	    INT64_C(1000);
	return true;
}
