/*
 * Cases as the API shows them (docs/api.md), for spooler and query.
 */
#ifndef MANAGEMENT_CASEWORK_JSON_H
#define MANAGEMENT_CASEWORK_JSON_H

#include <stdint.h>

#include "base/attr.h"

struct case_definition;
struct case_library;
struct casework_case;
struct error;
struct json_writer;
struct rows;

/* One case with its history; `code` is a one-time code to show, or NULL. */
int casework_json_case(struct rows *rows, const struct casework_case *file,
    int64_t now_ms, const char *code, struct json_writer *writer,
    struct error *err) MUST_CHECK;

/* A definition, so that a page or a program can offer what it has. */
void casework_json_definition(const struct case_definition *definition,
    struct json_writer *writer);

/* An array of offices, by the bits of policy/office.h. */
void casework_json_offices(struct json_writer *writer, const char *key,
    unsigned offices);

/* A time as text, "" for INT64_MAX. */
void casework_json_time(struct json_writer *writer, const char *key,
    int64_t at_ms);

#endif
