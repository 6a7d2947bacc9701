#include <dlfcn.h>
#include <p11-kit/pkcs11.h>
#include <stdbool.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "token/token_library_internal.h"

enum { SLOTS_MAX = 64, FOUND_MAX = 2, TEMPLATE_MAX = 4 };

struct token_outcome
token_outcome(enum token_status status, CK_RV code)
{
	return (struct token_outcome){ status, code };
}

struct token_outcome
token_judge(CK_RV code)
{
	switch (code) {
	case CKR_OK:
		return token_outcome(TOKEN_GOOD, code);
	case CKR_PIN_INCORRECT:
	case CKR_PIN_INVALID:
	case CKR_PIN_LEN_RANGE:
	case CKR_PIN_EXPIRED:
	case CKR_PIN_LOCKED:
	case CKR_USER_PIN_NOT_INITIALIZED:
		return token_outcome(TOKEN_PIN, code);
	case CKR_MECHANISM_INVALID:
	case CKR_MECHANISM_PARAM_INVALID:
	case CKR_ARGUMENTS_BAD:
	case CKR_KEY_FUNCTION_NOT_PERMITTED:
	case CKR_KEY_TYPE_INCONSISTENT:
	case CKR_KEY_SIZE_RANGE:
	case CKR_DATA_LEN_RANGE:
	case CKR_DATA_INVALID:
	case CKR_ENCRYPTED_DATA_INVALID:
	case CKR_ENCRYPTED_DATA_LEN_RANGE:
	case CKR_FUNCTION_NOT_SUPPORTED:
	case CKR_TEMPLATE_INCONSISTENT:
	case CKR_ATTRIBUTE_VALUE_INVALID:
		return token_outcome(TOKEN_REFUSED, code);
	default:
		/* The session, the object, the device: look for it anew. */
		return token_outcome(TOKEN_GONE, code);
	}
}

CK_FUNCTION_LIST *
token_api(const struct token_library *library)
{
	return library->functions;
}

/* ---- libraries ------------------------------------------------------------ */

/* dlsym() gives an object's address; this is a function's. */
static CK_C_GetFunctionList
entry_of(void *handle)
{
	CK_C_GetFunctionList entry = NULL;
	void *symbol = dlsym(handle, "C_GetFunctionList");

	memcpy(&entry, &symbol, sizeof(entry));
	return entry;
}

static struct token_outcome
load(struct token_library *library, const char *path)
{
	CK_C_GetFunctionList entry;
	CK_FUNCTION_LIST *api = NULL;
	CK_RV code;

	library->handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (library->handle == NULL)
		return token_outcome(TOKEN_MISSING, 0);
	entry = entry_of(library->handle);
	if (entry == NULL || entry(&api) != CKR_OK || api == NULL)
		return token_outcome(TOKEN_MISSING, 0);
	code = api->C_Initialize(NULL);
	if (code != CKR_OK && code != CKR_CRYPTOKI_ALREADY_INITIALIZED)
		return token_judge(code);
	library->functions = api;
	library->path = path;
	return token_outcome(TOKEN_GOOD, CKR_OK);
}

static struct token_outcome
find_library(struct token_worker *worker, const char *path,
    struct token_library **ret_library)
{
	for (size_t i = 0; i < TOKEN_LIBRARIES_MAX; i++) {
		struct token_library *library = &worker->libraries[i];
		struct token_outcome outcome =
		    token_outcome(TOKEN_GOOD, CKR_OK);

		if (library->path == NULL)
			outcome = load(library, path);
		else if (!text_equal(library->path, path))
			continue;
		*ret_library = library;
		return outcome;
	}
	return token_outcome(TOKEN_MISSING, 0);
}

void
token_library_restart(struct token_worker *worker,
    struct token_library *library)
{
	for (size_t i = 0; i < worker->count; i++)
		if (worker->sessions[i].library == library)
			worker->sessions[i] = (struct token_session){ NULL };
	token_api(library)->C_Finalize(NULL);
	library->path = NULL;
	library->functions = NULL;
	dlclose(library->handle);
	library->handle = NULL;
}

/* ---- tokens ----------------------------------------------------------------- */

/* Fields of the standard are padded with blanks and end nowhere. */
static bool
is_field(const CK_UTF8CHAR *field, size_t size, const char *text)
{
	size_t len = strlen(text);

	if (len == 0)
		return true;
	if (len > size || memcmp(field, text, len) != 0)
		return false;
	for (; len < size; len++)
		if (field[len] != ' ' && field[len] != '\0')
			return false;
	return true;
}

