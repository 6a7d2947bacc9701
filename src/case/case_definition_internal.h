/*
 * Reading and checking a definition; only case_definition*.c include this.
 */
#ifndef CASE_CASE_DEFINITION_INTERNAL_H
#define CASE_CASE_DEFINITION_INTERNAL_H

#include "case/case_definition.h"

/* Note a finding; returns -1. */
int case_find_fault(struct case_findings *findings, int line,
    const char *remedy, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* What the sections together must hold to. */
void case_definition_check(const struct case_definition *definition,
    struct case_findings *findings);

/* Whether changes of this name exist, and whether two persons must approve. */
bool case_effect_is_known(const char *name);
bool case_effect_is_guarded(const char *name);

#endif
