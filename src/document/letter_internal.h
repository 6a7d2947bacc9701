/*
 * What letter.c and letter_files.c share.
 */
#ifndef DOCUMENT_LETTER_INTERNAL_H
#define DOCUMENT_LETTER_INTERNAL_H

struct document;
struct xml_file;

/*
 * Sort the declared entities into attachments, rosters and the message form,
 * and check that the attachments are exactly those that the letter refers to.
 */
void letter_read_files(const struct xml_file *file, struct document *document);

#endif
