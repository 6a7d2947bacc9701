#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/error.h"
#include "crypto/hmac.h"
#include "crypto/key.h"
#include "role/keeper/module_text.h"

static void
make(const char *code, struct bytes *to, struct secret_key *ret_code)
{
	struct module_text text = { .environment = "demo",
		.host = "gateway-1",
		.codes = "376490000A",
		.time_ms = 1764000000000 };
	uint8_t point[P256_POINT_LEN];
	struct key *key = NULL;
	struct error err = { 0 };

	assert_int_equal(module_code_key(code, ret_code, &err), 0);
	assert_int_equal(key_generate(CERT_KEY_P256, &key, &err), 0);
	assert_int_equal(p256_point(key, point, &err), 0);
	bytes_put(&text.public_key, point, sizeof(point));
	assert_int_equal(module_text_put(&text, ret_code, key, to, &err), 0);
	module_text_free(&text);
	key_free(key);
}

static void
a_request_reads_as_it_was_made(void **state)
{
	struct secret_key code;
	struct module_text text;
	struct bytes request = { 0 };
	struct digest mac;
	struct error err = { 0 };

	(void)state;
	make("ABCD-EFGH-JKMN-PQRS-TVWX", &request, &code);
	assert_int_equal(module_text_read(request.data, request.len, &text,
			     &err),
	    0);
	assert_string_equal(text.host, "gateway-1");
	assert_string_equal(text.codes, "376490000A");
	assert_int_equal(hmac_sha256(&code, text.json, text.json_len, &mac,
			     &err),
	    0);
	assert_memory_equal(&mac, &text.mac, sizeof(mac));
	module_text_free(&text);
	bytes_free(&request);
}

static void
a_request_with_any_byte_changed_is_refused_or_another_mac(void **state)
{
	struct secret_key code;
	struct bytes request = { 0 };

	(void)state;
	make("ABCD-EFGH-JKMN-PQRS-TVWX", &request, &code);
	for (size_t i = 0; i < request.len; i++) {
		struct module_text text = { .time_ms = 0 };
		struct digest mac;
		struct error err = { 0 };

		request.data[i] ^= 1;
		if (module_text_read(request.data, request.len, &text, &err) ==
		    0) {
			/* Only the second line may read: with another value. */
			assert_int_equal(hmac_sha256(&code, text.json,
					     text.json_len, &mac, &err),
			    0);
			assert_memory_not_equal(&mac, &text.mac, sizeof(mac));
			module_text_free(&text);
		}
		request.data[i] ^= 1;
	}
	bytes_free(&request);
}

static void
a_code_is_the_same_however_it_is_typed(void **state)
{
	static const char *const bad[] = { "", "ABCD",
		"ABCD-EFGH-JKMN-PQRS-TVW", "ABCD-EFGH-JKMN-PQRS-TVWXY",
		"ABCD-EFGH-JKMN-PQRS-TVWI" };
	struct secret_key one, other;
	char made[MODULE_CODE_SIZE];
	struct error err = { 0 };

	(void)state;
	assert_int_equal(module_code_key("ABCD-EFGH-JKMN-PQRS-TVWX", &one,
			     &err),
	    0);
	assert_int_equal(module_code_key("abcdefgh jkmnpqrs tvwx", &other,
			     &err),
	    0);
	assert_memory_equal(&one, &other, sizeof(one));
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(module_code_key(bad[i], &one, &err), -1);
	assert_string_equal(err.id, "E3627");
	assert_int_equal(module_code_make(made, &err), 0);
	assert_int_equal(strlen(made), MODULE_CODE_SIZE - 1);
	assert_int_equal(module_code_key(made, &other, &err), 0);
	assert_memory_not_equal(&one, &other, sizeof(one));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_reads_as_it_was_made),
		cmocka_unit_test(
		    a_request_with_any_byte_changed_is_refused_or_another_mac),
		cmocka_unit_test(a_code_is_the_same_however_it_is_typed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
