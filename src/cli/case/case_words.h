/*
 * Cases in words, for people.
 */
#ifndef CLI_CASE_WORDS_H
#define CLI_CASE_WORDS_H

struct bytes;
struct cli;
struct json_value;

/* One line of a list. */
void case_words_put_line(const struct cli *cli, const struct json_value *value,
    struct bytes *to);

/* A case with what can be done, what is there, and its history. */
void case_words_put(const struct cli *cli, const struct json_value *value,
    struct bytes *to);

/* A definition. */
void case_words_put_definition(const struct cli *cli,
    const struct json_value *value, struct bytes *to);

/* The member `key` of `value` in both languages: the one that is spoken. */
void case_words_put_title(const struct cli *cli, const struct json_value *value,
    const char *key, struct bytes *to);

#endif
