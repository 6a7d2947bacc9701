#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "archive/archive_inspect.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "crypto/sha256.h"
#include "document/document.h"
#include "json/json_read.h"
#include "package/package_facts.h"
#include "package/package_write.h"
#include "role/reader/reader_internal.h"
#include "role/reader/reader_work.h"
#include "service/roles.h"
#include "sys/clock.h"
#include "sys/ipc.h"
#include "sys/loop.h"
#include "sys/process.h"

enum { PATH_SIZE = 512 };

/* A spooler that asks and a reader that answers, on one loop. */
struct fixture {
	struct loop *loop;
	struct reader reader;
	struct peer *spooler;
	struct peer *served;
	struct bytes answer; /* body of the last one */
	uint16_t type;
	struct error failed;
	int answers;
};

static const struct peer_handler no_handlers[] = { { MESSAGE_NONE, NULL } };

static void
on_gone(void *ctx)
{
	(void)ctx;
}

static void
set_up(struct fixture *fixture)
{
	struct error err = { 0 };
	int fds[2];

	memset(fixture, 0, sizeof(*fixture));
	assert_int_equal(loop_new(&fixture->loop, &err), 0);
	assert_int_equal(reader_open(&fixture->reader, fixture->loop, NULL,
			     &err),
	    0);
	assert_int_equal(process_socketpair(fds, &err), 0);
	assert_int_equal(peer_open(fixture->loop, fds[0], "reader", no_handlers,
			     NULL, on_gone, NULL, &fixture->spooler, &err),
	    0);
	assert_int_equal(peer_open(fixture->loop, fds[1], "spooler",
			     reader_handlers, &fixture->reader, on_gone, NULL,
			     &fixture->served, &err),
	    0);
}

static void
tear_down(struct fixture *fixture)
{
	reader_close(&fixture->reader);
	peer_close(fixture->spooler);
	peer_close(fixture->served);
	bytes_free(&fixture->answer);
	loop_free(fixture->loop);
}

static void
on_answer(void *ctx, struct ipc_message *message)
{
	struct fixture *fixture = ctx;
	struct message_failed failed;

	fixture->answers++;
	fixture->type = message->type;
	memset(&fixture->failed, 0, sizeof(fixture->failed));
	bytes_clear(&fixture->answer);
	bytes_put(&fixture->answer, message->body, message->len);
	if (message->type == MESSAGE_FAILED &&
	    message_read(message, MESSAGE_FAILED, &failed, &failed.error) == 0)
		fixture->failed = failed.error;
	loop_stop(fixture->loop);
}

static void
ask(struct fixture *fixture, enum message_type type, const void *body, int fd)
{
	struct error err = { 0 };

	assert_int_equal(peer_ask(fixture->spooler, type, body, fd, on_answer,
			     fixture, NULL, &err),
	    0);
	assert_int_equal(loop_run(fixture->loop, &err), 0);
}

/* The blobs of `ret_body` live as long as the fixture's last answer. */
static void
read_answer(const struct fixture *fixture, enum message_type type,
    void *ret_body)
{
	struct error err = { 0 };

	assert_int_equal(fixture->type, type);
	assert_int_equal(codec_decode(message_fields((uint16_t)type),
			     fixture->answer.data, fixture->answer.len,
			     ret_body, &err),
	    0);
}

static void
read_sample(const char *name, struct bytes *to)
{
	char path[PATH_SIZE];
	struct error err = { 0 };
	int fd;

	snprintf(path, sizeof(path), "%s/data/samples/%s",
	    getenv("SOURCE_ROOT"), name);
	fd = open(path, O_RDONLY);
	assert_true(fd >= 0);
	assert_int_equal(document_load(fd, DOCUMENT_DI, to, &err), 0);
	close(fd);
}

static void
add_file(struct bytes *list, const char *name, const struct bytes *data)
{
	struct message_check_file file = { .len = data->len,
		.data = blob_of_bytes(data) };

	assert_true(text_copy(file.name, sizeof(file.name), name));
	message_list_add(list, MESSAGE_CHECK_FILE, &file);
}

