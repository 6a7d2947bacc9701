/* Bulletins from files, each version kept. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "cli/offline_internal.h"

enum { PATH_SIZE = 4096 };

static int
read_file(const char *path, size_t max, struct bytes *to, struct error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len = -1;

	if (fd < 0)
		return error_set_errno(err, "opening %s", path);
	do {
		uint8_t *room = bytes_extend(to, 65536);

		len = room != NULL ? read(fd, room, 65536) : -1;
		to->len -= 65536 - (len > 0 ? (size_t)len : 0);
	} while (len > 0 && to->len <= max);
	close(fd);
	if (len < 0)
		return error_set_errno(err, "reading %s", path);
	if (to->len > max)
		return error_set(err, ERROR_MALFORMED,
		    "%s is too long for a bulletin", path);
	return 0;
}

int
offline_take(struct offline *offline, const void *cms, size_t len, int64_t now,
    struct error *err)
{
	struct bulletin bulletin = { 0 };
	enum bulletin_news news;

	if (offline->count == OFFLINE_BULLETINS_MAX)
		return error_set(err, ERROR_MALFORMED, "more than %d bulletins",
		    OFFLINE_BULLETINS_MAX);
	if (bulletin_state_take(offline->state, cms, len, now, &news, &bulletin,
		err) < 0)
		return -1;
	if (news == BULLETIN_ADOPTED &&
	    (bulletin.type == BULLETIN_ROOT ||
		bulletin.type == BULLETIN_NETWORK ||
		bulletin.type == BULLETIN_DIRECTORY))
		offline->bulletins[offline->count++] = bulletin;
	else
		bulletin_free(&bulletin);
	return 0;
}

static int
take_file(struct offline *offline, const char *path, int64_t now,
    struct error *err)
{
	struct bytes cms = { 0 };
	int rc = -1;

	if (read_file(path, bulletin_bytes_max(BULLETIN_DIRECTORY), &cms,
		err) == 0)
		rc = offline_take(offline, cms.data, cms.len, now, err);
	bytes_free(&cms);
	return rc < 0 ? error_prefix(err, "%s", path) : 0;
}

int
offline_take_folder(struct offline *offline, const char *folder, int64_t now,
    bool is_addition, struct error *err)
{
	struct dirent **names = NULL;
	int count = scandir(folder, &names, NULL, alphasort);
	int rc = 0;

	if (count < 0)
		return error_set_errno(err, "listing %s", folder);
	for (int i = 0; i < count; i++) {
		char path[PATH_SIZE];

		snprintf(path, sizeof(path), "%s/%s", folder, names[i]->d_name);
		if (names[i]->d_name[0] != '.' && rc == 0)
			rc = take_file(offline, path, now, err);
		/* What came before it, with the evidence, is newer: fine. */
		if (rc < 0 && is_addition && text_equal(err->id, "E7006")) {
			*err = (struct error){ 0 };
			rc = 0;
		}
		free(names[i]);
	}
	free(names);
	return rc;
}

const struct bulletin *
offline_find(const struct offline *offline, enum bulletin_type type,
    uint64_t wanted)
{
	const struct bulletin *best = NULL;

	for (size_t i = 0; i < offline->count; i++) {
		const struct bulletin *bulletin = &offline->bulletins[i];

		if (bulletin->type != type)
			continue;
		if (best == NULL || best->serial < wanted
			? best == NULL || bulletin->serial > best->serial
			: bulletin->serial >= wanted &&
			    bulletin->serial < best->serial)
			best = bulletin;
	}
	return best;
}
