#include "role/contents/directory_view.h"

#include <stdlib.h>

#include "base/error.h"
#include "directory/directory.h"
#include "role/message.h"
#include "sys/ipc.h"
#include "sys/memory_file.h"

static const size_t image_max = (size_t)4 << 30;

struct directory_view {
	struct memory_file image;
	struct directory *directory;
	struct message_directory serials;
};

int
directory_view_new(struct directory_view **ret_view, struct error *err)
{
	struct directory_view *view = calloc(1, sizeof(*view));

	if (view == NULL)
		return error_set_memory(err);
	*ret_view = view;
	return 0;
}

void
directory_view_free(struct directory_view *view)
{
	if (view == NULL)
		return;
	directory_close(view->directory);
	memory_file_unmap(&view->image);
	free(view);
}

int
directory_view_take(struct directory_view *view, struct ipc_message *message,
    struct error *err)
{
	struct message_directory serials;
	struct memory_file image = { 0 };
	struct directory *directory = NULL;
	int fd;

	if (message_read(message, MESSAGE_DIRECTORY, &serials, err) < 0)
		return error_prefix(err, "directory image");
	fd = ipc_take_fd(message);
	if (fd < 0 && view->directory != NULL) {
		view->serials = serials;
		return 0;
	}
	if (memory_file_map(fd, image_max, &image, err) < 0)
		return error_prefix(err, "directory image");
	if (directory_open(image.data, image.len, &directory, err) < 0) {
		memory_file_unmap(&image);
		return error_prefix(err, "directory image");
	}
	directory_close(view->directory);
	memory_file_unmap(&view->image);
	view->directory = directory;
	view->image = image;
	view->serials = serials;
	return 0;
}

const struct directory *
directory_view_directory(const struct directory_view *view)
{
	return view->directory;
}

const struct message_directory *
directory_view_serials(const struct directory_view *view)
{
	return &view->serials;
}
