/*
 * The message form (文書訊息表單, DM): that a letter is sent again, was sent
 * in error, or is a test.  Its official DTD is not at hand, so only what both
 * known ways of writing it have in common is enforced.
 */
#ifndef DOCUMENT_DOC_MESSAGE_H
#define DOCUMENT_DOC_MESSAGE_H

#include "base/attr.h"
#include "document/doc_kind.h"

struct document_input;
struct error;
struct findings;
struct pool;

enum { DOC_MESSAGE_LEN_MAX = 64 * 1024 };

enum doc_message_code {
	DOC_MESSAGE_BODY_MENDED = 1,        /* 本文修正重發 */
	DOC_MESSAGE_ATTACHMENTS_MENDED = 2, /* 附件修正重發 */
	DOC_MESSAGE_BOTH_MENDED = 3,        /* 本文附件修正重發 */
	DOC_MESSAGE_ERROR = 4,              /* 錯發 */
	DOC_MESSAGE_TEST = 5,               /* 測試 */
	DOC_MESSAGE_UNCHANGED = 6,          /* 本文附件未修正重發 */
};

struct doc_message {
	const char *name; /* of the file */
	enum doc_message_code code;
	const char *remark;
	enum doc_model model; /* what it was checked against */
};

/*
 * Read and check one form; the code may stand in the attribute 代碼 or as
 * text.  Returns 1, or 0 if it is refused (findings tell why), or -1 if memory
 * ran out.
 */
int doc_message_read(const struct document_input *input, struct pool *pool,
    struct findings *findings, struct doc_message *ret_message,
    struct error *err) MUST_CHECK;

#endif
