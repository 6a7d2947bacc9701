#include "document/document.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/error.h"
#include "document/document_internal.h"
#include "document/file_name.h"
#include "document/file_type.h"

enum { READ_SIZE = 65536 };

enum document_input_kind
document_kind_of_name(const char *name)
{
	if (file_name_has_extension(name, ".di"))
		return DOCUMENT_DI;
	if (file_name_has_extension(name, ".sw"))
		return DOCUMENT_SW;
	if (file_name_has_extension(name, ".dm"))
		return DOCUMENT_DM;
	if (file_name_has_extension(name, ".en") ||
	    file_name_has_extension(name, ".esw"))
		return DOCUMENT_ENVELOPE;
	return DOCUMENT_ATTACHMENT;
}

size_t
document_input_max(enum document_input_kind kind)
{
	switch (kind) {
	case DOCUMENT_DI:
		return LETTER_LEN_MAX + 1;
	case DOCUMENT_SW:
		return ROSTER_LEN_MAX + 1;
	case DOCUMENT_DM:
		return DOC_MESSAGE_LEN_MAX + 1;
	case DOCUMENT_ENVELOPE:
		return OLD_ENVELOPE_LEN_MAX + 1;
	case DOCUMENT_ATTACHMENT:
		break;
	}
	return FILE_TYPE_HEAD_MAX;
}

int
document_load(int fd, enum document_input_kind kind, struct bytes *to,
    struct error *err)
{
	size_t left = document_input_max(kind);

	while (left > 0) {
		size_t want = left < READ_SIZE ? left : READ_SIZE;
		uint8_t *room = bytes_extend(to, want);
		ssize_t got;

		if (room == NULL)
			return bytes_failed(to, err);
		got = read(fd, room, want);
		to->len -= got < 0 ? want : want - (size_t)got;
		if (got == 0)
			break;
		if (got < 0 && errno != EINTR)
			return error_set_errno(err, "reading a document file");
		if (got > 0)
			left -= (size_t)got;
	}
	return bytes_failed(to, err);
}

void
document_report_file(const struct document_set *set, const char *file,
    const char *rule, const char *argument)
{
	struct finding_place place = { .file = file };

	findings_add(set->findings, &place, rule, argument);
}

static int
read_letter(const struct document_set *set, const struct document_input *input,
    struct error *err)
{
	struct document_report *report = set->report;
	int rc;

	if (report->document != NULL) {
		document_report_file(set, input->name, "E2129", "DI");
		return 0;
	}
	rc = letter_read(input, set->dtds, set->pool, set->findings,
	    &report->memory->document, err);
	if (rc > 0)
		report->document = &report->memory->document;
	return rc;
}

static int
read_roster(const struct document_set *set, const struct document_input *input,
    struct error *err)
{
	struct document_report *report = set->report;
	int rc;

	if (report->roster_count == DOCUMENT_ROSTERS_MAX) {
		document_report_file(set, input->name, "E2129", "SW");
		return 0;
	}
	rc = roster_read(input, set->dtds, set->pool, set->findings,
	    &report->memory->rosters[report->roster_count], err);
	if (rc > 0)
		report->roster_count++;
	return rc;
}

static int
read_message(const struct document_set *set, const struct document_input *input,
    struct error *err)
{
	struct document_report *report = set->report;
	int rc;

	if (report->message != NULL) {
		document_report_file(set, input->name, "E2129", "DM");
		return 0;
	}
	rc = doc_message_read(input, set->pool, set->findings,
	    &report->memory->message, err);
	if (rc > 0)
		report->message = &report->memory->message;
	return rc;
}

static int
read_envelope(const struct document_set *set,
    const struct document_input *input, struct error *err)
{
	struct document_report *report = set->report;
	int rc;

	if (report->envelope_count == DOCUMENT_ENVELOPES_MAX) {
		document_report_file(set, input->name, "E2129", "EN");
		return 0;
	}
	rc = old_envelope_read(input, set->pool, set->findings,
	    &report->memory->envelopes[report->envelope_count], err);
	if (rc > 0)
		report->envelope_count++;
	return rc;
}