/* A letter with its roster, as an asker sends them. */
static void
put_letter(struct bytes *list)
{
	struct bytes letter = { 0 };
	struct bytes roster = { 0 };

	read_sample("rendered_03_letter_multi.di", &letter);
	read_sample("rendered_04_letter_multi.sw", &roster);
	add_file(list, "1.di", &letter);
	add_file(list, "1.sw", &roster);
	bytes_free(&letter);
	bytes_free(&roster);
}

static struct json_document *
json_of(const struct blob *blob)
{
	struct json_document *document = NULL;
	struct error err = { 0 };

	assert_int_equal(json_read(blob->data, blob->len, blob->len, &document,
			     &err),
	    0);
	return document;
}

static void
a_letter_is_read_and_its_recipients_listed(void **state)
{
	struct fixture fixture;
	struct bytes list = { 0 };
	struct message_check request;
	struct message_report report;
	struct message_roster_entry entry;
	struct json_document *json;
	const struct json_value *document;
	struct error err = { 0 };
	int count = 0;

	(void)state;
	set_up(&fixture);
	put_letter(&list);
	request.files = blob_of_bytes(&list);
	ask(&fixture, MESSAGE_CHECK, &request, -1);

	read_answer(&fixture, MESSAGE_REPORT, &report);
	assert_string_equal(report.reference, "府計管一字第1150012345號");
	assert_true(strlen(report.subject) > 0);
	assert_int_equal(report.speed, 0);
	while (codec_next(message_fields(MESSAGE_ROSTER_ENTRY), &report.rosters,
		   &entry, &err) > 0) {
		assert_int_equal(entry.roster, 1);
		assert_true(strlen(entry.recipient) > 0);
		count++;
	}
	assert_true(count > 1);
	json = json_of(&report.json);
	document = json_value_member(json_root(json), "document");
	assert_string_equal(json_value_text(
				json_value_member(document, "subject")),
	    report.subject);
	assert_true(json_value_is_array(
	    json_value_member(json_root(json), "findings")));
	json_document_free(json);
	bytes_free(&list);
	tear_down(&fixture);
}

static const char *
text_of(const struct json_value *value, const char *key)
{
	const char *text = json_value_text(json_value_member(value, key));

	return text != NULL ? text : "(none)";
}

/* What a check of one sample says. */
static struct json_document *
report_of(struct fixture *fixture, const char *name, const char *sample)
{
	struct bytes list = { 0 };
	struct bytes file = { 0 };
	struct message_check request;
	struct message_report report;

	read_sample(sample, &file);
	add_file(&list, name, &file);
	request.files = blob_of_bytes(&list);
	ask(fixture, MESSAGE_CHECK, &request, -1);
	read_answer(fixture, MESSAGE_REPORT, &report);
	bytes_free(&file);
	bytes_free(&list);
	return json_of(&report.json);
}

static void
a_report_says_what_a_meeting_is_and_was_checked_against(void **state)
{
	struct fixture fixture;
	struct json_document *json;
	const struct json_value *document;
	const struct json_value *time;

	(void)state;
	set_up(&fixture);
	json = report_of(&fixture, "1.di", "rendered_09_meeting.di");
	document = json_value_member(json_root(json), "document");
	assert_string_equal(text_of(document, "kind"), "開會通知單");
	assert_string_equal(text_of(document, "model"), "reconstructed");
	assert_string_equal(text_of(document, "venue"), "本部1樓會議室");
	time = json_value_item(json_value_member(document, "times"), 1);
	assert_string_equal(text_of(time, "weekday"), "星期二");
	assert_string_equal(text_of(time, "clock"), "下午2時");
	assert_int_equal(json_value_count(
			     json_value_member(document, "attendees")),
	    2);
	assert_string_equal(text_of(json_value_item(json_value_member(document,
							"observers"),
					0),
				"name"),
	    "國立臺灣大學");
	json_document_free(json);
	tear_down(&fixture);
}

static void
a_report_of_an_envelope_says_what_it_says(void **state)
{
	struct fixture fixture;
	struct json_document *json;
	const struct json_value *envelope;

	(void)state;
	set_up(&fixture);
	json = report_of(&fixture, "1.en", "rendered_16_envelope.en");
	envelope =
	    json_value_item(json_value_member(json_root(json), "envelopes"), 0);
	assert_string_equal(text_of(envelope, "kind"), "EN");
	assert_string_equal(text_of(envelope, "model"), "none");
	assert_string_equal(text_of(json_value_member(envelope, "sender"),
				"code"),
	    "376490000A");
	assert_int_equal(json_value_count(json_value_member(envelope, "files")),
	    3);
	json_document_free(json);
	tear_down(&fixture);
}

