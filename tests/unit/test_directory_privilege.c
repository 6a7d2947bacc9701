#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/attr.h"
#include "base/bytes.h"
#include "base/error.h"
#include "bulletin/bulletin.h"
#include "directory/directory.h"
#include "directory/directory_changes.h"
#include "directory/directory_image.h"
#include "directory/directory_privilege.h"
#include "json/json_read.h"

enum { ENTRY_SIZE = 2000 };

/* ---- the directory -------------------------------------------------------- */

/* Stand-ins for certificates: DER elements that say one letter. */
#define CERT_A "MAMMAWE="
#define CERT_B "MAMMAWI="
#define CERT_C "MAMMAWM="

static const char network_json[] =
    "{\"format\":\"yizhan-bulletin-1\",\"environment\":\"demo\","
    "\"type\":\"network\",\"name\":\"\",\"serial\":1,"
    "\"issued\":\"2026-11-22T00:00:00.000Z\","
    "\"expires\":\"2027-11-22T00:00:00.000Z\",\"previous\":\"\",\"body\":{"
    "\"centers\":[{\"name\":\"center-a\",\"kind\":\"shared\","
    "\"conformance\":\"yizhan\",\"address\":\"10.0.0.1\",\"port\":7443,"
    "\"tls\":[\"" CERT_A "\"],\"log\":\"" CERT_B
    "\",\"origin\":\"yizhan/demo/center-a/1\"}],\"management\":[]}}";

#define KEY(use, state, certificate, more)                                             \
	"{\"use\":\"" use "\",\"state\":\"" state                                      \
	"\",\"not_after\":\"2027-01-01T00:00:00.000Z\",\"certificate\":\"" certificate \
	"\"" more "}"
#define REVOKED(at) \
	",\"revoked\":{\"reason\":\"key_compromise\",\"at\":\"" at "\"}"

/* What an entry says; NULL for what the one in force says. */
struct entry {
	const char *name, *status, *center, *supervisor, *successor, *host;
	const char *bytes, *keys;
};

#define SEAL KEY("seal", "active", CERT_B, "")
#define MODULE KEY("module", "active", CERT_C, "")
static const struct entry in_force = { "雲林縣政府", "active", "center-a", "",
	"", "gateway-a", "1000", SEAL "," MODULE };

static const char *
or_else(const char *text, const char *otherwise)
{
	return text != NULL ? text : otherwise;
}

static void
write_entry(const char *code, const struct entry *entry, char to[ENTRY_SIZE])
{
	snprintf(to, ENTRY_SIZE,
	    "{\"code\":\"%s\",\"name\":\"%s\",\"kind\":\"agency\","
	    "\"status\":\"%s\",\"center\":\"%s\",\"supervisor\":\"%s\","
	    "\"successor\":\"%s\",\"host\":\"%s\","
	    "\"accepts\":{\"letter_bytes\":%s},\"keys\":[%s]}",
	    code, or_else(entry->name, in_force.name),
	    or_else(entry->status, in_force.status),
	    or_else(entry->center, in_force.center),
	    or_else(entry->supervisor, in_force.supervisor),
	    or_else(entry->successor, in_force.successor),
	    or_else(entry->host, in_force.host),
	    or_else(entry->bytes, in_force.bytes),
	    or_else(entry->keys, in_force.keys));
}

static const char *const codes[] = { "376490000A", "376530000A" };

/* A directory_next_fn; `ctx` counts. */
static int
next_entry(void *ctx, const void **ret_json, size_t *ret_len, struct error *err)
{
	static char text[ENTRY_SIZE];
	static const struct entry revoked = {
		.keys = KEY("module", "revoked", CERT_A,
		    REVOKED("2026-06-01T00:00:00.000Z"))
	};
	size_t *count = ctx;

	(void)err;
	if (*count == ARRAY_LEN(codes))
		return 0;
	write_entry(codes[*count], *count == 0 ? &in_force : &revoked, text);
	++*count;
	*ret_json = text;
	*ret_len = strlen(text);
	return 1;
}

