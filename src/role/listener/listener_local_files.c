#include "role/listener/listener_local_files.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "envelope/bundle.h"
#include "http/http_request.h"
#include "role/env.h"
#include "role/filler.h"
#include "role/listener/listener_request.h"
#include "role/listener/multipart.h"
#include "service/config.h"

struct file {
	char name[MESSAGE_FILE_NAME_SIZE];
	size_t name_len;
	struct filler_upload *upload;
};

struct files {
	struct listener_request *request;
	struct bundle_reader reader;
	struct multipart form; /* in its place, for `is_form` */
	bool is_form;
	enum bundle_kind kind; /* of the record at hand */
	struct file list[FILLER_GROUP_MAX];
	size_t count;
	struct filler_group group;
	size_t streamed; /* bytes of this piece that an upload has */
	bool is_complete;
};

static void
on_taken(void *ctx, size_t len)
{
	struct files *files = ctx;

	listener_consume(files->request, len);
}

static bool
all_sent(const struct files *files)
{
	for (size_t i = 0; files->is_complete && i < files->count; i++)
		if (!filler_is_sent(files->list[i].upload))
			return false;
	return files->is_complete;
}

static void
pass_on(struct files *files)
{
	struct listener_request *request = files->request;
	struct bytes list = { 0 };
	struct error err = { 0 };

	for (size_t i = 0; i < files->count; i++) {
		const struct file *file = &files->list[i];
		struct message_file item = {
			.upload = filler_number(file->upload),
			.len = filler_len(file->upload),
		};

		memcpy(item.name, file->name, sizeof(item.name));
		message_list_add(&list, MESSAGE_FILE, &item);
	}
	if (bytes_failed(&list, &err) < 0) {
		listener_refuse(request, &err);
	} else {
		listener_local_ask(request, blob_of_bytes(&list));
		/* The request is on its way: its uploads are the spooler's. */
		for (size_t i = 0; !request->is_done && i < files->count; i++) {
			struct filler_upload *upload = files->list[i].upload;

			files->list[i].upload = NULL;
			filler_release(upload);
		}
	}
	bytes_free(&list);
}

static void
on_sent(void *ctx)
{
	struct files *files = ctx;

	if (all_sent(files))
		pass_on(files);
}

static const struct filler_events filler_events = { on_taken, on_sent };

static int
on_begin(void *ctx, enum bundle_kind kind, uint64_t len, struct error *err)
{
	struct files *files = ctx;
	struct filler *filler = files->request->listener->filler;

	files->kind = kind;
	if (kind == BUNDLE_FILE)
		return filler_begin(filler, len, &files->group, &filler_events,
		    files, &files->list[files->count - 1].upload, err);
	if (files->count == FILLER_GROUP_MAX)
		return error_set_id(err, "E6203", ERROR_DENIED,
		    "more than %d files", FILLER_GROUP_MAX);
	if (len == 0 || len >= MESSAGE_FILE_NAME_SIZE)
		return error_set_id(err, "E6211", ERROR_MALFORMED,
		    "file name of %llu bytes", (unsigned long long)len);
	files->count++;
	return 0;
}

static int
on_data(void *ctx, const uint8_t *data, size_t len, struct error *err)
{
	struct files *files = ctx;
	struct file *file = &files->list[files->count - 1];

	if (files->kind == BUNDLE_NAME) {
		memcpy(file->name + file->name_len, data, len);
		file->name_len += len;
		return 0;
	}
	files->streamed += len;
	return filler_put(file->upload, data, len, err);
}

/* Whether the name can stand in a list at all; the rest is the reader's. */
static bool
is_name(const struct file *file)
{
	for (size_t i = 0; i < file->name_len; i++)
		if ((uint8_t)file->name[i] < ' ' || file->name[i] == '/' ||
		    file->name[i] == '\\' || file->name[i] == 0x7f)
			return false;
	return file->name[0] != '.' && text_is_utf8(file->name, file->name_len);
}

static int
check_name(const struct files *files, struct error *err)
{
	const struct file *file = &files->list[files->count - 1];

	if (!is_name(file))
		return error_set_id(err, "E6211", ERROR_MALFORMED,
		    "file %zu has a name that is none", files->count);
	for (size_t i = 0; i + 1 < files->count; i++)
		if (text_equal(files->list[i].name, file->name))
			return error_set_id(err, "E6211", ERROR_MALFORMED,
			    "two files are named %.200s", file->name);
	return 0;
}

static int
on_record_end(void *ctx, struct error *err)
{
	struct files *files = ctx;

	if (files->kind == BUNDLE_NAME)
		return check_name(files, err);
	filler_finish(files->list[files->count - 1].upload);
	return 0;
}

static const struct bundle_handler bundle_handler = { on_begin, on_data,
	on_record_end };

static int
push(struct files *files, const uint8_t *data, size_t len, struct error *err)
{
	return files->is_form
	    ? multipart_push(&files->form, data, len, err)
	    : bundle_reader_push(&files->reader, data, len, err);
}

static void
on_body(struct listener_request *request, const uint8_t *data, size_t len)
{
	struct files *files = request->ctx;
	size_t held = files->is_form ? multipart_held(&files->form) : 0;
	struct error err = { 0 };

	files->streamed = 0;
	if (push(files, data, len, &err) < 0) {
		listener_refuse(request, &err);
		return;
	}
	/* What is held back may become a file's, which tells by itself. */
	len += held;
	held = files->is_form ? multipart_held(&files->form) : 0;
	listener_consume(request, len - held - files->streamed);
}

static void
on_body_end(struct listener_request *request)
{
	struct files *files = request->ctx;
	struct error err = { 0 };

	if ((files->is_form ? multipart_finish(&files->form, &err)
			    : bundle_reader_finish(&files->reader, &err)) < 0) {
		listener_refuse(request, &err);
		return;
	}
	files->is_complete = true;
	if (all_sent(files))
		pass_on(files);
}

static const struct listener_stream stream = { on_body, on_body_end };

static void
release(struct listener_request *request)
{
	struct files *files = request->ctx;

	/* What one gives up another of ours may get: it must not pass on. */
	files->is_complete = false;
	for (size_t i = 0; i < files->count; i++)
		filler_abort(files->list[i].upload);
	bytes_free(&files->form.head);
	free(files);
}

void
listener_local_files(struct listener_request *request)
{
	const char *type = http_request_header(request->http, "content-type");
	struct files *files = calloc(1, sizeof(*files));
	struct error err = { 0 };
	uint64_t len_max;

	if (files == NULL) {
		error_set_memory(&err);
		listener_refuse(request, &err);
		return;
	}
	files->request = request;
	len_max = (uint64_t)request->listener->env->config->limits.letter_bytes;
	request->ctx = files;
	request->release = release;
	files->is_form = multipart_is_type(type);
	files->reader =
	    bundle_reader_of(BUNDLE_FILES, len_max, &bundle_handler, files);
	if (files->is_form &&
	    multipart_begin(&files->form, type, len_max, &bundle_handler, files,
		&err) < 0) {
		listener_refuse(request, &err);
		return;
	}
	request->stream = &stream;
}
