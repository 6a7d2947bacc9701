/*
 * What a check found, for people: the letter (or envelope) as it was read, and
 * the findings.
 */
#ifndef CLI_DOC_REPORT_H
#define CLI_DOC_REPORT_H

struct bytes;
struct cli;
struct json_value;

/* The members "document" and "envelopes" of an answer; nothing for neither. */
void doc_report_put(const struct cli *cli, const struct json_value *root,
    struct bytes *to);

/* A list of findings, each with its place, its rule and its remedy. */
void doc_report_put_findings(const struct cli *cli,
    const struct json_value *list, struct bytes *to);

#endif
