/* Reads of the desk that sends: part of the query role (gateway_query.c). */
#include "base/error.h"
#include "gateway/gateway_query_internal.h"
#include "gateway/sending/ask.h"
#include "gateway/sending/settings.h"
#include "role/query/queries.h"

/* Whose desk it is about. */
static int
read_organisation(const struct gateway_asked *asked, struct org_code *ret_code,
    struct error *err)
{
	return sending_organisation(asked->queries->env->config, asked->scope,
	    gateway_query_param(asked, "organisation"), ret_code, err);
}

int
gateway_query_sending(struct gateway_asked *asked, struct error *err)
{
	struct org_code code;

	if (read_organisation(asked, &code, err) < 0)
		return -1;
	return sending_settings_write(asked->reading.rows,
	    asked->queries->env->config, &code, &asked->writer, err);
}