/* A draft without a number has none, rather than 第號. */
static void
a_memo_without_a_number_has_no_reference(void **state)
{
	struct fixture fixture;
	struct json_document *json;
	const struct json_value *document;

	(void)state;
	set_up(&fixture);
	json = report_of(&fixture, "1.di", "real_01_sign_1131000908.di");
	document = json_value_member(json_root(json), "document");
	assert_string_equal(text_of(document, "kind"), "簽");
	assert_string_equal(text_of(document, "model"), "official");
	assert_int_equal(json_value_count(
			     json_value_member(document, "references")),
	    0);
	json_document_free(json);
	tear_down(&fixture);
}

static void
a_finding_says_where_what_and_how_to_mend_it(void **state)
{
	static const char *const keys[] = { "severity", "file", "line",
		"column", "element", "rule", "text", "title", "remedy" };
	struct fixture fixture;
	struct bytes list = { 0 };
	struct bytes bomb = { 0 };
	struct message_check request;
	struct message_report report;
	struct json_document *json;
	const struct json_value *findings;

	(void)state;
	set_up(&fixture);
	read_sample("invalid_19_xxe_and_bomb.di", &bomb);
	add_file(&list, "1.di", &bomb);
	request.files = blob_of_bytes(&list);
	ask(&fixture, MESSAGE_CHECK, &request, -1);

	read_answer(&fixture, MESSAGE_REPORT, &report);
	assert_false(report.is_accepted);
	json = json_of(&report.json);
	findings = json_value_member(json_root(json), "findings");
	assert_true(json_value_count(findings) > 0);
	for (size_t i = 0; i < json_value_count(findings); i++) {
		const struct json_value *finding = json_value_item(findings, i);

		for (size_t j = 0; j < ARRAY_LEN(keys); j++)
			assert_non_null(json_value_member(finding, keys[j]));
		assert_non_null(json_value_text(
		    json_value_member(json_value_member(finding, "remedy"),
			"en")));
	}
	json_document_free(json);
	bytes_free(&bomb);
	bytes_free(&list);
	tear_down(&fixture);
}

/*
 * Unpacking.
 */

struct source {
	const struct bytes *files;
	size_t offsets[2];
};

static int
read_file(void *context, size_t index, void *to, size_t size, size_t *ret_len,
    struct error *err)
{
	struct source *source = context;
	const struct bytes *file = &source->files[index];
	size_t left = file->len - source->offsets[index];

	(void)err;
	*ret_len = left < size ? left : size;
	memcpy(to, file->data + source->offsets[index], *ret_len);
	source->offsets[index] += *ret_len;
	return 0;
}

static int
put_container(void *context, const void *data, size_t len, struct error *err)
{
	bytes_put(context, data, len);
	return bytes_failed(context, err);
}

/* A package of two files; its signature is anybody's. */
static void
make_package_of(const struct bytes files[2], const char *const names[2],
    struct bytes *package)
{
	struct org_code recipients[2];
	struct package_facts facts = { .environment = "demo",
		.recipients = recipients,
		.recipient_count = 2,
		.message = 0 };
	struct source source = { .files = files };
	struct package_plan *plan = NULL;
	struct error err = { 0 };

	memset(facts.document_id.bytes, 7, sizeof(facts.document_id.bytes));
	assert_true(org_code_parse("376490000A", &facts.sender));
	assert_true(org_code_parse("376470000A", &recipients[0]));
	assert_true(org_code_parse("A01010000A", &recipients[1]));
	assert_int_equal(package_plan_new(&facts, &plan, &err), 0);
	for (size_t i = 0; i < 2; i++) {
		struct package_measure measure;

		assert_int_equal(package_measure(read_file, &source, i,
				     &measure, &err),
		    0);
		source.offsets[i] = 0;
		assert_int_equal(package_plan_add(plan, names[i], &measure,
				     &err),
		    0);
	}
	assert_int_equal(package_plan_sign(plan, "signature", 9, &err), 0);
	assert_int_equal(package_write(plan, read_file, &source, put_container,
			     package, &err),
	    0);
	package_plan_free(plan);
}

