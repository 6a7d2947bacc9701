#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "service/config.h"

#define HOST                          \
	"[host]\n"                    \
	"kind = center, management\n" \
	"name = center-a\n"           \
	"address = 127.0.0.21\n"      \
	"data = /var/lib/yizhan\n"
#define FINGERPRINT \
	"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static struct config *
parsed(const char *text)
{
	struct error err = { 0 };
	struct config *config;

	if (config_parse_text(text, "test.conf", &config, &err) < 0)
		fail_msg("%s", err.text);
	return config;
}

static void
refused(const char *text, const char *id, const char *why)
{
	struct error err = { 0 };
	struct config *config = NULL;

	assert_int_equal(config_parse_text(text, "test.conf", &config, &err),
	    -1);
	assert_null(config);
	assert_string_equal(error_message_id(&err), id);
	if (strstr(err.text, why) == NULL)
		fail_msg("\"%s\" lacks \"%s\"", err.text, why);
}

static void
what_is_not_written_has_its_default(void **state)
{
	struct config *config = parsed(HOST);

	(void)state;
	assert_int_equal(config->host.kinds, CONFIG_CENTER | CONFIG_MANAGEMENT);
	assert_true(config_has_kind(config, CONFIG_CENTER));
	assert_false(config_has_kind(config, CONFIG_GATEWAY));
	assert_true(config_is_production(config));
	assert_int_equal(config->listen.hosts_port, 7443);
	assert_string_equal(config->listen.control,
	    "/var/lib/yizhan/control.sock");
	assert_int_equal(config->limits.letter_bytes, (int64_t)2 << 30);
	assert_int_equal(config->log.level, LOG_LEVEL_NOTICE);
	assert_int_equal(config->store.sync, 1);
	assert_string_equal(config->trust.root, "");
	config_free(config);
}

static void
an_unknown_key_is_refused_with_a_suggestion(void **state)
{
	(void)state;
	refused(HOST "adress = 127.0.0.1\n", "E1102",
	    "test.conf:6: there is no key \"adress\" in [host]; "
	    "did you mean address");
	refused(HOST "[lisen]\nhosts_port = 1\n", "E1102",
	    "test.conf:7: there is no section \"lisen\"; did you mean listen");
	refused("kind = center\n", "E1102", "test.conf:1: ");
	refused(HOST "[host]\nzzzzzz = 1\n", "E1102", "in [host]");
}

static void
a_wrong_value_is_refused_with_what_is_expected(void **state)
{
	(void)state;
	refused(HOST "[listen]\nhosts_port = 65536\n", "E1103",
	    "test.conf:7: listen.hosts_port: expected 1 to 65535");
	refused(HOST "[listen]\nhosts_port = 99999999999999999999\n", "E1103",
	    "expected a number");
	refused(HOST "[listen]\nhosts_port =\n", "E1103", "expected a number");
	refused(HOST "[listen]\nhosts_port = -1\n", "E1103",
	    "expected a number");
	refused(HOST "[limits]\nletter_bytes = 18014398509481984K\n", "E1103",
	    "expected a number");
	refused(HOST "[trust]\nfingerprint = AB\n", "E1103", "64 lower-case");
	refused(HOST "[trust]\nroot = root.bulletin\n", "E1103",
	    "absolute path");
	refused(HOST "[center]\naddress = 127.0.0.300\n", "E1103",
	    "IPv4 or IPv6");
	refused(HOST "[center]\nname = Center\n", "E1103", "a-z");
	refused(HOST "[log]\nlevel = loud\n", "E1103",
	    "\"loud\" is not one of: error, warning, notice, debug");
	refused("[host]\nkind = center, agency\n", "E1103", "\"agency\"");
	refused(HOST "[keeper]\nkey.tls = /etc/key\n", "E1103",
	    "file:/PATH or pkcs11:URI");
	refused(HOST "[keeper]\nkey. = file:/etc/key\n", "E1103", "key.NAME");
	refused(HOST "[listen]\ncontrol = /" FINGERPRINT FINGERPRINT "\n",
	    "E1103", "listen.control is longer than 107 bytes");
	refused(HOST "[courier]\nretry_max_ms = 500\n", "E1103",
	    "retry_first_ms");
}

