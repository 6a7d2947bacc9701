/*
 * What is done with a key in a token.
 */
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "token/token_library_internal.h"

/* After an Init; some cards want the PIN with each use. */
static struct token_outcome
say_pin(const struct token_session *key, const struct token_place *place)
{
	return key->asks_always
	    ? token_log_in(token_api(key->library), key->session,
		  CKU_CONTEXT_SPECIFIC, place->pin)
	    : token_outcome(TOKEN_GOOD, CKR_OK);
}

static struct token_outcome
sign(const struct token_session *key, const struct token_place *place,
    const struct token_request *request, uint8_t *to, CK_ULONG *len)
{
	CK_FUNCTION_LIST *api = token_api(key->library);
	CK_MECHANISM mechanism = { CKM_RSA_PKCS, NULL, 0 };
	struct token_outcome outcome;

	if (key->type == CKK_EC)
		mechanism.mechanism = CKM_ECDSA;
	else if (key->type == CKK_EC_EDWARDS)
		mechanism.mechanism = CKM_EDDSA;
	outcome =
	    token_judge(api->C_SignInit(key->session, &mechanism, key->object));
	if (outcome.status == TOKEN_GOOD)
		outcome = say_pin(key, place);
	if (outcome.status != TOKEN_GOOD)
		return outcome;
	return token_judge(api->C_Sign(key->session,
	    (CK_BYTE *)(uintptr_t)request->input, request->input_len, to, len));
}

static struct token_outcome
decrypt(const struct token_session *key, const struct token_place *place,
    const struct token_request *request, uint8_t *to, CK_ULONG *len)
{
	CK_FUNCTION_LIST *api = token_api(key->library);
	CK_RSA_PKCS_OAEP_PARAMS oaep = { CKM_SHA256, CKG_MGF1_SHA256,
		CKZ_DATA_SPECIFIED, NULL, 0 };
	CK_MECHANISM mechanism = { CKM_RSA_PKCS_OAEP, &oaep, sizeof(oaep) };
	struct token_outcome outcome = token_judge(
	    api->C_DecryptInit(key->session, &mechanism, key->object));

	if (outcome.status == TOKEN_GOOD)
		outcome = say_pin(key, place);
	if (outcome.status != TOKEN_GOOD)
		return outcome;
	return token_judge(api->C_Decrypt(key->session,
	    (CK_BYTE *)(uintptr_t)request->input, request->input_len, to, len));
}

/* The shared secret as an object of the session, which is read and destroyed. */
static struct token_outcome
derive(const struct token_session *key, const struct token_place *place,
    const struct token_request *request, uint8_t *to, CK_ULONG *len)
{
	static const CK_OBJECT_CLASS secret = CKO_SECRET_KEY;
	static const CK_KEY_TYPE generic = CKK_GENERIC_SECRET;
	static const CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
	/* X and Y behind the byte that says that both are there. */
	const CK_ULONG wanted = (request->input_len - 1) / 2;
	CK_ATTRIBUTE template[] = {
		token_attribute(CKA_CLASS, &secret, sizeof(secret)),
		token_attribute(CKA_KEY_TYPE, &generic, sizeof(generic)),
		token_attribute(CKA_VALUE_LEN, &wanted, sizeof(wanted)),
		token_attribute(CKA_TOKEN, &no, sizeof(no)),
		token_attribute(CKA_SENSITIVE, &no, sizeof(no)),
		token_attribute(CKA_EXTRACTABLE, &yes, sizeof(yes)),
	};
	CK_ECDH1_DERIVE_PARAMS ecdh = { CKD_NULL, 0, NULL, request->input_len,
		(CK_BYTE *)(uintptr_t)request->input };
	CK_MECHANISM mechanism = { CKM_ECDH1_DERIVE, &ecdh, sizeof(ecdh) };
	CK_FUNCTION_LIST *api = token_api(key->library);
	CK_ATTRIBUTE value = token_attribute(CKA_VALUE, to, *len);
	CK_OBJECT_HANDLE object = 0;
	struct token_outcome outcome;

	(void)place;
	outcome = token_judge(api->C_DeriveKey(key->session, &mechanism,
	    key->object, template, ARRAY_LEN(template), &object));
	if (outcome.status != TOKEN_GOOD)
		return outcome;
	outcome = token_judge(
	    api->C_GetAttributeValue(key->session, object, &value, 1));
	api->C_DestroyObject(key->session, object);
	*len = value.ulValueLen;
	return outcome;
}

static struct token_outcome
use(struct token_worker *worker, const struct token_request *request,
    struct bytes *output)
{
	const struct token_place *place = &worker->places[request->key];
	struct token_session *key = &worker->sessions[request->key];
	struct token_library *library = key->library;
	CK_ULONG len = TOKEN_OUTPUT_MAX;
	uint8_t *to = bytes_extend(output, TOKEN_OUTPUT_MAX);
	struct token_outcome outcome =
	    token_outcome(TOKEN_GONE, CKR_HOST_MEMORY);

	if (to == NULL)
		return outcome;
	if (request->op == TOKEN_SIGN)
		outcome = sign(key, place, request, to, &len);
	else if (request->op == TOKEN_DECRYPT)
		outcome = decrypt(key, place, request, to, &len);
	else
		outcome = derive(key, place, request, to, &len);
	output->len -= TOKEN_OUTPUT_MAX;
	if (outcome.status == TOKEN_GOOD && len <= TOKEN_OUTPUT_MAX)
		output->len += len;
	else if (outcome.status == TOKEN_GOOD)
		outcome = token_outcome(TOKEN_REFUSED, CKR_BUFFER_TOO_SMALL);
	if (outcome.status == TOKEN_GONE)
		token_library_restart(worker, library);
	return outcome;
}

static struct token_outcome
answer_request(struct token_worker *worker, const struct token_request *request,
    struct bytes *output)
{
	struct token_outcome outcome;

	if (request->key >= worker->count ||
	    (request->op == TOKEN_DERIVE && request->input_len < 3))
		return token_outcome(TOKEN_MISSING, CKR_OK);
	if (request->op == TOKEN_LOOK)
		return token_certificate_look(worker, request->key, output);
	outcome = token_key_open(worker, request->key);
	if (outcome.status != TOKEN_GOOD)
		return outcome;
	return request->op == TOKEN_OPEN
	    ? token_certificate_read(&worker->sessions[request->key],
		  &worker->places[request->key].uri, output)
	    : use(worker, request, output);
}

void
token_work(void *ctx, const void *message, size_t len, struct bytes *answer)
{
	struct token_reply reply = { .status = TOKEN_REFUSED };
	struct token_request request;
	struct bytes output = { 0 };
	struct error err = { 0 };
	struct token_outcome outcome;

	if (token_request_read(message, len, &request, &err) == 0) {
		outcome = answer_request(ctx, &request, &output);
		reply = (struct token_reply){ .number = request.number,
			.status = outcome.status,
			.code = (uint32_t)outcome.code,
			.output = output.data,
			.output_len =
			    outcome.status == TOKEN_GOOD ? output.len : 0 };
	}
	token_reply_put(&reply, answer);
	bytes_wipe(&output);
}
