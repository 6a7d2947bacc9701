/*
 * What printing one document costs: milliseconds and bytes, in this process
 * and in a copy of it for each document, as the reader works.
 *
 *	bench_render LETTER.di ...
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/error.h"
#include "bench/result.h"
#include "document/document.h"
#include "render/render.h"

enum { ROUNDS = 40, PROCESSES = 2 };

struct bench {
	struct renderer *renderer;
	struct document_report *report;
	struct render_report drawn;
	size_t len;
};

static void
give_up(const struct error *err)
{
	fprintf(stderr, "bench_render: %s\n", err->text);
	exit(EXIT_FAILURE);
}

static double
now_ms(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* Of the processor, by copies that have ended. */
static double
copies_ms(void)
{
	struct rusage usage;

	getrusage(RUSAGE_CHILDREN, &usage);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e3 +
	    (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e3;
}

static void
load(const char *path, struct bench *bench)
{
	struct bytes data = { 0 };
	struct document_input input = { .name = "1.di", .kind = DOCUMENT_DI };
	struct error err = { 0 };
	int fd = open(path, O_RDONLY);

	if (fd < 0)
		error_set_errno(&err, "opening %s", path);
	if (fd < 0 || document_load(fd, DOCUMENT_DI, &data, &err) < 0)
		give_up(&err);
	close(fd);
	input.data = data.data;
	input.len = data.len;
	if (document_check(&input, 1, NULL, &bench->report, &err) < 0)
		give_up(&err);
	bytes_free(&data);
	if (bench->report->document == NULL) {
		fprintf(stderr, "bench_render: %s cannot be read\n", path);
		exit(EXIT_FAILURE);
	}
}

static void
draw(struct bench *bench)
{
	static const struct render_receipt receipt = { .number = "1150004711",
		.time = "中華民國115年11月26日 10:08",
		.qr_text = "yizhan:0197f3c2-0000-7000-8000-000000000000:"
			   "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934c" };
	struct render_options options = { .mark = RENDER_MARK_ORIGINAL,
		.dispatch = "電子交換",
		.received = &receipt };
	struct render_input input = { .document = bench->report->document };
	struct bytes pdf = { 0 };
	struct error err = { 0 };

	if (render_pdf(bench->renderer, &input, &options, &pdf, &bench->drawn,
		&err) < 0)
		give_up(&err);
	bench->len = pdf.len;
	bytes_free(&pdf);
}

/* "render.pages2.WHAT" */
static void
show(const struct bench *bench, const char *what, double value,
    const char *unit)
{
	char name[64];

	snprintf(name, sizeof(name), "render.pages%u.%s",
	    bench->drawn.page_count, what);
	result_print(name, value, unit, "PDF of %zu bytes", bench->len);
}

static void
measure_here(struct bench *bench)
{
	double cpu = now_ms(CLOCK_PROCESS_CPUTIME_ID);
	double start = now_ms(CLOCK_MONOTONIC);

	for (int i = 0; i < ROUNDS; i++)
		draw(bench);
	show(bench, "time", (now_ms(CLOCK_MONOTONIC) - start) / ROUNDS, "ms");
	show(bench, "cpu", (now_ms(CLOCK_PROCESS_CPUTIME_ID) - cpu) / ROUNDS,
	    "ms");
}

static void
start_copy(struct bench *bench)
{
	pid_t pid = fork();

	if (pid == 0) {
		draw(bench);
		_exit(0);
	}
	if (pid < 0)
		exit(EXIT_FAILURE);
}

/* Letters a second, with PROCESSES copies at a time. */
static void
measure_copies(struct bench *bench)
{
	double cpu = copies_ms();
	double start = now_ms(CLOCK_MONOTONIC);

	for (int i = 0; i < ROUNDS + PROCESSES; i++) {
		if (i >= PROCESSES)
			wait(NULL);
		if (i < ROUNDS)
			start_copy(bench);
	}
	show(bench, "copies.rate",
	    ROUNDS / (now_ms(CLOCK_MONOTONIC) - start) * 1e3,
	    "letters/s, two at a time");
	show(bench, "copies.cpu", (copies_ms() - cpu) / ROUNDS, "ms");
}

int
main(int argc, char **argv)
{
	struct bench bench = { 0 };
	struct rusage usage;
	struct error err = { 0 };
	double start = now_ms(CLOCK_MONOTONIC);

	if (argc < 2) {
		fprintf(stderr, "usage: bench_render LETTER.di ...\n");
		return 64;
	}
	if (renderer_new(NULL, 0, &bench.renderer, &err) < 0)
		give_up(&err);
	result_print("render.start", now_ms(CLOCK_MONOTONIC) - start, "ms",
	    "renderer_new()");
	for (int i = 1; i < argc; i++) {
		load(argv[i], &bench);
		draw(&bench);
		measure_here(&bench);
		measure_copies(&bench);
		document_report_free(bench.report);
	}
	getrusage(RUSAGE_SELF, &usage);
	result_print("render.memory", (double)usage.ru_maxrss / 1e3, "MB",
	    "most of this process");
	renderer_free(bench.renderer);
	return EXIT_SUCCESS;
}
