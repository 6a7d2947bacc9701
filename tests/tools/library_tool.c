/*
 * libyizhan from the command line, one function at a time, for scenarios:
 *
 *   library_tool URL TOKEN-FILE FUNCTION [ARGUMENT...]
 *
 * Prints what came; exits with the enum yizhan_result.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yizhan.h>

enum { FILES_MAX = 50, TOKEN_SIZE = 128 };

static struct yizhan_file files[FILES_MAX];

static size_t
read_names(char **paths)
{
	size_t count = 0;

	for (; paths[count] != NULL && count < FILES_MAX; count++) {
		const char *slash = strrchr(paths[count], '/');

		files[count].name = slash != NULL ? slash + 1 : paths[count];
		files[count].path = paths[count];
	}
	return count;
}

static int
show_letter(int result, struct yizhan_letter *letter)
{
	if (letter != NULL)
		printf("%s\n", letter->json);
	yizhan_letter_free(letter);
	return result;
}

static int
show_arrival(int result, struct yizhan_arrival *arrival)
{
	if (arrival != NULL)
		printf("%s\n", arrival->json);
	yizhan_arrival_free(arrival);
	return result;
}

static int
show_text(int result, char *text)
{
	if (text != NULL)
		printf("%s\n", text);
	yizhan_text_free(text);
	return result;
}

static int
take(void *context, const void *data, size_t len)
{
	(void)context;
	return fwrite(data, 1, len, stdout) == len ? 0 : -1;
}

static int
read_part(struct yizhan *yizhan, char **args)
{
	struct yizhan_arrival *arrival = NULL;
	int result =
	    (int)yizhan_arrival_get(yizhan, args[0], args[1], &arrival);

	if (result == YIZHAN_OK)
		result = (int)yizhan_read_part(yizhan, arrival,
		    (size_t)(args[2][0] - '0'), take, NULL);
	yizhan_arrival_free(arrival);
	return result;
}

static int
list(struct yizhan *yizhan, const char *which, char **args)
{
	struct yizhan_letters *letters = NULL;
	struct yizhan_arrivals *arrivals = NULL;
	int result;

	if (strcmp(which, "outbox") == 0) {
		result = (int)yizhan_outbox(yizhan, args[0], 1, &letters);
		for (size_t i = 0; letters != NULL && i < letters->count; i++)
			printf("%s %s\n", letters->letters[i]->id,
			    letters->next);
	} else {
		result = (int)yizhan_inbox(yizhan, NULL, args[0], 1, &arrivals);
		for (size_t i = 0; arrivals != NULL && i < arrivals->count; i++)
			printf("%s %s %s\n", arrivals->arrivals[i]->waybill_id,
			    arrivals->arrivals[i]->parts[0].name,
			    arrivals->next);
	}
	yizhan_letters_free(letters);
	yizhan_arrivals_free(arrivals);
	return result;
}

static int
follow(struct yizhan *yizhan, char **args)
{
	struct yizhan_events *events = NULL;
	int result = (int)yizhan_events(yizhan, args[0], 0,
	    args[0] != NULL ? 5 : 0, &events);

	if (events != NULL)
		printf("%s\n", events->json);
	yizhan_events_free(events);
	return result;
}

static int
sending(struct yizhan *yizhan, const char *what, char **args)
{
	struct yizhan_submit_options options = { .accept = "E2134" };
	struct yizhan_letter *letter = NULL;
	char *text = NULL;
	int result;

	if (strcmp(what, "validate") == 0) {
		result = (int)yizhan_validate(yizhan, files, read_names(args),
		    &text);
		return show_text(result, text);
	}
	if (strcmp(what, "submit") == 0)
		result = (int)yizhan_submit(yizhan, files, read_names(args),
		    &options, &letter);
	else if (strcmp(what, "get") == 0)
		result = (int)yizhan_letter_get(yizhan, args[0], &letter);
	else if (strcmp(what, "wait") == 0)
		result = (int)yizhan_letter_wait(yizhan, args[0], args[1], 30,
		    &letter);
	else if (strcmp(what, "withdraw") == 0)
		result =
		    (int)yizhan_withdraw(yizhan, args[0], args[1], &letter);
	else if (strcmp(what, "undo") == 0)
		result = (int)yizhan_undo(yizhan, args[0], &letter);
	else if (strcmp(what, "paper") == 0)
		result = (int)yizhan_paper(yizhan, args[0], args[1], &letter);
	else
		return -1;
	return show_letter(result, letter);
}

static int
show_draft(int result, struct yizhan_draft *draft)
{
	if (draft != NULL)
		printf("%s\n", draft->json);
	yizhan_draft_free(draft);
	return result;
}

/* Of a draft as it is now: what is done with it. */
static int
change(struct yizhan *yizhan, const char *what, char **args,
    const struct yizhan_draft *draft)
{
	struct yizhan_submit_options options = { .accept = "E2134",
		.undo_s = 300 };
	struct yizhan_letter *letter = NULL;
	struct yizhan_draft *after = NULL;
	size_t count = read_names(args + 1);
	int result;

	if (strcmp(what, "draft-discard") == 0)
		return (int)yizhan_draft_discard(yizhan, draft);
	if (strcmp(what, "draft-send") == 0) {
		result =
		    (int)yizhan_draft_send(yizhan, draft, &options, &letter);
		return show_letter(result, letter);
	}
	if (strcmp(what, "draft-upload") == 0)
		result = (int)yizhan_draft_upload(yizhan, draft, files, &after);
	else
		result =
		    (int)yizhan_draft_add(yizhan, draft, files, count, &after);
	return show_draft(result, after);
}

