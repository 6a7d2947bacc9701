#include "service/config.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "service/config_internal.h"
#include "service/config_table.h"
#include "service/suggest.h"

/* What fits into struct sockaddr_un. */
enum { SOCKET_PATH_MAX = 107 };

static const char keeper[] = "keeper";
static const char key_prefix[] = "key.";

int
config_new(struct config **ret_config, struct error *err)
{
	struct config *config = calloc(1, sizeof(*config));
	int rc = -1;

	if (config == NULL)
		return error_set_memory(err);
	config->origins = calloc(config_table_count, sizeof(*config->origins));
	if (config->origins == NULL) {
		error_set_memory(err);
		goto done;
	}
	for (size_t i = 0; i < config_table_count; i++)
		if (config_value_parse(&config_table[i],
			config_table[i].initial, config, err) < 0)
			goto done;
	*ret_config = config;
	rc = 0;
done:
	if (rc < 0)
		config_free(config);
	return rc;
}

void
config_free(struct config *config)
{
	if (config == NULL)
		return;
	for (size_t i = 0; i < config_table_count; i++) {
		if (config_value_is_text(&config_table[i]))
			free(*config_value_text(&config_table[i], config));
		if (config->origins != NULL)
			free(config->origins[i].file);
	}
	for (size_t i = 0; i < config->key_count; i++) {
		free(config->keys[i].name);
		free(config->keys[i].source);
		free(config->keys[i].place.file);
	}
	free(config->keys);
	free(config->origins);
	free(config);
}

/* E1105 if the same file has set it before. */
static int
place_move(struct config_place *place, const char *file, int line,
    const char *key, struct error *err)
{
	char *copy;

	if (place->file != NULL && place->line > 0 &&
	    text_equal(place->file, file))
		return error_set_id(err, "E1105", ERROR_MALFORMED,
		    "%s:%d: %s was set in line %d", file, line, key,
		    place->line);
	copy = text_dup(file);
	if (copy == NULL)
		return error_set_memory(err);
	free(place->file);
	*place = (struct config_place){ copy, line };
	return 0;
}

static int
refuse_value(const char *file, int line, const char *section, const char *key,
    const struct error *why, struct error *err)
{
	return error_set_id(err, "E1103", ERROR_MALFORMED, "%s:%d: %s.%s: %s",
	    file, line, section, key, why->text);
}

static int
set_entry(struct config *config, size_t index, const char *value,
    const char *file, int line, struct error *err)
{
	const struct config_entry *entry = &config_table[index];
	struct error why = { 0 };

	if (place_move(&config->origins[index], file, line, entry->key, err) <
	    0)
		return -1;
	if (config_value_parse(entry, value, config, &why) == 0)
		return 0;
	return refuse_value(file, line, entry->section, entry->key, &why, err);
}

/* The key of that name, a new one if there is none; NULL without memory. */
static struct config_key *
key_of_name(struct config *config, const char *name)
{
	struct config_key *keys = config->keys;
	size_t at = 0;

	while (at < config->key_count && strcmp(keys[at].name, name) < 0)
		at++;
	if (at < config->key_count && text_equal(keys[at].name, name))
		return &keys[at];

	keys = realloc(keys, (config->key_count + 1) * sizeof(*keys));
	if (keys == NULL)
		return NULL;
	config->keys = keys;
	memmove(&keys[at + 1], &keys[at],
	    (config->key_count - at) * sizeof(*keys));
	keys[at] = (struct config_key){ .name = text_dup(name) };
	if (keys[at].name == NULL) {
		memmove(&keys[at], &keys[at + 1],
		    (config->key_count - at) * sizeof(*keys));
		return NULL;
	}
	config->key_count++;
	return &keys[at];
}

static int
set_key(struct config *config, const char *name, const char *source,
    const char *file, int line, struct error *err)
{
	struct error why = { 0 };
	struct config_key *key;
	char *copy;

	if (!config_key_name_is_good(name) || !config_key_is_good(source)) {
		error_set(&why, ERROR_MALFORMED,
		    "expected key.NAME = file:/PATH or pkcs11:URI");
		return refuse_value(file, line, keeper, "key", &why, err);
	}
	key = key_of_name(config, name);
	if (key == NULL)
		return error_set_memory(err);
	if (place_move(&key->place, file, line, name, err) < 0)
		return -1;
	copy = text_dup(source);
	if (copy == NULL)
		return error_set_memory(err);
	free(key->source);
	key->source = copy;
	return 0;
}

/* E1102, with the nearest section or key that exists. */
static int
refuse_unknown(const char *section, const char *key, const char *file, int line,
    struct error *err)
{
	struct suggest sections = suggest_for(section);
	struct suggest keys = suggest_for(key);
	bool is_section = text_equal(section, keeper);
	const char *best;

	suggest_offer(&sections, keeper);
	for (size_t i = 0; i < config_table_count; i++) {
		suggest_offer(&sections, config_table[i].section);
		if (!text_equal(section, config_table[i].section))
			continue;
		is_section = true;
		suggest_offer(&keys, config_table[i].key);
	}
	best = is_section ? keys.best : sections.best;
	return error_set_id(err, "E1102", ERROR_MALFORMED,
	    "%s:%d: there is no %s \"%s\"%s%s%s%s%s", file, line,
	    is_section ? "key" : "section", is_section ? key : section,
	    is_section ? " in [" : "", is_section ? section : "",
	    is_section ? "]" : "", best != NULL ? "; did you mean " : "",
	    best != NULL ? best : "");
}

