/*
 * Names of organisations as they are compared, not as they are shown: 台 and
 * 臺, half and full width, blanks and letter case make no difference.
 */
#ifndef DOCUMENT_NAME_FOLD_H
#define DOCUMENT_NAME_FOLD_H

struct bytes;

/* Append the folded `name`, without a NUL. */
void name_fold_put(struct bytes *to, const char *name);

#endif
