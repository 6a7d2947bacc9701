/*
 * What yizhan doctor found: numbered lines for people, each trouble with its
 * next step, or one JSON object.  Where findings come from is doctor.c's.
 */
#ifndef CLI_DOCTOR_REPORT_H
#define CLI_DOCTOR_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "json/json_write.h"

struct cli;
struct error;

struct doctor_report {
	const struct cli *cli;
	struct bytes text;
	struct json_writer writer;
	int count;
	int failed;
	int warned;
};

/*
 * `cli` says language and form.  The report must not move in memory until
 * doctor_report_free().
 */
void doctor_report_begin(struct doctor_report *report, const struct cli *cli);
void doctor_report_free(struct doctor_report *report);

/* `state` is "ok", "warning" or "failed"; `next` may be "". */
void doctor_report_add(struct doctor_report *report, const char *name,
    const char *state, const char *detail, const char *next);

/* A failure as a line: its title and particulars, and its next step. */
void doctor_report_add_failure(struct doctor_report *report, const char *name,
    const struct error *err);

/* A certificate's line: from 90 days on a warning, then a failure (R5.1.4). */
void doctor_report_add_cert(struct doctor_report *report, const char *name,
    int64_t not_after_ms, int64_t now_ms);

/* The sum; `is_ready` is the host's own word.  `text` is complete then. */
void doctor_report_end(struct doctor_report *report, bool is_ready);

/* The reminder that has been reached: 90, 60, 30, 14, 7, 1; 0 for none. */
int doctor_report_reminder(int64_t days);

#endif
