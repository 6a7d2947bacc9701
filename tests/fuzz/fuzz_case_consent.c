/*
 * Any bytes as what a person signed about a case: what is read is written
 * again to what is read the same.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "envelope/case_consent.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct case_consent consent, again;
	struct bytes json = { 0 };
	struct error err = { 0 };

	if (case_consent_decode(data, len, &consent, &err) < 0)
		return 0;
	if (case_consent_encode(&consent, &json, &err) < 0 ||
	    case_consent_decode(json.data, json.len, &again, &err) < 0 ||
	    memcmp(&consent, &again, sizeof(consent)) != 0)
		abort();
	bytes_free(&json);
	return 0;
}
