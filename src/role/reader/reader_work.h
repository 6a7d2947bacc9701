/*
 * What a copy of the reader does with one document: read the request's files
 * and append the encoded answer.  Pure functions of bytes, called in a process
 * that can do nothing else; tests call them directly.  `dtds`
 * as for document_check().
 */
#ifndef ROLE_READER_WORK_H
#define ROLE_READER_WORK_H

#include "base/attr.h"
#include "role/message.h"

struct bytes;
struct dtd_set;
struct error;

/*
 * Check files that are about to be sent: append the body of a message_report.
 * Fails only if the request is broken or memory ran out; what is wrong with a
 * document stands in the report.
 */
int reader_check(const struct message_check *request,
    const struct dtd_set *dtds, struct bytes *answer,
    struct error *err) MUST_CHECK;

/*
 * Take the package behind `fd` apart: append the body of a message_unpacked.
 * Fails as package_read_next() does, and with ERROR_UNTRUSTED (E2294) when its
 * digest is not the one asked for.  Whether the letter in it is in order stands
 * in the answer's JSON.
 */
int reader_unpack(const struct message_unpack *request, int fd,
    const struct dtd_set *dtds, struct bytes *answer,
    struct error *err) MUST_CHECK;

/*
 * Look into the attachment behind `fd`: append the body of a message_inspected.
 * Fails only if reading it fails or memory ran out.
 */
int reader_inspect(const struct message_inspect *request, int fd,
    struct bytes *answer, struct error *err) MUST_CHECK;

/*
 * Make the files of the letter in `request->json`: append the body of a
 * message_made.  Fails only if memory ran out.
 */
int reader_make(const struct message_make *request, const struct dtd_set *dtds,
    struct bytes *answer, struct error *err) MUST_CHECK;

#endif