static void
what_a_host_needs_is_required(void **state)
{
	(void)state;
	refused("", "E1104", "host.kind");
	refused("[host]\nkind = center\n", "E1104", "host.name");
	refused("[host]\nkind = gateway\nname = g\naddress = ::1\ndata = /d\n",
	    "E1104", "center.address is not set, which a gateway needs");
	refused("[host]\nkind = center\nname = c\naddress = ::1\ndata = /d\n",
	    "E1104", "management.address");
}

static void
the_same_key_twice_in_a_file_is_refused(void **state)
{
	(void)state;
	refused(HOST "name = center-b\n", "E1105",
	    "test.conf:6: name was set in line 3");
	refused(HOST "[keeper]\nkey.tls = file:/a\nkey.tls = file:/b\n",
	    "E1105", "line 7");
}

/* T-OPS: what tests may do, production must not. */
static void
production_refuses_what_loses_or_forges(void **state)
{
	struct config *config;

	(void)state;
	refused(HOST "[store]\nsync = off\n", "E1106", "store.sync");
	refused(HOST "[test]\nclock_offset_ms = -5\n", "E1106",
	    "test.clock_offset_ms");

	config = parsed(HOST "environment = demo\n[store]\nsync = off\n"
			     "[test]\nclock_offset_ms = -5\n");
	assert_int_equal(config->store.sync, 0);
	assert_int_equal(config->test.clock_offset_ms, -5);
	config_free(config);
}

static void
a_line_that_is_none_is_refused(void **state)
{
	char text[1000] = HOST "user = ";

	(void)state;
	refused(HOST "what\n", "E1107", "test.conf:6: neither");
	refused(HOST "[keeper\n", "E1107", "test.conf:6");
	refused(HOST "user = a\x01\n", "E1107", "UTF-8");
	refused(HOST "user = \xff\n", "E1107", "UTF-8");
	memset(text + strlen(text), 'u', 300);
	refused(text, "E1107", "test.conf:6: the line is longer");
}

static void
comments_and_indentation_change_nothing(void **state)
{
	struct config *config =
	    parsed("; a comment\n# another\n" HOST "  user = yizhan ; who\r\n"
		   "\tenvironment = demo\n");

	(void)state;
	assert_string_equal(config->host.user, "yizhan");
	assert_string_equal(config->host.environment, "demo");
	config_free(config);
}

static void
what_is_formatted_is_parsed_the_same(void **state)
{
	struct config *config = parsed(HOST
	    "environment = demo\n"
	    "[trust]\nroot = /etc/yizhan/root\nfingerprint = " FINGERPRINT "\n"
	    "[limits]\nletter_bytes = 3M\n"
	    "[log]\nlevel = debug\n"
	    "[test]\nclock_offset_ms = -86400000\n"
	    "[keeper]\nkey.tls = file:/k/tls.pem\n"
	    "key.log = pkcs11:token=a;object=b\n");
	struct config *again;
	struct bytes first = { 0 };
	struct bytes second = { 0 };

	(void)state;
	config_format(config, &first);
	bytes_put_u8(&first, '\0');
	again = parsed((const char *)first.data);
	config_format(again, &second);
	bytes_put_u8(&second, '\0');

	assert_string_equal((const char *)first.data,
	    (const char *)second.data);
	assert_int_equal(again->limits.letter_bytes, 3 << 20);
	assert_int_equal(again->test.clock_offset_ms, -86400000);
	assert_string_equal(config_key_source(again, "log"),
	    "pkcs11:token=a;object=b");
	assert_null(config_key_source(again, "seal"));
	assert_string_equal(again->keys[0].name, "log");
	config_free(config);
	config_free(again);
	bytes_free(&first);
	bytes_free(&second);
}

