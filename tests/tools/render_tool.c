/*
 * Print the PDF of a document: the files of one document in, a PDF out.
 *
 *	render_tool [-r] [-m 正本] OUT.pdf FILE...
 *
 * -r as the receiving side prints it, -m the 本別.
 */
#include "render/render.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "document/document.h"

enum { FILES_MAX = 16 };

static void
give_up(const struct error *err)
{
	fprintf(stderr, "render_tool: %s\n", err->text);
	exit(EXIT_FAILURE);
}

static struct document_report *
read_files(char **paths, size_t count)
{
	static struct bytes data[FILES_MAX];
	struct document_input inputs[FILES_MAX];
	struct document_report *report = NULL;
	struct error err = { 0 };

	for (size_t i = 0; i < count; i++) {
		const char *slash = strrchr(paths[i], '/');
		int fd = open(paths[i], O_RDONLY);

		inputs[i].name = slash != NULL ? slash + 1 : paths[i];
		inputs[i].kind = document_kind_of_name(inputs[i].name);
		if (fd < 0)
			error_set_errno(&err, "opening %s", paths[i]);
		if (fd < 0 ||
		    document_load(fd, inputs[i].kind, &data[i], &err) < 0)
			give_up(&err);
		close(fd);
		inputs[i].data = data[i].data;
		inputs[i].len = data[i].len;
	}
	if (document_check(inputs, count, NULL, &report, &err) < 0)
		give_up(&err);
	return report;
}

static enum render_mark
mark_of(const char *name)
{
	enum render_mark mark = RENDER_MARK_TRANSCRIPT;

	while (mark > RENDER_MARK_NONE &&
	    !text_equal(render_mark_name(mark), name))
		mark--;
	return mark;
}

static void
put_file(const char *path, const struct bytes *bytes)
{
	struct error err = { 0 };
	FILE *file = fopen(path, "w");

	if (file == NULL || fwrite(bytes->data, bytes->len, 1, file) != 1 ||
	    fclose(file) != 0) {
		error_set_errno(&err, "writing %s", path);
		give_up(&err);
	}
}

static void
print(const struct document_report *report,
    const struct render_options *options, const char *path)
{
	struct render_input input = { .document = report->document,
		.message = report->message,
		.rosters = report->rosters,
		.roster_count = report->roster_count };
	struct renderer *renderer = NULL;
	struct render_report drawn;
	struct bytes pdf = { 0 };
	struct error err = { 0 };

	if (renderer_new(NULL, 0, &renderer, &err) < 0 ||
	    render_pdf(renderer, &input, options, &pdf, &drawn, &err) < 0)
		give_up(&err);
	put_file(path, &pdf);
	printf("%u pages, %zu bytes\n", drawn.page_count, pdf.len);
	for (size_t i = 0; i < drawn.missing_count; i++)
		printf("not in the fonts: U+%04X\n", drawn.missing[i]);
	bytes_free(&pdf);
	renderer_free(renderer);
}

int
main(int argc, char **argv)
{
	static const struct render_receipt receipt = { .number = "1150004711",
		.time = "中華民國115年11月26日 10:08",
		.qr_text = "yizhan:verify" };
	struct render_options options = { .dispatch = "電子交換",
		.archive_number = "",
		.retention = "",
		.created_at_ms = 1795000000000 };
	struct document_report *report;
	int option;

	while ((option = getopt(argc, argv, "rm:")) != -1) {
		if (option == 'r')
			options.received = &receipt;
		else if (option == 'm')
			options.mark = mark_of(optarg);
		else
			return 64;
	}
	if (argc - optind < 2 || argc - optind > FILES_MAX + 1)
		return 64;
	report = read_files(argv + optind + 1, (size_t)(argc - optind - 1));
	if (report->document == NULL) {
		for (size_t i = 0; i < report->finding_count; i++)
			fprintf(stderr, "%s %s\n", report->findings[i].rule,
			    report->findings[i].argument);
		return EXIT_FAILURE;
	}
	print(report, &options, argv[optind]);
	document_report_free(report);
	return EXIT_SUCCESS;
}
