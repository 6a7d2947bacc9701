#include "render/render.h"

#include <stdio.h>

#include "document/finding.h"

enum { CODE_SIZE = 16 };

void
render_report_findings(const struct render_report *report, const char *file,
    struct findings *findings)
{
	const struct finding_place place = { .file = file };

	for (size_t i = 0; i < report->missing_count; i++) {
		char code[CODE_SIZE];

		snprintf(code, sizeof(code), "U+%04X",
		    (unsigned)report->missing[i]);
		findings_add(findings, &place, "E2160", code);
	}
	/* One for all the rest: a list of them helps nobody. */
	if (report->missing_left_out > 0)
		findings_add(findings, &place, "E2160", "…");
}
