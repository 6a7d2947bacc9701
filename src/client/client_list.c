#include <stdio.h>

#include "client/client_internal.h"

static bool
put_target(const struct client_list *list, char target[CLIENT_TARGET_SIZE])
{
	char number[24];

	snprintf(number, sizeof(number), "%u",
	    list->limit > 0 ? list->limit : 50);
	return client_path_add(target, list->path, "", "?limit=") &&
	    client_path_add(target, "", number, "") &&
	    (list->state == NULL ||
		client_path_add(target, "&state=", list->state, "")) &&
	    (list->cursor == NULL ||
		client_path_add(target, "&cursor=", list->cursor, ""));
}

enum yizhan_result
client_list_ask(struct yizhan *yizhan, const struct client_list *list,
    void **ret_page)
{
	char target[CLIENT_TARGET_SIZE] = "";
	struct client_request request = { .method = "GET", .target = target };
	struct client_answer answer = { 0 };
	json_t *root = NULL;
	enum yizhan_result result;
	void *page;

	if (!put_target(list, target))
		return client_too_long(yizhan);
	result = client_ask_json(yizhan, &request, &answer, &root);
	if (result == YIZHAN_OK) {
		page = list->read(root);
		if (page != NULL)
			*ret_page = page;
		else
			result = client_no_memory(yizhan);
	}
	json_decref(root);
	client_answer_free(&answer);
	return result;
}
