/*
 * What measuring programs print: one line of JSON per figure, which
 * scripts/bench gathers; and the spread of times that were taken.
 */
#ifndef BENCH_RESULT_H
#define BENCH_RESULT_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

/* A figure to stdout; `unit` as people read it, conditions may be "". */
void result_print(const char *name, double value, const char *unit,
    const char *conditions, ...) PRINTF_LIKE(4, 5);

/* Sort `count` > 0 times in place; then percentile `percent` of them. */
void result_sort(uint64_t *times, size_t count);
uint64_t result_percentile(const uint64_t *times, size_t count,
    unsigned percent);

/* Seconds of the processor that this process and its ended children took. */
double result_cpu_seconds(void);

#endif