static struct token_outcome
find_slot(const struct token_library *library, const struct token_uri *uri,
    CK_SLOT_ID *ret_slot)
{
	CK_FUNCTION_LIST *api = token_api(library);
	CK_SLOT_ID slots[SLOTS_MAX];
	CK_ULONG count = SLOTS_MAX;
	CK_RV code = api->C_GetSlotList(CK_TRUE, slots, &count);

	if (code != CKR_OK)
		return token_outcome(TOKEN_GONE, code);
	for (CK_ULONG i = 0; i < count && i < SLOTS_MAX; i++) {
		CK_TOKEN_INFO info;

		memset(&info, 0, sizeof(info));
		if (api->C_GetTokenInfo(slots[i], &info) == CKR_OK &&
		    is_field(info.label, sizeof(info.label), uri->token) &&
		    is_field(info.serialNumber, sizeof(info.serialNumber),
			uri->serial)) {
			*ret_slot = slots[i];
			return token_outcome(TOKEN_GOOD, CKR_OK);
		}
	}
	return token_outcome(TOKEN_GONE, CKR_TOKEN_NOT_PRESENT);
}

struct token_outcome
token_log_in(CK_FUNCTION_LIST *api, CK_SESSION_HANDLE session,
    CK_USER_TYPE user, const char *pin)
{
	CK_RV code = api->C_Login(session, user, (CK_UTF8CHAR *)(uintptr_t)pin,
	    strlen(pin));

	return token_judge(code == CKR_USER_ALREADY_LOGGED_IN ? CKR_OK : code);
}

/* ---- objects ---------------------------------------------------------------- */

/* The one object of these attributes. */
static struct token_outcome
find_object(CK_FUNCTION_LIST *api, CK_SESSION_HANDLE session,
    CK_ATTRIBUTE *template, CK_ULONG count, CK_OBJECT_HANDLE *ret_object)
{
	CK_OBJECT_HANDLE found[FOUND_MAX];
	CK_ULONG found_count = 0;
	CK_RV code = api->C_FindObjectsInit(session, template, count);

	if (code != CKR_OK)
		return token_judge(code);
	code = api->C_FindObjects(session, found, FOUND_MAX, &found_count);
	api->C_FindObjectsFinal(session);
	if (code != CKR_OK)
		return token_judge(code);
	if (found_count != 1)
		return token_outcome(TOKEN_MISSING, CKR_OK);
	*ret_object = found[0];
	return token_outcome(TOKEN_GOOD, CKR_OK);
}

CK_ATTRIBUTE
token_attribute(CK_ATTRIBUTE_TYPE type, const void *value, size_t len)
{
	return (CK_ATTRIBUTE){ type, (void *)(uintptr_t)value, len };
}

static struct token_outcome
find_key(CK_FUNCTION_LIST *api, CK_SESSION_HANDLE session,
    const struct token_uri *uri, CK_OBJECT_HANDLE *ret_object)
{
	static const CK_OBJECT_CLASS private_key = CKO_PRIVATE_KEY;
	CK_ATTRIBUTE template[TEMPLATE_MAX];
	CK_ULONG count = 0;

	template[count++] =
	    token_attribute(CKA_CLASS, &private_key, sizeof(private_key));
	if (uri->object[0] != '\0')
		template[count++] = token_attribute(CKA_LABEL, uri->object,
		    strlen(uri->object));
	if (uri->id_len > 0)
		template[count++] =
		    token_attribute(CKA_ID, uri->id, uri->id_len);
	return find_object(api, session, template, count, ret_object);
}

/* By the identifier of `key`, which it shares; else by the name. */
static CK_ATTRIBUTE
certificate_mark(const struct token_session *key, const struct token_uri *uri,
    uint8_t id[TOKEN_ID_MAX])
{
	CK_ATTRIBUTE asked = token_attribute(CKA_ID, id, TOKEN_ID_MAX);

	if (key->object != 0 &&
	    token_api(key->library)
		    ->C_GetAttributeValue(key->session, key->object, &asked,
			1) == CKR_OK &&
	    asked.ulValueLen > 0 && asked.ulValueLen <= TOKEN_ID_MAX)
		return asked;
	if (uri->id_len > 0)
		return token_attribute(CKA_ID, uri->id, uri->id_len);
	return token_attribute(CKA_LABEL, uri->object, strlen(uri->object));
}

struct token_outcome
token_certificate_read(const struct token_session *key,
    const struct token_uri *uri, struct bytes *to)
{
	static const CK_OBJECT_CLASS certificate = CKO_CERTIFICATE;
	CK_FUNCTION_LIST *api = token_api(key->library);
	CK_OBJECT_HANDLE object = 0;
	uint8_t id[TOKEN_ID_MAX];
	CK_ATTRIBUTE template[] = { token_attribute(CKA_CLASS, &certificate,
					sizeof(certificate)),
		certificate_mark(key, uri, id) };
	CK_ATTRIBUTE value = token_attribute(CKA_VALUE, NULL, 0);
	struct token_outcome outcome =
	    find_object(api, key->session, template, 2, &object);
	CK_RV code;

	if (outcome.status != TOKEN_GOOD)
		return outcome;
	value.pValue = bytes_extend(to, TOKEN_OUTPUT_MAX);
	value.ulValueLen = TOKEN_OUTPUT_MAX;
	if (value.pValue == NULL)
		return token_outcome(TOKEN_GONE, CKR_HOST_MEMORY);
	code = api->C_GetAttributeValue(key->session, object, &value, 1);
	to->len -= TOKEN_OUTPUT_MAX;
	if (code != CKR_OK)
		return token_judge(code);
	if (value.ulValueLen == 0 || value.ulValueLen > TOKEN_OUTPUT_MAX)
		return token_outcome(TOKEN_MISSING, CKR_OK);
	to->len += value.ulValueLen;
	return outcome;
}

