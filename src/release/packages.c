#include "release/packages.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"

void
packages_free(struct packages *packages)
{
	free(packages->list);
	*packages = (struct packages){ 0 };
}

/* ---- the status file --------------------------------------------------- */

/* One paragraph: what of it matters. */
struct paragraph {
	struct sbom_package package;
	bool is_installed;
	bool is_long; /* a name or version that does not fit */
};

static bool
take_field(const char *line, size_t len, const char *key, char *to, size_t size,
    bool *ret_is_long)
{
	size_t key_len = strlen(key);

	if (len < key_len || memcmp(line, key, key_len) != 0)
		return false;
	if (!text_copy_len(to, size, line + key_len, len - key_len))
		*ret_is_long = true;
	return true;
}

static void
take_line(struct paragraph *paragraph, const char *line, size_t len)
{
	static const char installed[] = " installed";
	static const char status[] = "Status: ";
	const size_t tail = sizeof(installed) - 1;

	if (take_field(line, len, "Package: ", paragraph->package.name,
		sizeof(paragraph->package.name), &paragraph->is_long) ||
	    take_field(line, len, "Version: ", paragraph->package.version,
		sizeof(paragraph->package.version), &paragraph->is_long))
		return;
	if (len > sizeof(status) - 1 + tail &&
	    memcmp(line, status, sizeof(status) - 1) == 0 &&
	    memcmp(line + len - tail, installed, tail) == 0)
		paragraph->is_installed = true;
}

static int
end_paragraph(struct paragraph *paragraph, struct packages *packages,
    size_t *room, struct error *err)
{
	struct sbom_package *list;

	if (paragraph->is_installed && paragraph->package.name[0] != '\0' &&
	    paragraph->package.version[0] != '\0' && !paragraph->is_long) {
		if (packages->count == PACKAGES_MAX)
			return error_set(err, ERROR_MALFORMED,
			    "more than %d packages", PACKAGES_MAX);
		if (packages->count == *room) {
			*room = *room == 0 ? 512 : 2 * *room;
			list = realloc(packages->list, *room * sizeof(*list));
			if (list == NULL)
				return error_set_memory(err);
			packages->list = list;
		}
		packages->list[packages->count++] = paragraph->package;
	}
	*paragraph = (struct paragraph){ 0 };
	return 0;
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp(((const struct sbom_package *)a)->name,
	    ((const struct sbom_package *)b)->name);
}

static int
read_all(const char *text, size_t len, struct packages *packages,
    struct error *err)
{
	struct paragraph paragraph = { 0 };
	size_t room = 0;

	for (size_t at = 0; at < len;) {
		const char *line = text + at;
		const char *end = memchr(line, '\n', len - at);
		size_t line_len = end == NULL ? len - at : (size_t)(end - line);

		at += line_len + 1;
		if (line_len > 0)
			take_line(&paragraph, line, line_len);
		else if (end_paragraph(&paragraph, packages, &room, err) < 0)
			return -1;
	}
	if (end_paragraph(&paragraph, packages, &room, err) < 0)
		return -1;
	if (packages->count == 0)
		return error_set(err, ERROR_MALFORMED, "it names no package");
	qsort(packages->list, packages->count, sizeof(packages->list[0]),
	    compare_names);
	return 0;
}

int
packages_parse(const char *text, size_t len, struct packages *ret_packages,
    struct error *err)
{
	struct packages packages = { 0 };

	if (len > PACKAGES_STATUS_MAX)
		error_set(err, ERROR_MALFORMED, "more than %d bytes",
		    PACKAGES_STATUS_MAX);
	else if (read_all(text, len, &packages, err) == 0) {
		*ret_packages = packages;
		return 0;
	}
	packages_free(&packages);
	if (err->code == ERROR_MALFORMED)
		text_copy(err->id, sizeof(err->id), "E7606");
	return error_prefix(err, "the installed packages");
}

