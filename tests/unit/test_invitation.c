#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "directory/invitation.h"

#define ZEROS "000000000000000000000000000000000000000000000000000000000000000"
#define INVITATION(environment, center, address, port, certificate, root)    \
	"{\"format\":\"yizhan-invitation-1\",\"environment\":\"" environment \
	"\",\"center\":\"" center "\",\"address\":\"" address                \
	"\",\"port\":" port ",\"certificate\":\"" certificate                \
	"\",\"root\":\"" root "\"}"

static void
what_is_written_is_read(void **state)
{
	static const char good[] = INVITATION("demo", "center-a", "192.0.2.21",
	    "7443", ZEROS "1", "MAA=");
	struct invitation invitation = { .port = 0 };
	struct bytes again = { 0 };
	struct error err = { 0 };

	(void)state;
	assert_int_equal(invitation_decode(good, strlen(good), &invitation,
			     &err),
	    0);
	assert_string_equal(invitation.center, "center-a");
	assert_string_equal(invitation.address, "192.0.2.21");
	assert_int_equal(invitation.port, 7443);
	assert_int_equal(invitation.certificate.bytes[31], 1);
	assert_int_equal(invitation.root.len, 2);
	assert_int_equal(invitation_encode(&invitation, &again, &err), 0);
	assert_int_equal(again.len, strlen(good));
	assert_memory_equal(again.data, good, again.len);
	bytes_free(&again);
	invitation_free(&invitation);
}

static void
what_could_steer_a_configuration_is_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"{}",
		INVITATION("", "center-a", "192.0.2.21", "7443", ZEROS "1",
		    "MAA="),
		INVITATION("demo\\nx", "center-a", "192.0.2.21", "7443",
		    ZEROS "1", "MAA="),
		INVITATION("demo", "center\\n[host]", "192.0.2.21", "7443",
		    ZEROS "1", "MAA="),
		INVITATION("demo", "a234567890123456789012345678901234567890b",
		    "192.0.2.21", "7443", ZEROS "1", "MAA="),
		INVITATION("demo", "center-a", "center.example", "7443",
		    ZEROS "1", "MAA="),
		INVITATION("demo", "center-a", "192.0.2.21\\nx", "7443",
		    ZEROS "1", "MAA="),
		INVITATION("demo", "center-a", "192.0.2.21", "0", ZEROS "1",
		    "MAA="),
		INVITATION("demo", "center-a", "192.0.2.21", "65536", ZEROS "1",
		    "MAA="),
		INVITATION("demo", "center-a", "192.0.2.21", "7443", ZEROS,
		    "MAA="),
		INVITATION("demo", "center-a", "192.0.2.21", "7443", ZEROS "1",
		    ""),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct invitation invitation = { .port = 0 };
		struct error err = { 0 };

		assert_int_equal(invitation_decode(bad[i], strlen(bad[i]),
				     &invitation, &err),
		    -1);
		assert_string_equal(err.id, "E6901");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(what_could_steer_a_configuration_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
