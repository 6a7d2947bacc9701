/*
 * A document system in one page: it sends letters, takes in those that come,
 * and hears what becomes of them, each once.
 *
 *   cc document_system.c $(pkg-config --cflags --libs yizhan) -o document_system
 *   document_system URL TOKEN-FILE send FILE...
 *   document_system URL TOKEN-FILE follow REGISTER [ROUNDS]
 *
 * "follow" writes a line for each event into REGISTER, and the cursor with it:
 * both are one file, replaced in one step.  So whatever is cut or killed, an
 * event is in it once.  A system with a database does the same in one transaction.
 *
 * $YIZHAN_INSECURE: do not check the gateway's certificate (yizhan demo).
 * TOKEN-FILE has the token in its first line.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <yizhan.h>

enum { TOKEN_SIZE = 128, FILES_MAX = 100, CURSOR_SIZE = 32, WAIT_S = 10 };

static int
complain(const struct yizhan *yizhan)
{
	const struct yizhan_problem *problem = yizhan_problem(yizhan);

	const char *const lines[] = { problem->code, problem->title,
		problem->cause, problem->next, problem->detail };

	for (int i = 0; i < 5; i++)
		if (lines[i][0] != '\0')
			fprintf(stderr, "%s\n", lines[i]);
	for (size_t i = 0; i < problem->finding_count; i++) {
		const struct yizhan_finding *finding = &problem->findings[i];

		fprintf(stderr, "- %s:%lld %s %s: %s %s\n  %s\n",
		    finding->file, (long long)finding->line, finding->element,
		    finding->rule, finding->title, finding->text,
		    finding->remedy);
	}
	return problem->result == YIZHAN_BUSY ? 75 : 65;
}

/* ---- sending ------------------------------------------------------------- */

static int
send_letter(struct yizhan *yizhan, char **paths, int count)
{
	struct yizhan_file files[FILES_MAX] = { 0 };
	struct yizhan_letter *letter;

	if (count > FILES_MAX)
		return 64;
	for (int i = 0; i < count; i++) {
		const char *slash = strrchr(paths[i], '/');

		files[i].name = slash != NULL ? slash + 1 : paths[i];
		files[i].path = paths[i];
	}
	/* The key is made of the files: sent again, it is the same letter. */
	if (yizhan_submit(yizhan, files, (size_t)count, NULL, &letter) !=
	    YIZHAN_OK)
		return complain(yizhan);
	printf("%s\n", letter->id);
	yizhan_letter_free(letter);
	return 0;
}

/* ---- following ------------------------------------------------------------ */

/* The register so far; its last line is the cursor. */
static char *
load(const char *path, char cursor[CURSOR_SIZE])
{
	FILE *file = fopen(path, "r");
	char *text = calloc(1, 1);
	size_t len = 0;
	int byte;

	cursor[0] = '\0';
	while (file != NULL && text != NULL && (byte = getc(file)) != EOF) {
		char *grown = realloc(text, len + 2);

		if (grown == NULL)
			break;
		text = grown;
		text[len++] = (char)byte;
		text[len] = '\0';
	}
	if (file != NULL)
		fclose(file);
	if (text != NULL && strncmp(text, "cursor ", 7) == 0) {
		char *end = strchr(text, '\n');

		if (end == NULL)
			return text;
		snprintf(cursor, CURSOR_SIZE, "%.*s",
		    (int)strcspn(text + 7, "\n"), text + 7);
		memmove(text, end + 1, strlen(end + 1) + 1);
	}
	return text;
}

/* Events and cursor become the register in one step. */
static int
store(const char *path, const char *before, const struct yizhan_events *events)
{
	char draft[4096];
	FILE *file;
	int is_good;

	snprintf(draft, sizeof(draft), "%s.new", path);
	file = fopen(draft, "w");
	if (file == NULL)
		return -1;
	fprintf(file, "cursor %s\n%s", events->next, before);
	for (size_t i = 0; i < events->count; i++) {
		const struct yizhan_event *event = &events->events[i];

		fprintf(file, "%lld %s %s %s %s\n", (long long)event->id,
		    event->type, event->document_id, event->recipient,
		    event->state);
	}
	is_good = fflush(file) == 0 && fsync(fileno(file)) == 0;
	is_good = fclose(file) == 0 && is_good;
	return is_good && rename(draft, path) == 0 ? 0 : -1;
}

static int
follow(struct yizhan *yizhan, const char *path, long rounds)
{
	for (long round = 0; rounds == 0 || round < rounds; round++) {
		char cursor[CURSOR_SIZE];
		char *before = load(path, cursor);
		struct yizhan_events *events;
		int rc = 0;

		if (before == NULL)
			return 71;
		if (yizhan_events(yizhan, cursor[0] != '\0' ? cursor : NULL, 0,
			WAIT_S, &events) == YIZHAN_OK) {
			rc = store(path, before, events);
			yizhan_events_free(events);
		} else if (yizhan_problem(yizhan)->result != YIZHAN_BUSY) {
			free(before);
			return complain(yizhan);
		}
		free(before);
		if (rc < 0)
			return 73;
	}
	return 0;
}

/* ---- who ------------------------------------------------------------------- */

static int
read_token(const char *path, char token[TOKEN_SIZE])
{
	FILE *file = fopen(path, "r");
	int is_read = file != NULL && fgets(token, TOKEN_SIZE, file) != NULL;

	if (file != NULL)
		fclose(file);
	if (is_read)
		token[strcspn(token, "\r\n")] = '\0';
	return is_read ? 0 : -1;
}

int
main(int argc, char **argv)
{
	char token[TOKEN_SIZE];
	struct yizhan_options options = { .token = token,
		.language = "en",
		.patience_ms = 60000 };
	struct yizhan *yizhan;
	int status = 64;

	if (argc < 5) {
		fprintf(stderr,
		    "usage: %s URL TOKEN-FILE send FILE...\n"
		    "       %s URL TOKEN-FILE follow REGISTER [ROUNDS]\n",
		    argv[0], argv[0]);
		return 64;
	}
	if (read_token(argv[2], token) < 0) {
		fprintf(stderr, "TOKEN-FILE is a file with the token in it\n");
		return 66;
	}
	options.url = argv[1];
	options.is_insecure = getenv("YIZHAN_INSECURE") != NULL;
	if (yizhan_open(&options, &yizhan) != YIZHAN_OK) {
		fprintf(stderr, "%s is not a URL of a gateway\n", argv[1]);
		return 64;
	}
	if (strcmp(argv[3], "send") == 0)
		status = send_letter(yizhan, argv + 4, argc - 4);
	else if (strcmp(argv[3], "follow") == 0)
		status = follow(yizhan, argv[4],
		    argc > 5 ? strtol(argv[5], NULL, 10) : 0);
	yizhan_close(yizhan);
	return status;
}