/* ---- versions ---------------------------------------------------------- */

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Debian Policy 5.6.12: '~' before the end, letters before the rest. */
static int
weight(char c)
{
	if (c == '~')
		return -1;
	if (c == '\0' || is_digit(c))
		return 0;
	if ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'))
		return c;
	return (unsigned char)c + 256;
}

/* What `*text` has up to `end` before its next digit; 0 at the end. */
static char
take_char(const char **text, const char *end)
{
	return *text < end ? **text : '\0';
}

static int
compare_words(const char **a, const char *a_end, const char **b,
    const char *b_end)
{
	for (;;) {
		char left = take_char(a, a_end);
		char right = take_char(b, b_end);
		bool left_ends = left == '\0' || is_digit(left);
		bool right_ends = right == '\0' || is_digit(right);

		if (left_ends && right_ends)
			return 0;
		if (weight(left) != weight(right))
			return weight(left) - weight(right);
		*a += !left_ends;
		*b += !right_ends;
	}
}

/* Digits as numbers of any length. */
static int
compare_numbers(const char **a, const char *a_end, const char **b,
    const char *b_end)
{
	int first = 0;

	while (take_char(a, a_end) == '0')
		++*a;
	while (take_char(b, b_end) == '0')
		++*b;
	while (is_digit(take_char(a, a_end)) && is_digit(take_char(b, b_end))) {
		if (first == 0)
			first = **a - **b;
		++*a;
		++*b;
	}
	if (is_digit(take_char(a, a_end)))
		return 1;
	if (is_digit(take_char(b, b_end)))
		return -1;
	return first;
}

static int
compare_part(const char *a, const char *a_end, const char *b, const char *b_end)
{
	int rc = 0;

	while (rc == 0 && (a < a_end || b < b_end)) {
		rc = compare_words(&a, a_end, &b, b_end);
		if (rc == 0)
			rc = compare_numbers(&a, a_end, &b, b_end);
	}
	return rc;
}

/* "2:1.0-3" is epoch "2", upstream "1.0", revision "3". */
struct parts {
	const char *epoch, *epoch_end;
	const char *upstream, *upstream_end;
	const char *revision, *revision_end;
};

static struct parts
split(const char *version)
{
	const char *end = version + strlen(version);
	const char *colon = strchr(version, ':');
	const char *dash = strrchr(version, '-');
	struct parts parts = { version, version, version, end, end, end };

	if (colon != NULL) {
		parts.epoch_end = colon;
		parts.upstream = colon + 1;
	}
	if (dash != NULL && dash >= parts.upstream) {
		parts.upstream_end = dash;
		parts.revision = dash + 1;
	}
	return parts;
}

int
packages_compare_versions(const char *a, const char *b)
{
	struct parts left = split(a);
	struct parts right = split(b);
	int rc = compare_part(left.epoch, left.epoch_end, right.epoch,
	    right.epoch_end);

	if (rc == 0)
		rc = compare_part(left.upstream, left.upstream_end,
		    right.upstream, right.upstream_end);
	if (rc == 0)
		rc = compare_part(left.revision, left.revision_end,
		    right.revision, right.revision_end);
	return rc;
}

/* ---- the comparison ---------------------------------------------------- */

size_t
packages_compare(const struct packages *packages, const struct sbom *sbom,
    package_finding_fn tell, void *context)
{
	size_t count = 0;

	for (size_t i = 0; i < sbom->package_count; i++) {
		const struct sbom_package *wanted = &sbom->packages[i];
		const struct sbom_package *found = packages->count == 0
		    ? NULL
		    : bsearch(wanted, packages->list, packages->count,
			  sizeof(packages->list[0]), compare_names);
		int order = found == NULL
		    ? 0
		    : packages_compare_versions(found->version,
			  wanted->version);

		if (found != NULL && order == 0)
			continue;
		count++;
		tell(context,
		    found == NULL   ? PACKAGE_MISSING
			: order < 0 ? PACKAGE_OLDER
				    : PACKAGE_NEWER,
		    wanted, found == NULL ? "" : found->version);
	}
	return count;
}
