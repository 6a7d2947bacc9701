#include "role/listener/web_template.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "json/json_read.h"
#include "model/times.h"

struct filling {
	const char *at;
	const char *end;
	const struct json_value *scope[WEB_TEMPLATE_DEPTH_MAX];
	size_t depth;
	struct bytes *to;
};

/* What stands between [[ and ]]. */
struct tag {
	char kind; /* '#', '^', '/', or 0 */
	char name[WEB_TEMPLATE_NAME_SIZE];
	char *wanted; /* behind '='; NULL for none */
	char *form;   /* behind '|' */
};

static void
put_escaped(struct bytes *to, const char *text)
{
	for (; *text != '\0'; text++) {
		switch (*text) {
		case '&':
			bytes_put_text(to, "&amp;");
			break;
		case '<':
			bytes_put_text(to, "&lt;");
			break;
		case '>':
			bytes_put_text(to, "&gt;");
			break;
		case '"':
			bytes_put_text(to, "&quot;");
			break;
		case '\'':
			bytes_put_text(to, "&#39;");
			break;
		default:
			bytes_put_u8(to, (uint8_t)*text);
		}
	}
}

static const struct json_value *
look_up(const struct filling *filling, const char *name)
{
	for (size_t i = filling->depth; i > 0; i--) {
		const struct json_value *found =
		    json_value_member(filling->scope[i - 1], name);

		if (found != NULL)
			return found;
	}
	return NULL;
}

static void
put_value(struct filling *filling, const struct tag *tag)
{
	const struct json_value *value = look_up(filling, tag->name);
	const char *text = json_value_text(value);
	char roc[TIMES_ROC_SIZE];
	int64_t number;

	if (tag->form != NULL && text != NULL && times_parse(text, &number)) {
		times_format_roc(number, roc);
		put_escaped(filling->to, roc);
	} else if (text != NULL) {
		put_escaped(filling->to, text);
	} else if (json_value_integer(value, &number)) {
		bytes_put_format(filling->to, "%" PRId64, number);
	}
}

/* Up to the next tag; false at the end of the text. */
static bool
next_tag(struct filling *filling, bool is_shown, struct tag *ret_tag,
    struct error *err)
{
	const char *start = filling->at;
	const char *close;
	size_t len;

	while (start + 1 < filling->end && (start[0] != '[' || start[1] != '['))
		start++;
	if (start + 1 >= filling->end)
		start = filling->end;
	if (is_shown)
		bytes_put(filling->to, filling->at,
		    (size_t)(start - filling->at));
	filling->at = start;
	if (start == filling->end)
		return false;
	start += 2;
	close = memchr(start, ']', (size_t)(filling->end - start));
	len = close != NULL ? (size_t)(close - start) : 0;
	if (close == NULL || close + 1 >= filling->end || close[1] != ']' ||
	    len == 0 || len >= WEB_TEMPLATE_NAME_SIZE) {
		error_set(err, ERROR_SYSTEM, "tag of a template is malformed");
		return false;
	}
	filling->at = close + 2;
	*ret_tag = (struct tag){ 0 };
	if (strchr("#^/", start[0]) != NULL) {
		ret_tag->kind = start[0];
		start++;
		len--;
	}
	memcpy(ret_tag->name, start, len);
	ret_tag->wanted = strchr(ret_tag->name, '=');
	ret_tag->form = strchr(ret_tag->name, '|');
	if (ret_tag->wanted != NULL)
		*ret_tag->wanted++ = '\0';
	if (ret_tag->form != NULL)
		*ret_tag->form++ = '\0';
	return true;
}

/* How often a section is shown. */
static size_t
count_of(const struct json_value *value, const struct tag *tag)
{
	const char *text = json_value_text(value);
	bool truth = false;
	bool holds;

	if (tag->wanted != NULL)
		holds = text != NULL && text_equal(text, tag->wanted);
	else if (json_value_is_array(value) && tag->kind == '#')
		return json_value_count(value);
	else if (json_value_is_array(value))
		holds = json_value_count(value) > 0;
	else if (value != NULL && json_value_is_object(value))
		holds = true;
	else if (text != NULL)
		holds = text[0] != '\0';
	else
		holds = json_value_bool(value, &truth) && truth;
	return holds == (tag->kind == '#') ? 1 : 0;
}

static int fill(struct filling *filling, bool is_shown, bool is_inside,
    struct error *err);

static int
fill_section(struct filling *filling, bool is_shown, const struct tag *tag,
    struct error *err)
{
	const char *start = filling->at;
	const struct json_value *value = look_up(filling, tag->name);
	size_t count = is_shown ? count_of(value, tag) : 0;
	bool is_list = tag->kind == '#' && tag->wanted == NULL &&
	    json_value_is_array(value);

	if (filling->depth == WEB_TEMPLATE_DEPTH_MAX)
		return error_set(err, ERROR_SYSTEM,
		    "template is nested too deeply");
	if (count == 0) {
		filling->scope[filling->depth++] = NULL;
		if (fill(filling, false, true, err) < 0)
			return -1;
		filling->depth--;
	}
	for (size_t i = 0; i < count; i++) {
		filling->at = start;
		filling->scope[filling->depth++] =
		    is_list ? json_value_item(value, i) : value;
		if (fill(filling, true, true, err) < 0)
			return -1;
		filling->depth--;
	}
	return 0;
}

/* Up to the end of the section, or of the text. */
static int
fill(struct filling *filling, bool is_shown, bool is_inside, struct error *err)
{
	struct tag tag;

	while (next_tag(filling, is_shown, &tag, err)) {
		if (tag.kind == '/' && is_inside)
			return 0;
		if (tag.kind == '/')
			return error_set(err, ERROR_SYSTEM,
			    "template ends a section that it did not begin");
		if (tag.kind == 0 && is_shown)
			put_value(filling, &tag);
		if (tag.kind != 0 &&
		    fill_section(filling, is_shown, &tag, err) < 0)
			return -1;
	}
	if (err->code != ERROR_NONE)
		return -1;
	return is_inside
	    ? error_set(err, ERROR_SYSTEM, "template does not end a section")
	    : 0;
}

int
web_template_fill(const void *text, size_t len, const struct json_value *data,
    struct bytes *to, struct error *err)
{
	struct filling filling = {
		.at = text,
		.end = (const char *)text + len,
		.scope = { data },
		.depth = 1,
		.to = to,
	};

	if (fill(&filling, true, false, err) < 0)
		return -1;
	return bytes_failed(to, err);
}
