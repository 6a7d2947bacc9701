#include "bench/result.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

enum { CONDITIONS_SIZE = 256 };

void
result_print(const char *name, double value, const char *unit,
    const char *conditions, ...)
{
	char text[CONDITIONS_SIZE];
	va_list args;

	va_start(args, conditions);
	vsnprintf(text, sizeof(text), conditions, args);
	va_end(args);
	printf("{\"name\":\"%s\",\"value\":%.6g,\"unit\":\"%s\","
	       "\"conditions\":\"%s\"}\n",
	    name, value, unit, text);
	fflush(stdout);
}

static int
compare(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

void
result_sort(uint64_t *times, size_t count)
{
	qsort(times, count, sizeof(times[0]), compare);
}

uint64_t
result_percentile(const uint64_t *times, size_t count, unsigned percent)
{
	size_t at = count * percent / 100;

	return times[at < count ? at : count - 1];
}

static double
seconds_of(int who)
{
	struct rusage usage;

	getrusage(who, &usage);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
	    (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

double
result_cpu_seconds(void)
{
	return seconds_of(RUSAGE_SELF) + seconds_of(RUSAGE_CHILDREN);
}