/* A letter and its roster. */
static void
make_package(const struct bytes files[2], struct bytes *package)
{
	static const char *const names[] = { "1.di", "附件.sw" };

	make_package_of(files, names, package);
}

static int
file_of(const struct bytes *data)
{
	FILE *file = tmpfile();
	int fd;

	assert_non_null(file);
	assert_int_equal(fwrite(data->data, data->len, 1, file), 1);
	assert_int_equal(fflush(file), 0);
	fd = dup(fileno(file));
	assert_true(fd >= 0);
	fclose(file);
	return fd;
}

static void
read_files(struct bytes files[2])
{
	memset(files, 0, 2 * sizeof(files[0]));
	read_sample("rendered_03_letter_multi.di", &files[0]);
	read_sample("rendered_04_letter_multi.sw", &files[1]);
}

static void
check_packed(const struct message_packed_file *file, const struct bytes *wanted,
    const struct bytes *package)
{
	struct digest digest;

	sha256(wanted->data, wanted->len, &digest);
	assert_int_equal(file->len, wanted->len);
	assert_true(digest_equal(&file->digest, &digest));
	assert_memory_equal(package->data + file->offset, wanted->data,
	    wanted->len);
}

static void
a_package_is_taken_apart(void **state)
{
	struct fixture fixture;
	struct bytes files[2];
	struct bytes package = { 0 };
	struct message_unpack request = { .policy = 0 };
	struct message_unpacked unpacked;
	struct message_packed_file file;
	struct error err = { 0 };
	size_t count = 0;
	int fd;

	(void)state;
	set_up(&fixture);
	read_files(files);
	make_package(files, &package);
	fd = file_of(&package);
	sha256(package.data, package.len, &request.package);
	ask(&fixture, MESSAGE_UNPACK, &request, fd);

	read_answer(&fixture, MESSAGE_UNPACKED, &unpacked);
	assert_string_equal(unpacked.environment, "demo");
	assert_string_equal(unpacked.sender, "376490000A");
	assert_int_equal(unpacked.recipients.len, 21);
	assert_memory_equal(unpacked.recipients.data, "376470000A\nA01010000A",
	    21);
	assert_int_equal(unpacked.signature.len, 9);
	assert_memory_equal(unpacked.signature.data, "signature", 9);
	assert_true(unpacked.signed_text.len > 100);
	assert_string_equal(unpacked.reference, "府計管一字第1150012345號");
	while (codec_next(message_fields(MESSAGE_PACKED_FILE), &unpacked.files,
		   &file, &err) > 0)
		check_packed(&file, &files[count++], &package);
	assert_int_equal(count, 2);
	close(fd);
	bytes_free(&files[0]);
	bytes_free(&files[1]);
	bytes_free(&package);
	tear_down(&fixture);
}

static void
a_package_of_another_digest_is_refused(void **state)
{
	struct fixture fixture;
	struct bytes files[2];
	struct bytes package = { 0 };
	struct message_unpack request = { .policy = 0 };
	int fd;

	(void)state;
	set_up(&fixture);
	read_files(files);
	make_package(files, &package);
	fd = file_of(&package);
	ask(&fixture, MESSAGE_UNPACK, &request, fd);

	assert_int_equal(fixture.type, MESSAGE_FAILED);
	assert_string_equal(fixture.failed.id, "E2294");
	close(fd);
	ask(&fixture, MESSAGE_UNPACK, &request, -1);
	assert_int_equal(fixture.failed.code, ERROR_MALFORMED);
	bytes_free(&files[0]);
	bytes_free(&files[1]);
	bytes_free(&package);
	tear_down(&fixture);
}

