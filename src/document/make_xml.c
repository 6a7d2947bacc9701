#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/text.h"
#include "document/doc_kind.h"
#include "document/finding.h"
#include "document/make_internal.h"
#include "document/prescan.h"
#include "document/utf8.h"
#include "model/org.h"

void
make_report(struct maker *maker, const char *rule, const char *argument)
{
	struct finding_place place = { .file = maker->file,
		.path = maker->path };

	/* Findings are shown: what is no text is not. */
	if (!text_is_utf8(argument, strlen(argument)))
		argument = "";
	findings_add(maker->findings, &place, rule, argument);
}

void
make_prolog(struct maker *maker, const char *root)
{
	bytes_put_format(maker->out,
	    "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
	    "<!DOCTYPE %s SYSTEM \"%s\"",
	    root, doc_kind_find(root)->dtd);
}

/* ---- texts ----------------------------------------------------------- */

/*
 * XML forbids most control characters and U+FFFE, U+FFFF, and warns of the
 * rest of these; no text of people holds any of them.
 */
static bool
is_carried(uint32_t point)
{
	if (point < 0x20)
		return point == '\t' || point == '\n' || point == '\r';
	if (point >= 0x7f && point < 0xa0)
		return point == 0x85;
	return (point & 0xfffe) != 0xfffe && (point < 0xfdd0 || point > 0xfdef);
}

static bool
check_text(struct maker *maker, const char *text)
{
	const char *at = text;
	uint32_t point;
	char name[sizeof("U+10FFFF")];

	if (!text_is_utf8(text, strlen(text))) {
		make_report(maker, "E2170", "UTF-8");
		return false;
	}
	while ((point = utf8_next(&at)) != 0)
		if (!is_carried(point)) {
			snprintf(name, sizeof(name), "U+%04X",
			    (unsigned)(point & 0x1fffff));
			make_report(maker, "E2170", name);
			return false;
		}
	return true;
}

/* NULL for a character that stands for itself. */
static const char *
escape_of(char c, bool in_attribute)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return in_attribute ? "&quot;" : NULL;
	case '\t':
		return in_attribute ? "&#9;" : NULL;
	case '\n':
		return in_attribute ? "&#10;" : NULL;
	case '\r':
		return "&#13;";
	default:
		return NULL;
	}
}

static void
put_text(struct maker *maker, const char *text, bool in_attribute)
{
	if (!check_text(maker, text))
		return;
	for (const char *at = text; *at != '\0'; at++) {
		const char *escape = escape_of(*at, in_attribute);

		if (escape != NULL)
			bytes_put_text(maker->out, escape);
		else
			bytes_put_u8(maker->out, (uint8_t)*at);
	}
}

void
make_text(struct maker *maker, const char *text)
{
	put_text(maker, text, false);
}

/* ---- elements -------------------------------------------------------- */

/* A path too long to keep ends early, and with it nothing but a finding's. */
static void
enter(struct maker *maker, const char *name, size_t nth)
{
	size_t len = strlen(maker->path);
	char *at = maker->path + len;
	size_t room = sizeof(maker->path) - len;

	if (nth == 0)
		snprintf(at, room, "/%s", name);
	else
		snprintf(at, room, "/%s[%zu]", name, nth);
}

static void
leave(struct maker *maker)
{
	char *slash = strrchr(maker->path, '/');

	if (slash != NULL)
		*slash = '\0';
}

/* One line for each child of the root, as people read such files. */
static void
end_line(struct maker *maker)
{
	const char *slash = strchr(maker->path, '/');

	if (slash == NULL || strchr(slash + 1, '/') == NULL)
		bytes_put_u8(maker->out, '\n');
}

static void
put_attribute(struct maker *maker, const char *name, const char *value)
{
	size_t before = maker->out->len;

	bytes_put_format(maker->out, " %s=\"", name);
	put_text(maker, value, true);
	bytes_put_u8(maker->out, '"');
	if (maker->out->len - before > PRESCAN_ATTRIBUTE_MAX)
		make_report(maker, "E2011", name);
}

void
make_open_with(struct maker *maker, const char *name, size_t nth,
    const char *attribute, const char *value)
{
	enter(maker, name, nth);
	bytes_put_format(maker->out, "<%s", name);
	if (attribute != NULL)
		put_attribute(maker, attribute, value);
	bytes_put_u8(maker->out, '>');
}

void
make_open(struct maker *maker, const char *name, size_t nth)
{
	make_open_with(maker, name, nth, NULL, NULL);
}

void
make_close(struct maker *maker, const char *name)
{
	leave(maker);
	bytes_put_format(maker->out, "</%s>", name);
	end_line(maker);
}

void
make_element(struct maker *maker, const char *name, size_t nth,
    const char *text)
{
	make_open(maker, name, nth);
	put_text(maker, text, false);
	make_close(maker, name);
}

static bool
is_blank(const char *text)
{
	uint32_t point;

	do
		point = utf8_next(&text);
	while (utf8_is_space(point));
	return point == 0;
}

void
make_needed(struct maker *maker, const char *name, size_t nth, const char *text)
{
	if (is_blank(text)) {
		enter(maker, name, nth);
		make_report(maker, "E2114", name);
		leave(maker);
	}
	make_element(maker, name, nth, text);
}

void
make_empty(struct maker *maker, const char *name, const char *value)
{
	enter(maker, name, 0);
	bytes_put_format(maker->out, "<%s", name);
	if (value != NULL)
		put_attribute(maker, "代碼", value);
	bytes_put_text(maker->out, "/>");
	leave(maker);
	end_line(maker);
}

void
make_word(struct maker *maker, const char *name, const char *value,
    const char *const *list)
{
	size_t i = 0;

	while (list[i] != NULL && !text_equal(list[i], value))
		i++;
	if (list[i] == NULL) {
		enter(maker, name, 0);
		make_report(maker, "E2105", value);
		leave(maker);
	}
	make_empty(maker, name, value);
}

void
make_code(struct maker *maker, const struct org_code *code)
{
	struct org_code known;
	struct org_code org;

	if (!org_code_parse(code->text, &known)) {
		enter(maker, "機關代碼", 0);
		make_report(maker, "E2110", code->text);
		leave(maker);
		return;
	}
	org = org_code_parent(&known);
	make_element(maker, "機關代碼", 0, org.text);
	if (org_code_is_unit(&known))
		make_element(maker, "單位代碼", 0, known.text + ORG_LEN);
}
