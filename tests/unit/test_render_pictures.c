/*
 * Every kind of document looks as it did when a person last looked at it:
 * tests/pictures/NAME-PAGE.png.  `scripts/pictures` makes the pictures anew
 * (this program, with a folder named, writes the PDFs for it); look at them
 * before committing them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cairo/cairo.h>
#include <cmocka.h>

#include "base/error.h"
#include "harness/render_fixture.h"

enum {
	DPI = 64,
	PATH_SIZE = 4096,
	/* A dot differs when it is as far off as grey from white ... */
	DOT_FAR = 40,
	/* ... and a page when more dots do than one small mark has. */
	DOTS_MOST = 6,
};

static struct renderer *renderer;

static int
open_fonts(void **state)
{
	struct error err = { 0 };

	(void)state;
	return renderer_new(NULL, 0, &renderer, &err);
}

static int
close_fonts(void **state)
{
	(void)state;
	renderer_free(renderer);
	return 0;
}

static cairo_surface_t *
load_picture(const char *name, unsigned page)
{
	char path[PATH_SIZE];
	cairo_surface_t *surface;

	snprintf(path, sizeof(path), "%s/tests/pictures/%s-%u.png",
	    getenv("SOURCE_ROOT"), name, page);
	surface = cairo_image_surface_create_from_png(path);
	if (cairo_surface_status(surface) != CAIRO_STATUS_SUCCESS)
		fail_msg("%s cannot be read; scripts/pictures makes it", path);
	return surface;
}

/* How many dots differ; all of them if the size does. */
static size_t
difference(const struct picture *picture, cairo_surface_t *stored)
{
	const unsigned char *data = cairo_image_surface_get_data(stored);
	size_t stride = (size_t)cairo_image_surface_get_stride(stored);
	size_t count = 0;

	if ((int)picture->width != cairo_image_surface_get_width(stored) ||
	    (int)picture->height != cairo_image_surface_get_height(stored))
		return (size_t)picture->width * picture->height;
	for (size_t y = 0; y < picture->height; y++)
		for (size_t x = 0; x < picture->width; x++) {
			/* Grey: all of the four bytes' colours are the same. */
			int have = picture->dots[y * picture->width + x];
			int want = data[y * stride + 4 * x + 1];

			count += abs(have - want) > DOT_FAR;
		}
	return count;
}

static size_t
compare(const struct bytes *pdf, const char *name, unsigned page)
{
	struct picture picture = render_picture(pdf, page, DPI);
	cairo_surface_t *stored = load_picture(name, page);
	size_t count = difference(&picture, stored);

	cairo_surface_destroy(stored);
	free(picture.dots);
	return count;
}

static void
every_page_looks_as_it_did(void **state)
{
	(void)state;
	for (size_t i = 0; i < render_case_count; i++) {
		const struct render_case *render_case = &render_cases[i];
		struct render_report report;
		struct bytes pdf =
		    render_case_print(renderer, render_case, &report);

		for (unsigned page = 1; page <= report.page_count; page++) {
			size_t count = compare(&pdf, render_case->name, page);

			if (count > DOTS_MOST)
				fail_msg("page %u of %s: %zu dots differ", page,
				    render_case->name, count);
		}
		bytes_free(&pdf);
	}
}

/* What the comparison is worth: changes that must be seen. */
static void
a_changed_page_is_seen(void **state)
{
	struct render_case changed = *render_case_find("letter");
	struct render_report report;
	struct bytes pdf;

	(void)state;
	/* One digit of the number at the top right. */
	changed.options.archive_number = "115/0101/8";
	pdf = render_case_print(renderer, &changed, &report);
	assert_true(compare(&pdf, changed.name, 1) > DOTS_MOST);
	bytes_free(&pdf);

	changed = *render_case_find("letter");
	changed.options.mark = RENDER_MARK_COPY;
	pdf = render_case_print(renderer, &changed, &report);
	assert_true(compare(&pdf, changed.name, 1) > DOTS_MOST);
	bytes_free(&pdf);

	/* Margins that differ by millimetres. */
	changed = *render_case_find("letter");
	changed.options.profile = RENDER_PROFILE_MANUAL;
	pdf = render_case_print(renderer, &changed, &report);
	assert_true(compare(&pdf, changed.name, 1) > DOTS_MOST);
	bytes_free(&pdf);
}

static int
write_pdfs(const char *folder)
{
	if (open_fonts(NULL) < 0)
		return EXIT_FAILURE;
	for (size_t i = 0; i < render_case_count; i++) {
		char path[PATH_SIZE];
		struct render_report report;
		struct bytes pdf =
		    render_case_print(renderer, &render_cases[i], &report);
		FILE *file;

		snprintf(path, sizeof(path), "%s/%s.pdf", folder,
		    render_cases[i].name);
		file = fopen(path, "w");
		if (file == NULL || fwrite(pdf.data, pdf.len, 1, file) != 1 ||
		    fclose(file) != 0)
			return EXIT_FAILURE;
		bytes_free(&pdf);
	}
	return close_fonts(NULL);
}

int
main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_page_looks_as_it_did),
		cmocka_unit_test(a_changed_page_is_seen),
	};

	if (argc == 2)
		return write_pdfs(argv[1]);
	return cmocka_run_group_tests(tests, open_fonts, close_fonts);
}