static struct bytes image;
static struct directory *directory;

static int
set_up(void **state)
{
	struct bulletin network = { 0 };
	struct error err = { 0 };
	size_t count = 0;
	struct directory_sources sources = { .next = next_entry,
		.next_ctx = &count,
		.directory_serial = 1,
		.network = &network };
	int rc = -1;

	(void)state;
	if (bulletin_parse(network_json, strlen(network_json), &network,
		&err) == 0 &&
	    directory_image_build(&sources, &image, &err) == 0)
		rc = directory_open(image.data, image.len, &directory, &err);
	if (rc < 0)
		fprintf(stderr, "%s\n", err.text);
	bulletin_free(&network);
	return rc;
}

static int
tear_down(void **state)
{
	(void)state;
	directory_close(directory);
	bytes_free(&image);
	return 0;
}

/* ---- entries -------------------------------------------------------------- */

static bool
reduces(const char *code, const struct entry *entry)
{
	struct directory_changes changes = { .count = 0 };
	struct error err = { 0 };
	struct org_code parsed;
	char text[ENTRY_SIZE];
	bool is_less;

	assert_true(org_code_parse(code, &parsed));
	if (entry == NULL) {
		assert_int_equal(directory_changes_remove(&changes, &parsed,
				     &err),
		    0);
	} else {
		write_entry(code, entry, text);
		assert_int_equal(directory_changes_put_json(&changes, &parsed,
				     text, strlen(text), &err),
		    0);
	}
	if (directory_privilege_reduces(directory, &changes, &is_less, &err) <
	    0)
		fail_msg("%s", err.text);
	directory_changes_free(&changes);
	return is_less;
}

static void
what_takes_away_reduces(void **state)
{
	static const struct entry less[] = {
		{ .status = "suspended" },
		{ .status = "paper" },
		{ .status = "dissolved" },
		{ .bytes = "10" },
		{ .keys = "" },
		{ .keys = SEAL },
		{ .keys = KEY("seal", "retiring", CERT_B, "") "," MODULE },
		{ .keys = SEAL "," KEY("module", "revoked", CERT_C,
		      REVOKED("2026-11-01T00:00:00.000Z")) },
		{ .name = NULL },
	};

	(void)state;
	assert_true(reduces(codes[0], NULL));
	for (size_t i = 0; i < ARRAY_LEN(less); i++)
		if (!reduces(codes[0], &less[i]))
			fail_msg("entry %zu gives something", i);
}

static void
what_gives_does_not(void **state)
{
	static const struct entry more[] = {
		{ .name = "別的名稱" },
		{ .center = "" },
		{ .supervisor = "A01000000A" },
		{ .host = "gateway-b" },
		{ .bytes = "0" },
		{ .bytes = "1001" },
		/* Who took over would receive for it. */
		{ .status = "dissolved", .successor = "376530000A" },
		{ .keys =
			SEAL "," MODULE "," KEY("sign", "active", CERT_A, "") },
		/* Another use of the same certificate. */
		{ .keys = SEAL "," KEY("sign", "active", CERT_C, "") },
		{ .keys = KEY("seal", "next", CERT_B, "") "," MODULE },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(more); i++)
		if (reduces(codes[0], &more[i]))
			fail_msg("entry %zu is taken for less", i);
	/* One that is new, however little it may do. */
	assert_false(reduces("A99000000A",
	    &(struct entry){ .status = "paper", .keys = "" }));
}

static void
what_was_revoked_stays_so(void **state)
{
	static const struct entry earlier = { .keys = KEY("module", "revoked",
						  CERT_A,
						  REVOKED("2026-05-01T00:00:00."
							  "000Z")) };
	static const struct entry later = { .keys = KEY("module", "revoked",
						CERT_A,
						REVOKED("2026-07-01T00:00:00."
							"000Z")) };
	static const struct entry again = { .keys = KEY("module", "active",
						CERT_A, "") };
	static const struct entry restored = { .status = "active",
		.keys = KEY("module", "retiring", CERT_A, "") };

	(void)state;
	assert_true(reduces(codes[1], &earlier));
	assert_false(reduces(codes[1], &later));
	assert_false(reduces(codes[1], &again));
	assert_false(reduces(codes[1], &restored));
}

