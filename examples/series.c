/*
 * Copies written apart (分繕), each with its own text and attachments, sent with
 * one call: all or none.
 *
 *     series URL TOKEN-FILE 1.di 1.sw 2.di 2.sw plan.pdf ...
 *
 * Prints the id of the series, then a line for each copy: its letter, its
 * recipient, how it stands.  The same files again are the same series.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yizhan.h>

enum { EXIT_DATA = 65, EXIT_LATER = 75, FILES_MAX = 600, TOKEN_SIZE = 128 };

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
read_token(const char *path, char token[TOKEN_SIZE])
{
	FILE *file = fopen(path, "r");
	int is_read = file != NULL && fgets(token, TOKEN_SIZE, file) != NULL;

	if (file != NULL)
		fclose(file);
	token[is_read ? strcspn(token, "\n") : 0] = '\0';
	return is_read;
}

static int
complain(const struct yizhan *yizhan)
{
	const struct yizhan_problem *problem = yizhan_problem(yizhan);

	fprintf(stderr, "%s %s %s\n%s\n", problem->code, problem->title,
	    problem->detail, problem->next);
	for (size_t i = 0; i < problem->finding_count; i++) {
		const struct yizhan_finding *finding = &problem->findings[i];

		fprintf(stderr, "%s: %s %s: %s\n", finding->file,
		    finding->rule, finding->title, finding->text);
	}
	return problem->result == YIZHAN_BUSY ? EXIT_LATER : EXIT_DATA;
}

int
main(int argc, char **argv)
{
	char token[TOKEN_SIZE];
	const struct yizhan_options options = { .url = argv[1],
		.token = token,
		.patience_ms = 60000,
		.is_insecure = getenv("YIZHAN_INSECURE") != NULL };
	struct yizhan_series *series = NULL;
	struct yizhan *yizhan = NULL;
	int status = EXIT_SUCCESS;

	if (argc < 4 || !read_token(argv[2], token) ||
	    yizhan_open(&options, &yizhan) != YIZHAN_OK) {
		fprintf(stderr,
		    "usage: series URL TOKEN-FILE FILE...\n"
		    "TOKEN-FILE is a file with the token in it\n");
		return EXIT_DATA;
	}
	if (yizhan_series_send(yizhan, files, read_names(argv + 3), NULL,
		&series) == YIZHAN_OK) {
		printf("%s\n", series->id);
		for (size_t i = 0; i < series->count; i++)
			printf("%s %s %s\n", series->copies[i].document_id,
			    series->copies[i].recipient,
			    series->copies[i].state);
	} else {
		status = complain(yizhan);
	}
	yizhan_series_free(series);
	yizhan_close(yizhan);
	return status;
}