static int
drafts(struct yizhan *yizhan, const char *what, char **args)
{
	struct yizhan_draft *draft = NULL;
	int result;

	if (strncmp(what, "draft", 5) != 0)
		return -1;
	if (strcmp(what, "draft") == 0)
		result = (int)yizhan_draft_new(yizhan, args[0], files,
		    read_names(args + 1), NULL, &draft);
	else
		result = (int)yizhan_draft_get(yizhan, args[0], &draft);
	if (result == YIZHAN_OK && strncmp(what, "draft-", 6) == 0 &&
	    strcmp(what, "draft-get") != 0) {
		result = change(yizhan, what, args, draft);
		yizhan_draft_free(draft);
		return result;
	}
	return show_draft(result, draft);
}

static int
receiving(struct yizhan *yizhan, const char *what, char **args)
{
	struct yizhan_arrival *arrival = NULL;
	int result;

	if (strcmp(what, "arrival") == 0)
		result =
		    (int)yizhan_arrival_get(yizhan, args[0], args[1], &arrival);
	else if (strcmp(what, "confirm") == 0)
		result =
		    (int)yizhan_confirm(yizhan, args[0], args[1], &arrival);
	else if (strcmp(what, "return") == 0)
		result = (int)yizhan_return(yizhan, args[0], args[1], args[2],
		    &arrival);
	else if (strcmp(what, "notice") == 0)
		result = (int)yizhan_notice(yizhan, args[0], args[1], args[2],
		    &arrival);
	else
		return -1;
	return show_arrival(result, arrival);
}

static int
other(struct yizhan *yizhan, const char *what, char **args)
{
	char *text = NULL;
	int result = -1;

	if (strcmp(what, "read") == 0)
		return read_part(yizhan, args);
	if (strcmp(what, "outbox") == 0 || strcmp(what, "inbox") == 0)
		return list(yizhan, what, args);
	if (strcmp(what, "events") == 0)
		return follow(yizhan, args);
	if (strcmp(what, "fetch") == 0)
		return (int)yizhan_fetch(yizhan, args[0], take, NULL);
	if (strcmp(what, "call") == 0)
		result = (int)yizhan_call(yizhan, args[0], args[1], args[2],
		    &text, NULL);
	return show_text(result, text);
}

int
main(int argc, char **argv)
{
	static char token[TOKEN_SIZE];
	struct yizhan_options options = { .token = token,
		.language = "en",
		.is_insecure = 1,
		.patience_ms = 20000 };
	struct yizhan *yizhan = NULL;
	FILE *file = argc > 3 ? fopen(argv[2], "r") : NULL;
	int result;

	if (file == NULL || fgets(token, sizeof(token), file) == NULL)
		return 64;
	fclose(file);
	token[strcspn(token, "\n")] = '\0';
	options.url = argv[1];
	if (yizhan_open(&options, &yizhan) != YIZHAN_OK)
		return 64;
	result = sending(yizhan, argv[3], argv + 4);
	if (result < 0)
		result = drafts(yizhan, argv[3], argv + 4);
	if (result < 0)
		result = receiving(yizhan, argv[3], argv + 4);
	if (result < 0)
		result = other(yizhan, argv[3], argv + 4);
	if (result != YIZHAN_OK)
		fprintf(stderr, "%d %s %s; %s; %s\n",
		    yizhan_problem(yizhan)->status,
		    yizhan_problem(yizhan)->code, yizhan_problem(yizhan)->title,
		    yizhan_problem(yizhan)->next,
		    yizhan_problem(yizhan)->detail);
	yizhan_close(yizhan);
	return result;
}