/* Every byte matters: none may change without notice, and none may crash. */
static void
a_changed_package_is_refused(void **state)
{
	struct bytes files[2];
	struct bytes package = { 0 };
	struct message_unpack request = { .policy = 0 };

	(void)state;
	read_files(files);
	make_package(files, &package);
	for (size_t i = 0; i < package.len; i += 97) {
		struct bytes answer = { 0 };
		struct error err = { 0 };
		int fd;

		package.data[i] ^= 0x01;
		fd = file_of(&package);
		sha256(package.data, package.len, &request.package);
		if (reader_unpack(&request, fd, NULL, &answer, &err) < 0)
			assert_int_equal(err.code, ERROR_MALFORMED);
		else /* inside the signature, which is for others to check */
			assert_int_equal(package.data[i], 0x01 ^ 's');
		package.data[i] ^= 0x01;
		close(fd);
		bytes_free(&answer);
	}
	bytes_free(&files[0]);
	bytes_free(&files[1]);
	bytes_free(&package);
}

/* The id with which a package of these two files is refused; "" if not. */
static void
unpack_two(const struct bytes files[2], const char *const names[2],
    char id[ERROR_ID_SIZE])
{
	struct bytes package = { 0 };
	struct bytes answer = { 0 };
	struct message_unpack request = { .policy = 0 };
	struct error err = { 0 };
	int fd;

	make_package_of(files, names, &package);
	fd = file_of(&package);
	sha256(package.data, package.len, &request.package);
	id[0] = '\0';
	if (reader_unpack(&request, fd, NULL, &answer, &err) < 0)
		memcpy(id, err.id, ERROR_ID_SIZE);
	close(fd);
	bytes_free(&answer);
	bytes_free(&package);
}

static void
dangerous_files_do_not_come_out_of_a_package(void **state)
{
	static const struct {
		const char *name, *data, *id;
	} cases[] = {
		{ "a.pdf", "%PDF-1.4\n", "" },
		{ "a.pdf",
		    "\x7f"
		    "ELF\x02\x01\x01",
		    "E2125" },
		{ "a.pdf", "#!/bin/sh\n", "E2125" },
		{ "a.pdf.lnk", "%PDF-1.4\n", "E2121" },
		{ "a.pdf.exe", "%PDF-1.4\n", "E2121" },
		{ "CON.pdf", "%PDF-1.4\n", "E2120" },
		{ "b.sw",
		    "<!DOCTYPE 交換表單 SYSTEM \"http://192.0.2.1/x.dtd\">"
		    "<交換表單/>",
		    "E2007" },
		{ "b.sw",
		    "<!DOCTYPE 交換表單 SYSTEM \"104_roster_utf8.dtd\" ["
		    "<!ENTITY x SYSTEM \"file:///etc/passwd\">]><交換表單/>",
		    "E2008" },
		{ "b.sw", "not XML, but no danger", "" },
	};
	struct bytes files[2];
	char id[ERROR_ID_SIZE];

	(void)state;
	read_files(files);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *names[] = { "1.di", cases[i].name };

		bytes_clear(&files[1]);
		bytes_put_text(&files[1], cases[i].data);
		unpack_two(files, names, id);
		assert_string_equal(id, cases[i].id);
	}
	bytes_free(&files[0]);
	bytes_free(&files[1]);
}

/* Findings are bounded: what has no room must not pass unseen. */
static void
danger_cannot_hide_behind_other_findings(void **state)
{
	static const char *const names[] = { "1.di", "b.exe" };
	struct bytes files[2] = { { 0 }, { 0 } };
	char id[ERROR_ID_SIZE];

	(void)state;
	bytes_put_text(&files[0],
	    "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
	    "<!DOCTYPE 函 SYSTEM \"104_2_utf8.dtd\">\n<函>\n");
	for (int i = 0; i < 500; i++)
		bytes_put_text(&files[0], "<沒有這個/>\n");
	bytes_put_text(&files[0], "</函>\n");
	bytes_put_text(&files[1], "MZ");
	unpack_two(files, names, id);
	assert_string_not_equal(id, "");
	bytes_free(&files[0]);
	bytes_free(&files[1]);
}

static void
a_broken_request_is_refused_and_work_goes_on(void **state)
{
	static const uint8_t broken[] = { 0, 0, 0, 9, 'x' };
	struct fixture fixture;
	struct bytes list = { 0 };
	struct message_check request = { blob_of(broken, sizeof(broken)) };
	struct message_report report;

	(void)state;
	set_up(&fixture);
	ask(&fixture, MESSAGE_CHECK, &request, -1);
	assert_int_equal(fixture.type, MESSAGE_FAILED);
	assert_int_equal(fixture.failed.code, ERROR_MALFORMED);

	put_letter(&list);
	request.files = blob_of_bytes(&list);
	ask(&fixture, MESSAGE_CHECK, &request, -1);
	read_answer(&fixture, MESSAGE_REPORT, &report);
	bytes_free(&list);
	tear_down(&fixture);
}

