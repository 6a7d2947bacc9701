/*
 * Any bytes as what a new host says of itself: what is read is written again
 * and read to the same; and any text as a one-time code.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "directory/registration.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum { TYPED_SIZE = 64 };

static void
fold(const uint8_t *data, size_t len)
{
	char typed[TYPED_SIZE];
	char code[REGISTRATION_CODE_SIZE];
	char again[REGISTRATION_CODE_SIZE];

	if (!text_copy_len(typed, sizeof(typed), (const char *)data, len) ||
	    !registration_code_fold(typed, code))
		return;
	if (!registration_code_fold(code, again) || !text_equal(code, again))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct registration registration = { .has_host = false };
	struct registration again = { .has_host = false };
	struct bytes json = { 0 };
	struct digest proof;
	struct error err = { 0 };

	fold(data, len);
	if (registration_decode(data, len, &registration, &err) < 0)
		return 0;
	if (registration_check_signers(&registration, data, 0, &err) == 0)
		abort();
	registration_proof("73KQ201D9XVTA4ME", &registration, &proof);
	if (registration_encode(&registration, &json, &err) < 0 ||
	    registration_decode(json.data, json.len, &again, &err) < 0)
		abort();
	registration_free(&again);
	registration_free(&registration);
	bytes_free(&json);
	return 0;
}
