/*
 * Configuration files, drop-ins and the environment.
 */
#include "service/config.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ini.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "service/config_internal.h"

enum { FILE_MAX = 1 << 20 };

/* One file on its way through the INI parser, line by line. */
struct reader {
	const char *name;
	const char *at; /* the next line */
	int line;       /* the current one; the parser does not tell */
	bool failed;    /* `err` is set: skip the rest */
	struct config *config;
	struct error *err;
};

/*
 * A line for the parser, without the blanks before it: they would make it the
 * continuation of the line above, which is nearly always a mistake.
 */
static char *
next_line(char *line, int size, void *context)
{
	struct reader *reader = context;
	size_t len = strcspn(reader->at, "\n");
	const char *text = reader->at + strspn(reader->at, " \t");

	if (reader->failed || reader->at[0] == '\0')
		return NULL;
	reader->line++;
	reader->at += len + (reader->at[len] == '\n');
	len = strcspn(text, "\n");
	if (!text_copy_len(line, (size_t)size, text, len)) {
		reader->failed = true;
		error_set_id(reader->err, "E1107", ERROR_MALFORMED,
		    "%s:%d: the line is longer than %d bytes", reader->name,
		    reader->line, size - 1);
		return NULL;
	}
	return line;
}

static int
take_value(void *context, const char *section, const char *key,
    const char *value)
{
	struct reader *reader = context;

	if (reader->failed)
		return 0;
	reader->failed = config_set(reader->config, section, key, value,
			     reader->name, reader->line, reader->err) < 0;
	return !reader->failed;
}

static bool
is_plain(const char *text)
{
	for (const char *c = text; *c != '\0'; c++)
		if ((unsigned char)*c < ' ' && strchr("\t\r\n", *c) == NULL)
			return false;
	return text_is_utf8(text, strlen(text));
}

static int
read_text(struct config *config, const char *text, const char *name,
    struct error *err)
{
	struct reader reader = { .name = name,
		.at = text,
		.config = config,
		.err = err };
	int line;

	if (!is_plain(text))
		return error_set_id(err, "E1107", ERROR_MALFORMED,
		    "%s: not a text file in UTF-8", name);
	line = ini_parse_stream(next_line, &reader, take_value, &reader);
	if (reader.failed)
		return -1;
	if (line != 0)
		return error_set_id(err, "E1107", ERROR_MALFORMED,
		    "%s:%d: neither [section] nor key = value", name, line);
	return 0;
}

/* The whole file with a NUL at its end. */
static int
load_file(const char *path, struct bytes *to, struct error *err)
{
	FILE *file = fopen(path, "re");
	uint8_t *room;
	size_t len;
	int rc = -1;

	if (file == NULL) {
		error_set_errno(err, "%s", path);
		text_copy(err->id, sizeof(err->id), "E1101");
		return -1;
	}
	room = bytes_extend(to, FILE_MAX + 1);
	if (room == NULL) {
		error_set_memory(err);
		goto done;
	}
	len = fread(room, 1, FILE_MAX + 1, file);
	if (ferror(file) || len > FILE_MAX || memchr(room, '\0', len) != NULL) {
		error_set_id(err, "E1107", ERROR_MALFORMED,
		    "%s: not a text file of up to %d bytes", path, FILE_MAX);
		goto done;
	}
	room[len] = '\0';
	rc = 0;
done:
	fclose(file);
	return rc;
}

static int
read_file(struct config *config, const char *path, struct error *err)
{
	struct bytes text = { 0 };
	int rc = load_file(path, &text, err);

	if (rc == 0)
		rc = read_text(config, (const char *)text.data, path, err);
	bytes_free(&text);
	return rc;
}

static int
is_drop_in(const struct dirent *entry)
{
	return entry->d_name[0] != '.' && text_ends(entry->d_name, ".conf");
}

/* Byte order, the same for everyone's locale. */
static int
by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int
read_drop_in(struct config *config, const char *dir, const char *name,
    struct error *err)
{
	char path[4096];

	if ((size_t)snprintf(path, sizeof(path), "%s/%s", dir, name) >=
	    sizeof(path))
		return error_set_id(err, "E1101", ERROR_MALFORMED,
		    "%s/%s: the path is too long", dir, name);
	return read_file(config, path, err);
}

static int
read_drop_ins(struct config *config, const char *path, struct error *err)
{
	struct dirent **names;
	char dir[4096];
	int count;
	int rc = 0;

	if ((size_t)snprintf(dir, sizeof(dir), "%s.d", path) >= sizeof(dir))
		return error_set_id(err, "E1101", ERROR_MALFORMED,
		    "%s.d: the path is too long", path);
	count = scandir(dir, &names, is_drop_in, by_name);
	if (count < 0 && errno == ENOENT)
		return 0;
	if (count < 0) {
		error_set_errno(err, "%s", dir);
		text_copy(err->id, sizeof(err->id), "E1101");
		return -1;
	}
	for (int i = 0; i < count; i++) {
		if (rc == 0)
			rc = read_drop_in(config, dir, names[i]->d_name, err);
		free(names[i]);
	}
	free(names);
	return rc;
}

/* YIZHAN_HOST_NAME=x is host.name; false if `text` is not of that form. */
static bool
split_variable(const char *text, char section[32], char key[64],
    const char **ret_value)
{
	static const char prefix[] = "YIZHAN_";
	const char *equals = strchr(text, '=');
	const char *bar;
	size_t prefix_len = strlen(prefix);

	if (equals == NULL || !text_starts(text, prefix))
		return false;
	text += prefix_len;
	bar = strchr(text, '_');
	if (bar == NULL || bar > equals ||
	    !text_copy_len(section, 32, text, (size_t)(bar - text)) ||
	    !text_copy_len(key, 64, bar + 1, (size_t)(equals - bar - 1)))
		return false;
	for (char *c = section; *c != '\0'; c++)
		*c = (char)(*c >= 'A' && *c <= 'Z' ? *c + 'a' - 'A' : *c);
	for (char *c = key; *c != '\0'; c++)
		*c = (char)(*c >= 'A' && *c <= 'Z' ? *c + 'a' - 'A' : *c);
	*ret_value = equals + 1;
	return true;
}

static int
read_environment(struct config *config, char *const *environment,
    struct error *err)
{
	char section[32];
	char key[64];
	const char *value;

	for (; environment != NULL && *environment != NULL; environment++) {
		if (!split_variable(*environment, section, key, &value))
			continue;
		if (!is_plain(value) || strpbrk(value, "\r\n\t;") != NULL)
			return error_set_id(err, "E1103", ERROR_MALFORMED,
			    "environment: %s.%s: control characters or \";\"",
			    section, key);
		if (config_set(config, section, key, value, "environment", 0,
			err) < 0)
			return -1;
	}
	return 0;
}

int
config_load(const char *path, char *const *environment,
    struct config **ret_config, struct error *err)
{
	struct config *config;

	if (config_new(&config, err) < 0)
		return -1;
	if (read_file(config, path, err) < 0 ||
	    read_drop_ins(config, path, err) < 0 ||
	    read_environment(config, environment, err) < 0 ||
	    config_finish(config, err) < 0) {
		config_free(config);
		return -1;
	}
	*ret_config = config;
	return 0;
}

int
config_parse_text(const char *text, const char *name,
    struct config **ret_config, struct error *err)
{
	struct config *config;

	if (config_new(&config, err) < 0)
		return -1;
	if (read_text(config, text, name, err) < 0 ||
	    config_finish(config, err) < 0) {
		config_free(config);
		return -1;
	}
	*ret_config = config;
	return 0;
}
