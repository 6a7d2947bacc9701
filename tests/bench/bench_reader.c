/*
 * What reading one document costs: the copy of the process, the letter, the
 * package.  Milliseconds of the processor and page faults, children included.
 *
 *	bench_reader LETTER.di ROSTER.sw
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "bench/result.h"
#include "crypto/sha256.h"
#include "document/document.h"
#include "package/package_facts.h"
#include "package/package_write.h"
#include "role/reader/reader_internal.h"
#include "role/reader/reader_work.h"
#include "sys/loop.h"
#include "sys/nursery.h"
#include "sys/process.h"

enum { ROUNDS = 200, FILES = 2 };

struct bench {
	struct loop *loop;
	struct reader reader;
	struct bytes files[FILES]; /* letter, roster */
	size_t offsets[FILES];
	struct bytes list;
	struct message_check check;
	struct message_unpack unpack;
	int package_fd;
};

static void
give_up(const struct error *err)
{
	fprintf(stderr, "bench_reader: %s\n", err->text);
	exit(EXIT_FAILURE);
}

struct spent {
	double ms;
	double faults;
};

static struct spent
spent(void)
{
	struct spent spent = { 0 };

	for (int who = RUSAGE_CHILDREN; who <= RUSAGE_SELF; who++) {
		struct rusage usage;

		getrusage(who, &usage);
		spent.ms +=
		    (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) *
		    1e3;
		spent.ms +=
		    (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) /
		    1e3;
		spent.faults += (double)usage.ru_minflt;
	}
	return spent;
}

static void
read_nothing(void *ctx, int fd, struct bytes *result)
{
	(void)ctx;
	(void)fd;
	bytes_put_u8(result, 0);
}

static void
read_letter(void *ctx, int fd, struct bytes *result)
{
	struct bench *bench = ctx;
	struct error err = { 0 };

	(void)fd;
	if (reader_check(&bench->check, bench->reader.dtds, result, &err) < 0)
		_exit(EXIT_FAILURE);
}

static void
read_package(void *ctx, int fd, struct bytes *result)
{
	struct bench *bench = ctx;
	struct error err = { 0 };

	if (reader_unpack(&bench->unpack, fd, bench->reader.dtds, result,
		&err) < 0)
		_exit(EXIT_FAILURE);
}

static void
on_done(void *ctx, const uint8_t *result, size_t len,
    const struct error *failure)
{
	(void)result;
	(void)len;
	if (failure != NULL)
		give_up(failure);
	loop_stop(ctx);
}

static void
measure(struct bench *bench, const char *name, nursery_work_fn work, int fd)
{
	static const struct nursery_limits limits = { .memory = 512U << 20,
		.cpu_s = 10,
		.wall_ms = 30000,
		.result = 32U << 20 };
	struct spent start = spent();
	struct spent end;
	struct error err = { 0 };

	for (int i = 0; i < ROUNDS; i++)
		if (nursery_run(bench->reader.nursery, &limits, work, bench, fd,
			on_done, bench->loop, &err) < 0 ||
		    loop_run(bench->loop, &err) < 0)
			give_up(&err);
	end = spent();
	result_print(name, (end.ms - start.ms) / ROUNDS, "ms",
	    "processor time, %.0f page faults",
	    (end.faults - start.faults) / ROUNDS);
}

static void
load(const char *path, const char *name, struct bench *bench, size_t i)
{
	struct message_check_file file = { 0 };
	struct error err = { 0 };
	int fd = open(path, O_RDONLY);

	if (fd < 0)
		error_set_errno(&err, "opening %s", path);
	if (fd < 0 ||
	    document_load(fd, DOCUMENT_DI, &bench->files[i], &err) < 0)
		give_up(&err);
	close(fd);
	snprintf(file.name, sizeof(file.name), "%s", name);
	file.len = bench->files[i].len;
	file.data = blob_of_bytes(&bench->files[i]);
	message_list_add(&bench->list, MESSAGE_CHECK_FILE, &file);
	bench->check.files = blob_of_bytes(&bench->list);
}

static int
read_file(void *context, size_t index, void *to, size_t size, size_t *ret_len,
    struct error *err)
{
	struct bench *bench = context;
	const struct bytes *file = &bench->files[index];
	size_t left = file->len - bench->offsets[index];

	(void)err;
	*ret_len = left < size ? left : size;
	memcpy(to, file->data + bench->offsets[index], *ret_len);
	bench->offsets[index] += *ret_len;
	return 0;
}

static int
put_container(void *context, const void *data, size_t len, struct error *err)
{
	bytes_put(context, data, len);
	return bytes_failed(context, err);
}

static int
write_package(struct bench *bench, struct package_plan *plan,
    struct bytes *package, struct error *err)
{
	static const char *const names[FILES] = { "1.di", "1.sw" };

	for (size_t i = 0; i < FILES; i++) {
		struct package_measure measure;

		bench->offsets[i] = 0;
		if (package_measure(read_file, bench, i, &measure, err) < 0 ||
		    package_plan_add(plan, names[i], &measure, err) < 0)
			return -1;
		bench->offsets[i] = 0;
	}
	if (package_plan_sign(plan, "signature", 9, err) < 0)
		return -1;
	return package_write(plan, read_file, bench, put_container, package,
	    err);
}

static void
make_package(struct bench *bench)
{
	struct org_code recipient;
	struct package_facts facts = { .environment = "demo",
		.recipients = &recipient,
		.recipient_count = 1 };
	struct package_plan *plan = NULL;
	struct bytes package = { 0 };
	struct error err = { 0 };

	memset(facts.document_id.bytes, 7, sizeof(facts.document_id.bytes));
	if (!org_code_parse("376490000A", &facts.sender) ||
	    !org_code_parse("376470000A", &recipient) ||
	    package_plan_new(&facts, &plan, &err) < 0 ||
	    write_package(bench, plan, &package, &err) < 0 ||
	    process_seal(package.data, package.len, &bench->package_fd, &err) <
		0)
		give_up(&err);
	sha256(package.data, package.len, &bench->unpack.package);
	package_plan_free(plan);
	bytes_free(&package);
}

int
main(int argc, char **argv)
{
	struct bench bench = { 0 };
	struct error err = { 0 };

	if (argc != 3) {
		fprintf(stderr, "usage: bench_reader LETTER.di ROSTER.sw\n");
		return 64;
	}
	load(argv[1], "1.di", &bench, 0);
	load(argv[2], "1.sw", &bench, 1);
	make_package(&bench);
	if (loop_new(&bench.loop, &err) < 0 ||
	    reader_open(&bench.reader, bench.loop, NULL, &err) < 0)
		give_up(&err);
	measure(&bench, "reader.copy", read_nothing, -1);
	measure(&bench, "reader.check", read_letter, -1);
	measure(&bench, "reader.unpack", read_package, bench.package_fd);
	reader_close(&bench.reader);
	loop_free(bench.loop);
	close(bench.package_fd);
	bytes_free(&bench.list);
	for (size_t i = 0; i < FILES; i++)
		bytes_free(&bench.files[i]);
	return EXIT_SUCCESS;
}
