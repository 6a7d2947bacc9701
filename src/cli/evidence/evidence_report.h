/*
 * What an evidence file proves, for people and for programs.
 */
#ifndef CLI_EVIDENCE_REPORT_H
#define CLI_EVIDENCE_REPORT_H

#include "base/attr.h"

struct bytes;
struct cli;
struct error;
struct evidence_verdict;

/* Append the words: what is proven, by whom, and what is not. */
void evidence_report_words(const struct cli *cli,
    const struct evidence_verdict *verdict, struct bytes *to);

/* Append one JSON object (docs/evidence.md). */
int evidence_report_json(const struct evidence_verdict *verdict,
    struct bytes *to, struct error *err) MUST_CHECK;

#endif
