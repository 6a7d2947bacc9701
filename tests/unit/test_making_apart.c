/* Copies written apart: each names its recipient, and nobody else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "gateway/sending/making_apart.h"

/* The text of a copy, freed by the caller. */
static char *
copy_of(const struct making_apart *apart, size_t index)
{
	char *text = text_dup_len((const char *)apart->letters[index].data,
	    apart->letters[index].len);

	assert_non_null(text);
	return text;
}

static void
each_copy_names_its_recipient_alone(void **state)
{
	static const char letter[] =
	    "{\"kind\":\"letter\",\"name\":\"x\",\"subject\":\"S\","
	    "\"originals\":[{\"kind\":\"org\",\"name\":\"甲\"}],"
	    "\"copies\":[{\"kind\":\"org\",\"name\":\"乙\"}],"
	    "\"attendees\":[{\"kind\":\"org\",\"name\":\"丙\"},"
	    "{\"kind\":\"org\",\"name\":\"甲\"}],"
	    "\"rosters\":[{\"entries\":[{\"name\":\"甲\",\"code\":"
	    "\"376470000A\"},{\"name\":\"乙\",\"code\":\"376530000A\","
	    "\"copy\":\"副本\",\"with_attachments\":false}]},"
	    "{\"entries\":[{\"name\":\"丙\",\"code\":"
	    "\"376470000AU000001\"}]}]}";
	static const char *const names[] = { "甲", "乙", "丙" };
	struct making_apart apart = { 0 };
	struct error err = { 0 };

	(void)state;
	if (making_apart_split(blob_of(letter, strlen(letter)), &apart, &err) <
	    0)
		fail_msg("%s", err.text);
	assert_int_equal(apart.count, 3);
	for (size_t i = 0; i < apart.count; i++) {
		char *text = copy_of(&apart, i);

		for (size_t j = 0; j < ARRAY_LEN(names); j++)
			assert_true(
			    (strstr(text, names[j]) != NULL) == (i == j));
		assert_non_null(strstr(text, "\"copy\":\"正本\""));
		assert_null(strstr(text, "副本"));
		assert_null(strstr(text, "\"copies\""));
		assert_true((strstr(text, "\"with_attachments\":false") !=
				NULL) == (i == 1));
		/* Named among attendees, it is no original besides. */
		assert_true(
		    (strstr(text, "\"originals\"") != NULL) == (i != 2));
		free(text);
	}
	making_apart_free(&apart);
}

static void
what_is_no_letter_to_somebody_is_refused(void **state)
{
	static const char *const letters[] = { "[]", "{}", "{", "",
		"{\"rosters\":[{\"entries\":[]}]}",
		"{\"rosters\":[{\"entries\":[1]}]}" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(letters); i++) {
		struct making_apart apart = { 0 };
		struct error err = { 0 };

		assert_int_equal(making_apart_split(blob_of(letters[i],
							strlen(letters[i])),
				     &apart, &err),
		    -1);
		assert_int_not_equal(err.code, ERROR_NONE);
		making_apart_free(&apart);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_copy_names_its_recipient_alone),
		cmocka_unit_test(what_is_no_letter_to_somebody_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
