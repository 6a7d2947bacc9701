#include "role/parent/program.h"

#include <stddef.h>
#include <stdlib.h>

#include "base/text.h"
#include "sys/process.h"

enum { WORDS_MAX = 64 };

void
program_leave(const char *name, char *const argv[])
{
	static char version[] = YIZHAN_VERSION;
	static char role[] = "role";
	char program[32];
	char *words[WORDS_MAX + 4] = { program, role, argv[0], version };

	if (!text_copy(program, sizeof(program), name))
		return;
	/* Else each copy would look up the names of libraries anew. */
	setenv("LD_BIND_NOW", "1", 1);
	for (size_t i = 1; argv[i] != NULL; i++) {
		if (i == WORDS_MAX)
			return;
		words[i + 3] = argv[i];
	}
	process_become(program, words);
}

bool
program_is_ours(const char *word)
{
	return text_equal(word, YIZHAN_VERSION);
}
