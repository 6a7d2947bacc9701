/*
 * What is wrong with a letter, for people: one paragraph for each finding.
 */
#ifndef CLI_DOC_FINDINGS_H
#define CLI_DOC_FINDINGS_H

struct answer;
struct cli;
struct json_value;

/* The findings of an array of docs/api.md. */
void doc_findings_print(const struct cli *cli, const struct json_value *list);

/*
 * What `answer` holds after a call that was refused: its sender needs to see
 * the findings.  Prints nothing if it has none.
 */
void doc_findings_print_refusal(struct answer *answer);

#endif
