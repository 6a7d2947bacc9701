/*
 * Request targets: what is accepted has one spelling, so writing it again and
 * parsing that gives the same path and parameters.
 */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "http/http_path.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
must(bool truth)
{
	if (!truth)
		abort();
}

static void
put_path(struct bytes *to, const char *path)
{
	while (*path != '\0') {
		char segment[HTTP_TARGET_MAX + 1] = { 0 };
		size_t segment_len = strcspn(++path, "/");

		bytes_put_text(to, "/");
		memcpy(segment, path, segment_len);
		http_path_put(to, segment);
		path += segment_len;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct error err = { 0 };
	struct http_segments found;
	struct http_target target;
	struct http_target again;
	struct bytes text = { 0 };

	if (http_target_parse((const char *)data, len, &target, &err) < 0)
		return 0;
	must(strstr(target.path, "/../") == NULL);
	must(strstr(target.path, "//") == NULL);
	(void)http_path_match("/v1/{}/{*}", target.path, &found);

	put_path(&text, target.path);
	for (size_t i = 0; i < target.param_count; i++) {
		bytes_put_text(&text, i == 0 ? "?" : "&");
		http_path_put(&text, target.params[i].name);
		bytes_put_text(&text, "=");
		http_path_put(&text, target.params[i].value);
	}
	/* Escaping can make it longer than the limit. */
	if (text.len <= HTTP_TARGET_MAX) {
		must(http_target_parse((const char *)text.data, text.len,
			 &again, &err) == 0);
		must(strcmp(again.path, target.path) == 0);
		must(again.param_count == target.param_count);
		for (size_t i = 0; i < target.param_count; i++)
			must(strcmp(again.params[i].value,
				 target.params[i].value) == 0);
		http_target_free(&again);
	}
	bytes_free(&text);
	http_target_free(&target);
	return 0;
}