int
config_set(struct config *config, const char *section, const char *key,
    const char *value, const char *file, int line, struct error *err)
{
	for (size_t i = 0; i < config_table_count; i++)
		if (text_equal(section, config_table[i].section) &&
		    text_equal(key, config_table[i].key))
			return set_entry(config, i, value, file, line, err);
	if (text_equal(section, keeper) && text_starts(key, key_prefix))
		return set_key(config, key + strlen(key_prefix), value, file,
		    line, err);
	return refuse_unknown(section, key, file, line, err);
}

static int
require(const char *value, const char *what, const char *why, struct error *err)
{
	if (value[0] != '\0')
		return 0;
	return error_set_id(err, "E1104", ERROR_MALFORMED, "%s is not set%s",
	    what, why);
}

static int
check_required(const struct config *config, struct error *err)
{
	bool is_gateway = config_has_kind(config, CONFIG_GATEWAY);
	bool is_center = config_has_kind(config, CONFIG_CENTER);
	bool is_management = config_has_kind(config, CONFIG_MANAGEMENT);

	if (require(config->host.kinds != 0 ? "set" : "", "host.kind", "",
		err) < 0 ||
	    require(config->host.name, "host.name", "", err) < 0 ||
	    require(config->host.address, "host.address", "", err) < 0 ||
	    require(config->host.data, "host.data", "", err) < 0 ||
	    require(config->host.environment, "host.environment", "", err) < 0)
		return -1;
	if (is_gateway && !is_center &&
	    require(config->center.address, "center.address",
		", which a gateway needs", err) < 0)
		return -1;
	if (is_center && !is_management &&
	    require(config->management.address, "management.address",
		", which a center needs", err) < 0)
		return -1;
	return 0;
}

/* What loses or forges evidence is for tests alone. */
static int
check_production(const struct config *config, struct error *err)
{
	const char *refused = NULL;

	if (!config_is_production(config))
		return 0;
	if (config->store.sync == 0)
		refused = "store.sync = off";
	if (config->test.clock_offset_ms != 0)
		refused = "test.clock_offset_ms";
	if (config->test.wrong_answer[0] != '\0')
		refused = "test.wrong_answer";
	if (refused == NULL)
		return 0;
	return error_set_id(err, "E1106", ERROR_DENIED,
	    "%s while host.environment is production", refused);
}

/* The socket stands in the data folder unless it is told otherwise. */
static int
finish_control(struct config *config, struct error *err)
{
	struct bytes path = { 0 };

	if (config->listen.control[0] == '\0') {
		bytes_put_format(&path, "%s/control.sock", config->host.data);
		bytes_put_u8(&path, '\0');
		if (bytes_failed(&path, err) < 0) {
			bytes_free(&path);
			return -1;
		}
		free(config->listen.control);
		config->listen.control = (char *)path.data;
	}
	if (strlen(config->listen.control) > SOCKET_PATH_MAX)
		return error_set_id(err, "E1103", ERROR_MALFORMED,
		    "listen.control is longer than %d bytes: %s",
		    SOCKET_PATH_MAX, config->listen.control);
	return 0;
}

int
config_finish(struct config *config, struct error *err)
{
	if (check_required(config, err) < 0 ||
	    check_production(config, err) < 0)
		return -1;
	if (config->courier.retry_first_ms > config->courier.retry_max_ms)
		return error_set_id(err, "E1103", ERROR_MALFORMED,
		    "courier.retry_first_ms is above courier.retry_max_ms");
	return finish_control(config, err);
}

bool
config_has_kind(const struct config *config, int kind)
{
	return (config->host.kinds & kind) != 0;
}

bool
config_is_production(const struct config *config)
{
	return text_equal(config->host.environment, "production");
}

const char *
config_key_source(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->key_count; i++)
		if (text_equal(config->keys[i].name, name))
			return config->keys[i].source;
	return NULL;
}

bool
config_item(const struct config *config, size_t index,
    struct config_item *ret_item, struct bytes *value)
{
	const struct config_key *key;

	if (index < config_table_count) {
		*ret_item = (struct config_item){
			.section = config_table[index].section,
			.key_prefix = "",
			.key = config_table[index].key,
			.help = config_table[index].help,
			.place = config->origins[index],
		};
		config_value_format(&config_table[index], config, value);
		return true;
	}
	index -= config_table_count;
	if (index >= config->key_count)
		return false;
	key = &config->keys[index];
	*ret_item = (struct config_item){
		.section = keeper,
		.key_prefix = key_prefix,
		.key = key->name,
		.help = "a private key of the keeper",
		.place = key->place,
	};
	bytes_put_text(value, key->source);
	return true;
}

void
config_format(const struct config *config, struct bytes *to)
{
	struct config_item item;
	struct bytes value = { 0 };
	const char *section = "";

	for (size_t i = 0; config_item(config, i, &item, &value); i++) {
		if (value.len > 0 && !text_equal(section, item.section)) {
			section = item.section;
			bytes_put_format(to, "[%s]\n", section);
		}
		if (value.len > 0)
			bytes_put_format(to, "%s%s = %.*s\n", item.key_prefix,
			    item.key, (int)value.len, (const char *)value.data);
		to->failed = to->failed || value.failed;
		bytes_clear(&value);
	}
	bytes_free(&value);
}