static void
put_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static const struct config_place *
place_of(const struct config *config, const char *key)
{
	static struct config_item item;
	struct bytes value = { 0 };

	for (size_t i = 0; config_item(config, i, &item, &value); i++) {
		if (text_equal(item.key, key)) {
			bytes_free(&value);
			return &item.place;
		}
	}
	fail_msg("no %s", key);
	return NULL;
}

static void
later_places_replace_earlier_ones(void **state)
{
	char *const environment[] = { (char[]){ "PATH=/bin" },
		(char[]){ "YIZHAN_CONFIG=x" },
		(char[]){ "YIZHAN_LISTEN_PEOPLE_PORT=3" }, NULL };
	char *const wrong[] = { (char[]){ "YIZHAN_LISTEN_PEPLE_PORT=3" },
		NULL };
	char dir[] = "/tmp/test_config_XXXXXX";
	struct error err = { 0 };
	struct config *config;

	(void)state;
	assert_non_null(mkdtemp(dir));
	assert_int_equal(chdir(dir), 0);
	put_file("h.conf",
	    HOST "[listen]\nhosts_port = 1\npeople_port = 1\n"
		 "operators_port = 1\n");
	assert_int_equal(mkdir("h.conf.d", 0700), 0);
	put_file("h.conf.d/20-b.conf", "[listen]\nhosts_port = 20\n");
	put_file("h.conf.d/10-a.conf",
	    "[listen]\nhosts_port = 10\n"
	    "people_port = 10\n");
	put_file("h.conf.d/30-c.conf~", "nonsense\n");

	assert_int_equal(config_load("h.conf", environment, &config, &err), 0);
	assert_int_equal(config->listen.hosts_port, 20);
	assert_int_equal(config->listen.people_port, 3);
	assert_int_equal(config->listen.operators_port, 1);
	assert_string_equal(place_of(config, "hosts_port")->file,
	    "h.conf.d/20-b.conf");
	assert_int_equal(place_of(config, "hosts_port")->line, 2);
	assert_string_equal(place_of(config, "people_port")->file,
	    "environment");
	assert_null(place_of(config, "letter_bytes")->file);
	config_free(config);

	assert_int_equal(config_load("h.conf", wrong, &config, &err), -1);
	assert_non_null(strstr(err.text, "did you mean people_port"));
	assert_int_equal(config_load("none.conf", NULL, &config, &err), -1);
	assert_string_equal(error_message_id(&err), "E1101");
	assert_int_equal(err.code, ERROR_NOT_FOUND);

	unlink("h.conf.d/10-a.conf");
	unlink("h.conf.d/20-b.conf");
	unlink("h.conf.d/30-c.conf~");
	rmdir("h.conf.d");
	unlink("h.conf");
	assert_int_equal(chdir("/"), 0);
	assert_int_equal(rmdir(dir), 0);
}

static void
every_sample_is_accepted(void **state)
{
	static const char *const names[] = { "management", "center",
		"gateway" };
	const char *root = getenv("SOURCE_ROOT");

	(void)state;
	if (root == NULL)
		skip();
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct error err = { 0 };
		struct config *config;
		char path[4096];

		snprintf(path, sizeof(path), "%s/etc/%s.conf", root, names[i]);
		if (config_load(path, NULL, &config, &err) < 0)
			fail_msg("%s", err.text);
		config_free(config);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_written_has_its_default),
		cmocka_unit_test(an_unknown_key_is_refused_with_a_suggestion),
		cmocka_unit_test(
		    a_wrong_value_is_refused_with_what_is_expected),
		cmocka_unit_test(what_a_host_needs_is_required),
		cmocka_unit_test(the_same_key_twice_in_a_file_is_refused),
		cmocka_unit_test(production_refuses_what_loses_or_forges),
		cmocka_unit_test(a_line_that_is_none_is_refused),
		cmocka_unit_test(comments_and_indentation_change_nothing),
		cmocka_unit_test(what_is_formatted_is_parsed_the_same),
		cmocka_unit_test(later_places_replace_earlier_ones),
		cmocka_unit_test(every_sample_is_accepted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
