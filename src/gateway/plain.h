/*
 * Pages for browsers without scripts: what came in, one letter, signing for it
 * and returning it, singly and several at once, the registers (docs/pages.md).  Each page is a
 * template (role/listener/web_template.h) filled with an answer of the API, which is
 * asked with the session of whoever asks for the page, so that the same rules
 * hold.  Forms carry the value that only our pages know (T-WEB-03).
 */
#ifndef GATEWAY_PLAIN_H
#define GATEWAY_PLAIN_H

#include "http/http_form.h"
#include "role/listener/listener_route.h"

struct listener_request;

void plain_inbox(struct listener_request *request);
void plain_registers(struct listener_request *request);
void plain_letter(struct listener_request *request);
void plain_answer(struct listener_request *request);
void plain_log_in(struct listener_request *request);
void plain_log_out(struct listener_request *request);

/* Who asks is found out with each question to query or spooler. */
#define PLAIN_ROUTES_AT(prefix)                                            \
	{ "GET", prefix "/plain", LISTENER_BODY_NONE, 0, LISTENER_PUBLIC,  \
		plain_inbox },                                             \
	    { "GET", prefix "/plain/registers", LISTENER_BODY_NONE, 0,     \
		    LISTENER_PUBLIC, plain_registers },                    \
	    { "GET", prefix "/plain/letters/{}/{}", LISTENER_BODY_NONE, 0, \
		    LISTENER_PUBLIC, plain_letter },                       \
	    { "POST", prefix "/plain/letters", LISTENER_BODY_WHOLE,        \
		    HTTP_FORM_MAX, LISTENER_PUBLIC, plain_answer },        \
	    { "POST", prefix "/plain/session", LISTENER_BODY_WHOLE,        \
		    HTTP_FORM_MAX, LISTENER_PUBLIC, plain_log_in },        \
	{                                                                  \
		"POST", prefix "/plain/session:end", LISTENER_BODY_WHOLE,  \
		    HTTP_FORM_MAX, LISTENER_PUBLIC, plain_log_out          \
	}
#define PLAIN_ROUTES PLAIN_ROUTES_AT(""), PLAIN_ROUTES_AT("/en")

#endif