/* Both walls at once: the reader's, and inside it that of a copy. */
static void
a_reader_works_inside_its_sandbox(void **state)
{
	struct sandbox sandbox = role_sandbox(ROLE_READER);
	struct fixture fixture;
	struct bytes list = { 0 };
	struct message_check request;
	struct error err = { 0 };
	bool has_landlock;
	int status;
	pid_t pid;

	(void)state;
	set_up(&fixture);
	put_letter(&list);
	request.files = blob_of_bytes(&list);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		if (sandbox_enter(&sandbox, &has_landlock, &err) < 0)
			_exit(2);
		ask(&fixture, MESSAGE_CHECK, &request, -1);
		_exit(fixture.type != MESSAGE_REPORT);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	bytes_free(&list);
	tear_down(&fixture);
}

static void
a_document_costs_little(void **state)
{
	enum { ROUNDS = 50 };
	struct fixture fixture;
	struct bytes list = { 0 };
	struct message_check request;
	uint64_t before;
	uint64_t alone;
	uint64_t copied;

	(void)state;
	set_up(&fixture);
	put_letter(&list);
	request.files = blob_of_bytes(&list);
	before = clock_steady_us();
	for (int i = 0; i < ROUNDS; i++) {
		struct bytes answer = { 0 };
		struct error err = { 0 };

		assert_int_equal(reader_check(&request, fixture.reader.dtds,
				     &answer, &err),
		    0);
		bytes_free(&answer);
	}
	alone = (clock_steady_us() - before) / ROUNDS;
	before = clock_steady_us();
	for (int i = 0; i < ROUNDS; i++)
		ask(&fixture, MESSAGE_CHECK, &request, -1);
	copied = (clock_steady_us() - before) / ROUNDS;
	print_message("# %u us in this process, %u us in a copy\n",
	    (unsigned)alone, (unsigned)copied);
	assert_true(copied < 1000000);
	bytes_free(&list);
	tear_down(&fixture);
}

/* ---- archives as attachments ----------------------------------------- */

/* ZIP with report.pdf.exe. */
static const uint8_t zip_of_program[] = { 0x50, 0x4b, 0x03, 0x04, 0x14, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x21, 0x5c, 0x83, 0x16, 0xdc, 0x8c,
	0x01, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x0e, 0x00, 0x00, 0x00,
	0x72, 0x65, 0x70, 0x6f, 0x72, 0x74, 0x2e, 0x70, 0x64, 0x66, 0x2e, 0x65,
	0x78, 0x65, 0x78, 0x50, 0x4b, 0x01, 0x02, 0x14, 0x03, 0x14, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x21, 0x5c, 0x83, 0x16, 0xdc, 0x8c, 0x01,
	0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x0e, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x80, 0x01, 0x00, 0x00, 0x00,
	0x00, 0x72, 0x65, 0x70, 0x6f, 0x72, 0x74, 0x2e, 0x70, 0x64, 0x66, 0x2e,
	0x65, 0x78, 0x65, 0x50, 0x4b, 0x05, 0x06, 0x00, 0x00, 0x00, 0x00, 0x01,
	0x00, 0x01, 0x00, 0x3c, 0x00, 0x00, 0x00, 0x2d, 0x00, 0x00, 0x00, 0x00,
	0x00 };

/* ZIP with a.txt, encrypted. */
static const uint8_t zip_encrypted[] = { 0x50, 0x4b, 0x03, 0x04, 0x14, 0x00,
	0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x21, 0x5c, 0xe5, 0xe8, 0xa2, 0x5c,
	0x06, 0x00, 0x00, 0x00, 0x06, 0x00, 0x00, 0x00, 0x05, 0x00, 0x00, 0x00,
	0x61, 0x2e, 0x74, 0x78, 0x74, 0x73, 0x65, 0x63, 0x72, 0x65, 0x74, 0x50,
	0x4b, 0x01, 0x02, 0x14, 0x03, 0x14, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x21, 0x5c, 0xe5, 0xe8, 0xa2, 0x5c, 0x06, 0x00, 0x00, 0x00, 0x06,
	0x00, 0x00, 0x00, 0x05, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x80, 0x01, 0x00, 0x00, 0x00, 0x00, 0x61, 0x2e, 0x74,
	0x78, 0x74, 0x50, 0x4b, 0x05, 0x06, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00,
	0x01, 0x00, 0x33, 0x00, 0x00, 0x00, 0x29, 0x00, 0x00, 0x00, 0x00,
	0x00 };