static int
read_file(const struct document_set *set, const struct document_input *input,
    struct error *err)
{
	switch (input->kind) {
	case DOCUMENT_DI:
		return read_letter(set, input, err);
	case DOCUMENT_SW:
		return read_roster(set, input, err);
	case DOCUMENT_DM:
		return read_message(set, input, err);
	case DOCUMENT_ENVELOPE:
		return read_envelope(set, input, err);
	case DOCUMENT_ATTACHMENT:
		break;
	}
	return 0;
}

/* A letter, or envelopes and nothing else. */
static bool
is_complete(const struct document_set *set)
{
	size_t envelopes = 0;

	for (size_t i = 0; i < set->count; i++) {
		if (set->files[i].kind == DOCUMENT_DI)
			return true;
		envelopes += set->files[i].kind == DOCUMENT_ENVELOPE;
	}
	return envelopes > 0 && envelopes == set->count;
}

static int
check_all(const struct document_set *set, struct error *err)
{
	if (set->count > DOCUMENT_INPUTS_MAX) {
		document_report_file(set, "", "E2129", "");
		return 0;
	}
	if (!is_complete(set))
		document_report_file(set, "", "E2129", "DI");
	for (size_t i = 0; i < set->count; i++)
		if (read_file(set, &set->files[i], err) < 0)
			return -1;
	document_check_files(set);
	return document_check_recipients(set, err);
}

static struct document_report *
report_new(void)
{
	struct document_report *report = calloc(1, sizeof(*report));

	if (report == NULL)
		return NULL;
	report->memory = calloc(1, sizeof(*report->memory));
	if (report->memory == NULL) {
		free(report);
		return NULL;
	}
	report->memory->findings.pool = &report->memory->pool;
	report->rosters = report->memory->rosters;
	report->envelopes = report->memory->envelopes;
	return report;
}

int
document_check(const struct document_input *files, size_t count,
    const struct dtd_set *dtds, struct document_report **ret_report,
    struct error *err)
{
	struct document_report *report = report_new();
	struct document_set set = { .files = files,
		.count = count,
		.dtds = dtds,
		.report = report };
	const struct findings *findings;
	int rc = -1;

	if (report == NULL)
		return error_set_memory(err);
	findings = set.findings = &report->memory->findings;
	set.pool = &report->memory->pool;
	if (check_all(&set, err) < 0)
		goto done;
	if (set.pool->failed) {
		error_set_memory(err);
		goto done;
	}
	report->findings = findings->items;
	report->finding_count = findings->count;
	report->finding_left_out = findings->left_out;
	report->accepted = findings->error_total == 0;
	*ret_report = report;
	rc = 0;
done:
	if (rc < 0)
		document_report_free(report);
	return rc;
}

void
document_report_free(struct document_report *report)
{
	if (report == NULL)
		return;
	pool_free(&report->memory->pool);
	free(report->memory);
	free(report);
}

int
document_report_refusal(const struct document_report *report, struct error *err)
{
	const struct finding *gravest = NULL;

	for (size_t i = 0; i < report->finding_count; i++) {
		const struct finding *finding = &report->findings[i];

		if (finding->severity != FINDING_ERROR)
			continue;
		if (gravest == NULL ||
		    (gravest->code == ERROR_MALFORMED &&
			finding->code == ERROR_DENIED))
			gravest = finding;
	}
	if (gravest == NULL)
		return report->accepted
		    ? 0
		    : error_set(err, ERROR_MALFORMED, "refused");
	return error_set_id(err, gravest->rule, gravest->code, "%s:%u: %s %s",
	    gravest->file, gravest->line, gravest->path, gravest->argument);
}
