#include "role/reader/check_files.h"

#include <stdlib.h>

#include "base/error.h"
#include "document/document.h"
#include "role/message.h"

void
check_files_free(struct check_files *files)
{
	free(files->files);
	free(files->inputs);
	*files = (struct check_files){ 0 };
}

static int
count_files(struct blob list, size_t *ret_count, struct error *err)
{
	struct message_check_file *file = malloc(sizeof(*file));
	size_t count = 0;
	int rc;

	if (file == NULL)
		return error_set_memory(err);
	while ((rc = codec_next(message_fields(MESSAGE_CHECK_FILE), &list, file,
		    err)) > 0)
		count++;
	free(file);
	*ret_count = count;
	return rc;
}

int
check_files_read(struct blob list, struct check_files *files, struct error *err)
{
	if (count_files(list, &files->count, err) < 0)
		return -1;
	files->files = calloc(files->count + 1, sizeof(*files->files));
	files->inputs = calloc(files->count + 1, sizeof(*files->inputs));
	if (files->files == NULL || files->inputs == NULL)
		return error_set_memory(err);
	for (size_t i = 0; i < files->count; i++) {
		struct message_check_file *file = &files->files[i];

		if (codec_next(message_fields(MESSAGE_CHECK_FILE), &list, file,
			err) <= 0)
			return -1;
		files->inputs[i] = (struct document_input){
			.name = file->name,
			.kind = document_kind_of_name(file->name),
			.data = file->data.data,
			.len = file->data.len,
		};
	}
	return 0;
}