/* ---- a key ------------------------------------------------------------------ */

static struct token_outcome
look_at_key(struct token_session *key)
{
	CK_FUNCTION_LIST *api = token_api(key->library);
	CK_KEY_TYPE type = 0;
	CK_BBOOL always = CK_FALSE;
	CK_ATTRIBUTE asked = token_attribute(CKA_KEY_TYPE, &type, sizeof(type));
	CK_ATTRIBUTE asks =
	    token_attribute(CKA_ALWAYS_AUTHENTICATE, &always, sizeof(always));
	CK_RV code =
	    api->C_GetAttributeValue(key->session, key->object, &asked, 1);

	if (code != CKR_OK)
		return token_judge(code);
	key->type = type;
	/* Old libraries do not know it. */
	key->asks_always = api->C_GetAttributeValue(key->session, key->object,
			       &asks, 1) == CKR_OK &&
	    always != CK_FALSE;
	return token_outcome(TOKEN_GOOD, CKR_OK);
}

static struct token_outcome
open_session(struct token_library *library, const struct token_place *place,
    struct token_session *to)
{
	CK_FUNCTION_LIST *api = token_api(library);
	CK_SLOT_ID slot = 0;
	CK_OBJECT_HANDLE object = 0;
	CK_SESSION_HANDLE session = 0;
	struct token_outcome outcome = find_slot(library, &place->uri, &slot);
	CK_RV code;

	if (outcome.status != TOKEN_GOOD)
		return outcome;
	code =
	    api->C_OpenSession(slot, CKF_SERIAL_SESSION, NULL, NULL, &session);
	if (code != CKR_OK)
		return token_judge(code);
	outcome = token_log_in(api, session, CKU_USER, place->pin);
	if (outcome.status == TOKEN_GOOD)
		outcome = find_key(api, session, &place->uri, &object);
	*to = (struct token_session){ .library = library,
		.session = session,
		.object = object };
	if (outcome.status == TOKEN_GOOD)
		outcome = look_at_key(to);
	if (outcome.status == TOKEN_GOOD)
		return outcome;
	api->C_CloseSession(session);
	to->library = NULL;
	return outcome;
}

/*
 * A token counts wrong PINs and locks itself: when it refused one, no other key
 * of it is tried with the same.
 */
static bool
has_refused(const struct token_worker *worker, size_t at)
{
	const struct token_place *own = &worker->places[at];

	for (size_t i = 0; i < worker->count; i++) {
		const struct token_place *other = &worker->places[i];

		if (worker->has_refused[i] &&
		    text_equal(own->uri.module_path, other->uri.module_path) &&
		    text_equal(own->uri.token, other->uri.token) &&
		    text_equal(own->uri.serial, other->uri.serial))
			return true;
	}
	return false;
}

struct token_outcome
token_key_open(struct token_worker *worker, size_t at)
{
	const struct token_place *place = &worker->places[at];
	struct token_library *library = NULL;
	struct token_outcome outcome;

	if (worker->sessions[at].library != NULL)
		return token_outcome(TOKEN_GOOD, CKR_OK);
	if (has_refused(worker, at))
		return token_outcome(TOKEN_PIN, CKR_PIN_INCORRECT);
	outcome = find_library(worker, place->uri.module_path, &library);
	if (outcome.status == TOKEN_GOOD)
		outcome = open_session(library, place, &worker->sessions[at]);
	if (outcome.status == TOKEN_PIN)
		worker->has_refused[at] = true;
	if (outcome.status == TOKEN_GONE && library != NULL &&
	    library->functions != NULL)
		token_library_restart(worker, library);
	return outcome;
}

struct token_outcome
token_certificate_look(struct token_worker *worker, size_t at,
    struct bytes *output)
{
	const struct token_uri *uri = &worker->places[at].uri;
	struct token_session key = { .library = NULL };
	CK_SESSION_HANDLE session = 0;
	CK_SLOT_ID slot = 0;
	struct token_outcome outcome =
	    find_library(worker, uri->module_path, &key.library);
	CK_FUNCTION_LIST *api;

	if (outcome.status == TOKEN_GOOD)
		outcome = find_slot(key.library, uri, &slot);
	if (outcome.status != TOKEN_GOOD)
		return outcome;
	api = token_api(key.library);
	outcome = token_judge(
	    api->C_OpenSession(slot, CKF_SERIAL_SESSION, NULL, NULL, &session));
	if (outcome.status != TOKEN_GOOD)
		return outcome;
	key.session = session;
	outcome = token_certificate_read(&key, uri, output);
	api->C_CloseSession(session);
	return outcome;
}
