#include "cli/offline.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "bulletin/state.h"
#include "crypto/cert.h"
#include "crypto/cert_cache.h"
#include "crypto/trust.h"
#include "directory/directory.h"
#include "directory/directory_image.h"
#include "role/checkpoint_cache.h"
#include "role/verify.h"

enum { CERTS = 256, CHECKPOINTS = 64, BULLETINS_MAX = 512, PATH_SIZE = 4096 };

struct offline {
	struct bulletin_state *state;
	struct bulletin *bulletins; /* directory, network and access lists */
	size_t count;
	struct bytes image;
	struct directory *directory;
	struct trust *trust;
	struct cert_cache *certs;
	struct checkpoint_cache *checkpoints;
	struct verify_context context;
	struct bytes act;
	struct bytes act_cms;
};

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

/* Keep it if the directory image is made of its kind. */
static void
keep(struct offline *offline, struct bulletin *bulletin)
{
	if (bulletin->type == BULLETIN_ROOT ||
	    bulletin->type == BULLETIN_TIMESTAMP) {
		bulletin_free(bulletin);
		return;
	}
	/* A newer one of the same type and name takes the older one's place. */
	for (size_t i = 0; i < offline->count; i++) {
		struct bulletin *held = &offline->bulletins[i];

		if (held->type == bulletin->type &&
		    text_equal(held->name, bulletin->name)) {
			bulletin_free(held);
			*held = *bulletin;
			return;
		}
	}
	offline->bulletins[offline->count++] = *bulletin;
}

static int
take_file(struct offline *offline, const char *path, int64_t now,
    struct error *err)
{
	struct bulletin bulletin = { 0 };
	struct bytes cms = { 0 };
	enum bulletin_news news;
	int rc = -1;

	if (offline->count == BULLETINS_MAX)
		return error_set(err, ERROR_MALFORMED, "more than %d bulletins",
		    BULLETINS_MAX);
	if (read_file(path, bulletin_bytes_max(BULLETIN_DIRECTORY), &cms,
		err) == 0)
		rc = bulletin_state_take(offline->state, cms.data, cms.len, now,
		    &news, &bulletin, err);
	if (rc == 0)
		keep(offline, &bulletin);
	bytes_free(&cms);
	return rc < 0 ? error_prefix(err, "%s", path) : 0;
}

static int
take_all(struct offline *offline, const char *folder, int64_t now,
    struct error *err)
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
		free(names[i]);
	}
	free(names);
	return rc;
}

static int
build_directory(struct offline *offline, struct error *err)
{
	const struct bulletin *access[BULLETINS_MAX];
	struct directory_sources sources = { .access = access };

	for (size_t i = 0; i < offline->count; i++) {
		const struct bulletin *bulletin = &offline->bulletins[i];

		if (bulletin->type == BULLETIN_DIRECTORY)
			sources.directory = bulletin;
		else if (bulletin->type == BULLETIN_NETWORK)
			sources.network = bulletin;
		else
			access[sources.access_count++] = bulletin;
	}
	if (directory_image_build(&sources, &offline->image, err) < 0 ||
	    bytes_failed(&offline->image, err) < 0)
		return -1;
	return directory_open(offline->image.data, offline->image.len,
	    &offline->directory, err);
}

static int
trust_anchors(struct offline *offline, struct error *err)
{
	const struct root *root = bulletin_state_root(offline->state);

	if (root == NULL)
		return error_set(err, ERROR_UNTRUSTED, "no root bulletin");
	if (trust_new(&offline->trust, err) < 0)
		return -1;
	for (size_t i = 0; i < root->anchor_count; i++) {
		struct cert *anchor = NULL;
		int rc = cert_parse(root->anchors[i].data, root->anchors[i].len,
		    &anchor, err);

		if (rc == 0)
			rc = trust_add_anchor(offline->trust, anchor, err);
		cert_free(anchor);
		if (rc < 0)
			return -1;
	}
	return 0;
}

int
offline_open(const char *folder, const char *root, const char *environment,
    int64_t now, struct offline **ret_offline, struct error *err)
{
	struct offline *offline = calloc(1, sizeof(*offline));
	struct digest pin;

	if (offline == NULL)
		return error_set_memory(err);
	if (!digest_parse(root, &pin)) {
		free(offline);
		return error_set(err, ERROR_MALFORMED,
		    "\"%s\" is not a SHA-256 of 64 hex digits", root);
	}
	offline->bulletins = calloc(BULLETINS_MAX, sizeof(struct bulletin));
	if (offline->bulletins == NULL ||
	    bulletin_state_new(environment, &pin, &offline->state, err) < 0 ||
	    take_all(offline, folder, now, err) < 0 ||
	    build_directory(offline, err) < 0 ||
	    trust_anchors(offline, err) < 0 ||
	    cert_cache_new(CERTS, &offline->certs, err) < 0 ||
	    checkpoint_cache_new(CHECKPOINTS, &offline->checkpoints, err) < 0) {
		offline_close(offline);
		return -1;
	}
	offline->context = (struct verify_context){
		.environment = environment,
		.certs = offline->certs,
		.trust = offline->trust,
		.directory = offline->directory,
		.checkpoints = offline->checkpoints,
		.now = now,
	};
	*ret_offline = offline;
	return 0;
}

void
offline_close(struct offline *offline)
{
	if (offline == NULL)
		return;
	for (size_t i = 0; i < offline->count; i++)
		bulletin_free(&offline->bulletins[i]);
	free(offline->bulletins);
	directory_close(offline->directory);
	bytes_free(&offline->image);
	trust_free(offline->trust);
	cert_cache_free(offline->certs);
	checkpoint_cache_free(offline->checkpoints);
	bulletin_state_free(offline->state);
	bytes_free(&offline->act);
	bytes_free(&offline->act_cms);
	free(offline);
}

int
offline_check_receipt(struct offline *offline, const void *json, size_t len,
    struct message_receipt *ret_receipt, struct error *err)
{
	struct blob blob = blob_of(json, len);

	bytes_clear(&offline->act);
	bytes_clear(&offline->act_cms);
	return verify_receipt(&offline->context, &blob, ret_receipt,
	    &offline->act, &offline->act_cms, err);
}
