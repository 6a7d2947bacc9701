/*
 * Runs a fuzz target over every file of a corpus folder, one TAP test a file.
 * A finding that was mended stays in the corpus as a regression test.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static int
replay(const char *path)
{
	FILE *file = fopen(path, "rb");
	uint8_t *data;
	size_t len;
	long end;

	if (file == NULL || fseek(file, 0, SEEK_END) != 0 ||
	    (end = ftell(file)) < 0 || fseek(file, 0, SEEK_SET) != 0)
		return -1;
	/* Exactly as long as the input, so that ASan sees one byte too many. */
	data = malloc(end > 0 ? (size_t)end : 1);
	if (data == NULL)
		return -1;
	len = fread(data, 1, (size_t)end, file);
	fclose(file);
	LLVMFuzzerTestOneInput(data, len);
	free(data);
	return 0;
}

int
main(int argc, char **argv)
{
	struct dirent **names;
	int count;
	int run = 0;
	int bad = 0;

	if (argc != 2 ||
	    (count = scandir(argv[1], &names, NULL, alphasort)) < 0)
		return 1;
	for (int i = 0; i < count; i++) {
		char path[4096];

		snprintf(path, sizeof(path), "%s/%s", argv[1],
		    names[i]->d_name);
		if (names[i]->d_name[0] != '.') {
			int failed = replay(path) < 0;

			printf("%s %d - %s\n", failed ? "not ok" : "ok", ++run,
			    names[i]->d_name);
			bad += failed;
		}
		free(names[i]);
	}
	free(names);
	printf("1..%d\n", run);
	return bad > 0 || run == 0;
}
