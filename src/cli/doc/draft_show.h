/* Drafts in words. */
#ifndef CLI_DOC_DRAFT_SHOW_H
#define CLI_DOC_DRAFT_SHOW_H

struct answer;
struct bytes;
struct cli;
struct json_value;

/* The answer, a draft, on standard output, its history last. */
void draft_show(const struct answer *answer);

/* One line of a list. */
void draft_put_line(const struct cli *cli, const struct json_value *draft,
    struct bytes *to);

#endif