static void
assert_inspected(struct fixture *fixture, const uint8_t *zip, size_t len,
    uint8_t policy, const char *rule, bool is_error)
{
	struct message_inspect request = { .name = "a.zip",
		.policy = policy,
		.bytes = 100,
		.files = 3 };
	struct message_inspected said;
	struct message_finding finding;
	struct bytes bytes = { 0 };
	struct error err = { 0 };
	int fd;

	bytes_put(&bytes, zip, len);
	fd = file_of(&bytes);
	ask(fixture, MESSAGE_INSPECT, &request, fd);
	read_answer(fixture, MESSAGE_INSPECTED, &said);
	assert_int_equal(codec_next(message_fields(MESSAGE_FINDING),
			     &said.findings, &finding, &err),
	    1);
	assert_string_equal(finding.rule, rule);
	assert_int_equal(finding.is_error, is_error);
	assert_int_equal(said.files, 4);
	assert_true(said.bytes >= 100);
	close(fd);
	bytes_free(&bytes);
}

static void
an_attachment_is_looked_into_in_the_sandbox(void **state)
{
	struct message_inspect request = { .name = "a.zip" };
	struct fixture fixture;

	(void)state;
	set_up(&fixture);
	assert_inspected(&fixture, zip_of_program, sizeof(zip_of_program), 0,
	    "E2181", true);
	assert_inspected(&fixture, zip_encrypted, sizeof(zip_encrypted), 0,
	    "E2187", true);
	assert_inspected(&fixture, zip_encrypted, sizeof(zip_encrypted),
	    ARCHIVE_ALLOW_ENCRYPTED, "E2188", false);
	ask(&fixture, MESSAGE_INSPECT, &request, -1);
	assert_int_equal(fixture.failed.code, ERROR_MALFORMED);
	tear_down(&fixture);
}

static void
what_hides_in_an_archive_does_not_come_out_of_a_package(void **state)
{
	static const char *const names[] = { "a.di", "b.zip" };
	struct bytes files[2] = { { 0 }, { 0 } };
	char id[ERROR_ID_SIZE];

	(void)state;
	bytes_put_text(&files[0], "no letter");
	bytes_put(&files[1], zip_of_program, sizeof(zip_of_program));
	unpack_two(files, names, id);
	assert_string_equal(id, "E2181");
	bytes_clear(&files[1]);
	bytes_put(&files[1], zip_encrypted, sizeof(zip_encrypted));
	unpack_two(files, names, id);
	assert_string_equal(id, "E2187");
	bytes_free(&files[0]);
	bytes_free(&files[1]);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_letter_is_read_and_its_recipients_listed),
		cmocka_unit_test(
		    a_report_says_what_a_meeting_is_and_was_checked_against),
		cmocka_unit_test(a_report_of_an_envelope_says_what_it_says),
		cmocka_unit_test(a_memo_without_a_number_has_no_reference),
		cmocka_unit_test(a_finding_says_where_what_and_how_to_mend_it),
		cmocka_unit_test(a_package_is_taken_apart),
		cmocka_unit_test(a_package_of_another_digest_is_refused),
		cmocka_unit_test(a_changed_package_is_refused),
		cmocka_unit_test(dangerous_files_do_not_come_out_of_a_package),
		cmocka_unit_test(an_attachment_is_looked_into_in_the_sandbox),
		cmocka_unit_test(
		    what_hides_in_an_archive_does_not_come_out_of_a_package),
		cmocka_unit_test(danger_cannot_hide_behind_other_findings),
		cmocka_unit_test(a_broken_request_is_refused_and_work_goes_on),
		cmocka_unit_test(a_reader_works_inside_its_sandbox),
		cmocka_unit_test(a_document_costs_little),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
