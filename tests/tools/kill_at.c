/*
 * Preloaded into a program: it is killed (SIGKILL) just before the KILL_AT-th
 * of those calls by which it changes files or says something to others.
 * Without KILL_AT their number is appended to the file KILL_COUNT at the end.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static unsigned long calls;

static void
step(void)
{
	static unsigned long at;
	static int is_known;
	const char *text = getenv("KILL_AT");

	if (!is_known) {
		for (at = 0; text != NULL && *text != '\0'; text++)
			at = at * 10 + (unsigned long)(*text - '0');
		is_known = 1;
	}
	if (++calls == at)
		kill(getpid(), SIGKILL);
}

static void *
next(const char *name)
{
	void *fn = dlsym(RTLD_NEXT, name);

	if (fn == NULL)
		abort();
	return fn;
}

/* clang-format off */
#define STEP(type, name, args, values)                                        \
	type name args;                                                       \
	type name args                                                        \
	{                                                                     \
		union { void *any; type(*fn) args; } real = { next(#name) };  \
		step();                                                       \
		return real.fn values;                                        \
	}
/* clang-format on */

STEP(int, renameat, (int a, const char *b, int c, const char *d), (a, b, c, d))
STEP(int, linkat, (int a, const char *b, int c, const char *d, int e),
    (a, b, c, d, e))
STEP(int, unlinkat, (int a, const char *b, int c), (a, b, c))
STEP(int, mkdirat, (int a, const char *b, mode_t c), (a, b, c))
STEP(int, fsync, (int a), (a))
STEP(ssize_t, pwrite64, (int a, const void *b, size_t c, off64_t d),
    (a, b, c, d))
STEP(ssize_t, send, (int a, const void *b, size_t c, int d), (a, b, c, d))
STEP(ssize_t, write, (int a, const void *b, size_t c), (a, b, c))

__attribute__((destructor)) static void
tell(void)
{
	const char *path = getenv("KILL_COUNT");
	FILE *file = path != NULL ? fopen(path, "a") : NULL;

	if (file == NULL)
		return;
	fprintf(file, "%lu\n", calls);
	fclose(file);
}