/* ---- lists ---------------------------------------------------------------- */

static bool
list_reduces(const char *before, const char *after)
{
	struct json_document *one = NULL;
	struct json_document *other = NULL;
	struct error err = { 0 };
	bool is_less;

	if (json_read(before, strlen(before), 10000, &one, &err) < 0 ||
	    json_read(after, strlen(after), 10000, &other, &err) < 0)
		fail_msg("%s", err.text);
	is_less =
	    directory_privilege_list_reduces(json_root(one), json_root(other));
	json_document_free(one);
	json_document_free(other);
	return is_less;
}

#define HOST(address, tls, codes)                                           \
	"{\"name\":\"gateway-1\",\"address\":\"" address "\",\"tls\":[" tls \
	"],\"codes\":[" codes "]}"
#define HOSTS(list) "{\"hosts\":[" list "]}"

static void
lists_may_only_shrink(void **state)
{
	static const char before[] =
	    HOSTS(HOST("192.0.2.1", "\"a\",\"b\"", "\"376490000A\""));
	static const char *const less[] = {
		HOSTS(""),
		HOSTS(HOST("192.0.2.1", "\"b\"", "\"376490000A\"")),
		HOSTS(HOST("192.0.2.1", "\"a\",\"b\"", "")),
	};
	static const char *const more[] = {
		HOSTS(HOST("192.0.2.2", "\"a\"", "\"376490000A\"")),
		HOSTS(HOST("192.0.2.1", "\"c\"", "\"376490000A\"")),
		HOSTS(HOST("192.0.2.1", "\"a\"", "\"376530000A\"")),
		HOSTS("{\"name\":\"gateway-2\",\"address\":\"192.0.2.1\","
		      "\"tls\":[],\"codes\":[]}"),
		HOSTS("{\"name\":\"gateway-1\",\"address\":\"192.0.2.1\","
		      "\"tls\":[]}"),
		HOSTS("{\"address\":\"192.0.2.1\",\"tls\":[],\"codes\":[]}"),
	};

	(void)state;
	assert_true(list_reduces(before, before));
	for (size_t i = 0; i < ARRAY_LEN(less); i++)
		if (!list_reduces(before, less[i]))
			fail_msg("list %zu gives something", i);
	for (size_t i = 0; i < ARRAY_LEN(more); i++)
		if (list_reduces(before, more[i]))
			fail_msg("list %zu is taken for less", i);
}

static void
a_network_may_lose_a_center_and_no_more(void **state)
{
	static const char two[] =
	    "{\"centers\":[{\"name\":\"a\",\"address\":\"1\",\"port\":1,"
	    "\"tls\":[\"x\"]},{\"name\":\"b\",\"address\":\"2\",\"port\":1,"
	    "\"tls\":[\"y\"]}],\"management\":[]}";
	static const char one[] =
	    "{\"centers\":[{\"name\":\"b\",\"address\":\"2\",\"port\":1,"
	    "\"tls\":[\"y\"]}],\"management\":[]}";
	static const char moved[] =
	    "{\"centers\":[{\"name\":\"b\",\"address\":\"2\",\"port\":2,"
	    "\"tls\":[\"y\"]}],\"management\":[]}";

	(void)state;
	assert_true(list_reduces(two, one));
	assert_false(list_reduces(one, two));
	assert_false(list_reduces(two, moved));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_takes_away_reduces),
		cmocka_unit_test(what_gives_does_not),
		cmocka_unit_test(what_was_revoked_stays_so),
		cmocka_unit_test(lists_may_only_shrink),
		cmocka_unit_test(a_network_may_lose_a_center_and_no_more),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
