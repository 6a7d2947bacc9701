/*
 * The states that a crash can leave, from a history of crash_disk.h.
 */
#define _GNU_SOURCE

#include <assert.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness/crash_disk.h"

enum { SECTOR = 512, PAGE = 4096, INODES_MAX = 512, NAMES_MAX = 64 };

/* Operations that no sync covers yet. */
struct pending {
	size_t *ops;
	size_t count, room;
};

struct inode {
	uint8_t *data; /* durable */
	uint64_t len, room;
	struct pending pending;
	bool is_link; /* its data is where it leads */
};

enum name_kind { NAME_FILE, NAME_DIR, NAME_LINK };

struct name {
	char name[CRASH_NAME_SIZE];
	uint32_t inode;
	enum name_kind kind;
};

struct names {
	struct name list[NAMES_MAX];
	size_t count;
};

struct crash_state {
	const struct crash_history *history;
	size_t at;
	struct inode inodes[INODES_MAX];
	struct names durable;
	struct pending dirs[CRASH_DIRS_MAX];
};

/* ---- going through a history ------------------------------------------ */

static void
push(struct pending *pending, size_t op)
{
	if (pending->count == pending->room) {
		pending->room = pending->room == 0 ? 16 : 2 * pending->room;
		pending->ops = realloc(pending->ops,
		    pending->room * sizeof(*pending->ops));
		assert(pending->ops != NULL);
	}
	pending->ops[pending->count++] = op;
}

static void
resize(struct inode *inode, uint64_t len)
{
	if (len > inode->room) {
		uint64_t room = len + len / 2 + PAGE;

		inode->data = realloc(inode->data, room);
		assert(inode->data != NULL);
		inode->room = room;
	}
	if (len > inode->len)
		memset(inode->data + inode->len, 0, len - inode->len);
	inode->len = len;
}

static void
put(struct inode *inode, uint64_t at, const uint8_t *data, size_t len)
{
	if (len == 0)
		return;
	if (at + len > inode->len)
		resize(inode, at + len);
	if (data == NULL)
		memset(inode->data + at, 0, len);
	else
		memcpy(inode->data + at, data, len);
}

static const uint8_t *
data_of(const struct crash_state *state, const struct crash_op *op)
{
	return op->data == 0 ? NULL : state->history->bytes + op->data;
}

static void
apply(const struct crash_state *state, struct inode *inode,
    const struct crash_op *op)
{
	if (op->type == CRASH_RESIZE)
		resize(inode, op->at);
	else
		put(inode, op->at, data_of(state, op), op->len);
}

static void
set_name(struct names *names, const char *name, uint32_t inode,
    enum name_kind kind)
{
	size_t i = 0;

	while (i < names->count && strcmp(names->list[i].name, name) != 0)
		i++;
	if (i == names->count) {
		assert(names->count < NAMES_MAX);
		names->count++;
	}
	snprintf(names->list[i].name, CRASH_NAME_SIZE, "%s", name);
	names->list[i].inode = inode;
	names->list[i].kind = kind;
}

static void
drop_name(struct names *names, const char *name)
{
	for (size_t i = 0; i < names->count; i++)
		if (strcmp(names->list[i].name, name) == 0) {
			names->list[i] = names->list[--names->count];
			return;
		}
}

/* A link keeps its kind under another name. */
static enum name_kind
kind_of(const struct crash_state *state, uint32_t inode)
{
	return state->inodes[inode].is_link ? NAME_LINK : NAME_FILE;
}

static void
apply_name(const struct crash_state *state, struct names *names,
    const struct crash_op *op)
{
	switch (op->type) {
	case CRASH_MKDIR:
		set_name(names, op->name, op->inode, NAME_DIR);
		break;
	case CRASH_CREATE:
	case CRASH_SYMLINK:
		set_name(names, op->name, op->inode, kind_of(state, op->inode));
		break;
	case CRASH_RENAME:
		set_name(names, op->to, op->inode, kind_of(state, op->inode));
		drop_name(names, op->name);
		break;
	case CRASH_UNLINK:
	case CRASH_RMDIR:
		drop_name(names, op->name);
		break;
	case CRASH_WRITE:
	case CRASH_RESIZE:
	case CRASH_SYNC:
	case CRASH_SYNC_FAILED:
	case CRASH_SYNC_DIR:
	case CRASH_SAID:
		break;
	}
}

static void
sync_inode(struct crash_state *state, struct inode *inode)
{
	for (size_t i = 0; i < inode->pending.count; i++)
		apply(state, inode,
		    &state->history->ops[inode->pending.ops[i]]);
	inode->pending.count = 0;
}

static void
sync_dir(struct crash_state *state, struct pending *pending)
{
	for (size_t i = 0; i < pending->count; i++)
		apply_name(state, &state->durable,
		    &state->history->ops[pending->ops[i]]);
	pending->count = 0;
}

static void
step(struct crash_state *state)
{
	const struct crash_op *op = &state->history->ops[state->at];

	assert(op->inode < INODES_MAX && op->dir < CRASH_DIRS_MAX);
	switch (op->type) {
	case CRASH_SYMLINK:
		state->inodes[op->inode].is_link = true;
		put(&state->inodes[op->inode], 0, data_of(state, op), op->len);
		push(&state->dirs[op->dir], state->at);
		break;
	case CRASH_CREATE:
	case CRASH_MKDIR:
	case CRASH_RENAME:
	case CRASH_UNLINK:
	case CRASH_RMDIR:
		push(&state->dirs[op->dir], state->at);
		break;
	case CRASH_WRITE:
	case CRASH_RESIZE:
		push(&state->inodes[op->inode].pending, state->at);
		break;
	case CRASH_SYNC:
		sync_inode(state, &state->inodes[op->inode]);
		break;
	case CRASH_SYNC_FAILED:
		state->inodes[op->inode].pending.count = 0;
		break;
	case CRASH_SYNC_DIR:
		sync_dir(state, &state->dirs[op->dir]);
		break;
	case CRASH_SAID:
		break;
	}
	state->at++;
}

struct crash_state *
crash_state_new(const struct crash_history *history)
{
	struct crash_state *state = calloc(1, sizeof(*state));

	assert(state != NULL);
	state->history = history;
	while (state->at < history->first)
		step(state);
	return state;
}

void
crash_state_free(struct crash_state *state)
{
	for (size_t i = 0; i < INODES_MAX; i++) {
		free(state->inodes[i].data);
		free(state->inodes[i].pending.ops);
	}
	for (size_t i = 0; i < CRASH_DIRS_MAX; i++)
		free(state->dirs[i].ops);
	free(state);
}

bool
crash_state_next(struct crash_state *state)
{
	if (state->at == state->history->count)
		return false;
	step(state);
	return true;
}

size_t
crash_state_at(const struct crash_state *state)
{
	return state->at;
}

size_t
crash_state_pending(const struct crash_state *state)
{
	size_t count = 0;

	for (size_t i = 0; i < CRASH_DIRS_MAX; i++)
		count += state->dirs[i].count;
	for (size_t i = 0; i < state->history->inodes; i++)
		count += state->inodes[i].pending.count;
	return count;
}

/* ---- laying out --------------------------------------------------------- */

/* What becomes of a list of unsynced operations. */
enum fate {
	FATE_NONE,
	FATE_ALL,
	FATE_FIRST,   /* those up to some point, the last of them torn */
	FATE_SOME,    /* any of them, whole */
	FATE_SECTORS, /* of each any sectors of 512 bytes */
	FATE_PAGES,   /* of each any pieces of 4 KiB */
	FATE_COUNT
};

static enum fate
choose(uint64_t choice, uint64_t *seed)
{
	if (choice == CRASH_LOSE_ALL)
		return FATE_NONE;
	if (choice == CRASH_KEEP_ALL)
		return FATE_ALL;
	return (enum fate)(crash_random(seed) % FATE_COUNT);
}

static void
lay_out_pieces(const struct crash_state *state, struct inode *inode,
    const struct crash_op *op, size_t piece, uint64_t *seed)
{
	const uint8_t *data = data_of(state, op);
	size_t len;

	if (op->type == CRASH_RESIZE) {
		if (crash_random(seed) & 1)
			apply(state, inode, op);
		return;
	}
	for (size_t at = 0; at < op->len; at += len) {
		/* Pieces lie at multiples of their size in the file. */
		len = piece - (size_t)((op->at + at) % piece);
		if (len > op->len - at)
			len = op->len - at;
		if (crash_random(seed) & 1)
			put(inode, op->at + at, data == NULL ? NULL : data + at,
			    len);
	}
}

static void
lay_out_fate(const struct crash_state *state, struct inode *inode,
    const struct pending *pending, enum fate fate, uint64_t *seed)
{
	size_t some =
	    pending->count == 0 ? 0 : crash_random(seed) % pending->count;

	for (size_t i = 0; i < pending->count; i++) {
		const struct crash_op *op =
		    &state->history->ops[pending->ops[i]];

		if (fate == FATE_ALL || (fate == FATE_FIRST && i < some) ||
		    (fate == FATE_SOME && (crash_random(seed) & 1)))
			apply(state, inode, op);
		else if (fate == FATE_SECTORS ||
		    (fate == FATE_FIRST && i == some))
			lay_out_pieces(state, inode, op, SECTOR, seed);
		else if (fate == FATE_PAGES)
			lay_out_pieces(state, inode, op, PAGE, seed);
	}
}

static void
write_out(const struct inode *inode, const char *path)
{
	static const uint8_t zeros[PAGE];
	int fd = (int)syscall(SYS_openat, AT_FDCWD, path,
	    O_RDWR | O_CREAT | O_EXCL, 0600);
	uint64_t at = 0;

	if (fd < 0)
		perror(path);
	assert(fd >= 0);
	assert(syscall(SYS_ftruncate, fd, inode->len) == 0);
	while (at < inode->len) {
		uint64_t start = at;

		/* Runs of pages that hold something. */
		while (at < inode->len) {
			size_t len =
			    inode->len - at < PAGE ? inode->len - at : PAGE;

			if (memcmp(inode->data + at, zeros, len) == 0)
				break;
			at += len;
		}
		if (at > start)
			assert(syscall(SYS_pwrite64, fd, inode->data + start,
				   at - start, start) == (long)(at - start));
		else
			at += PAGE;
	}
	syscall(SYS_close, fd);
}

static void
lay_out_inode(const struct crash_state *state, uint32_t number,
    const char *path, uint64_t choice, uint64_t *seed)
{
	const struct inode *inode = &state->inodes[number];
	struct inode copy = { 0 };

	/* By inode, not by name: the same whatever names there are. */
	*seed ^= number * 0x9e3779b97f4a7c15U;
	if (inode->pending.count == 0) {
		write_out(inode, path);
		return;
	}
	put(&copy, 0, inode->data, inode->len);
	lay_out_fate(state, &copy, &inode->pending, choose(choice, seed), seed);
	write_out(&copy, path);
	free(copy.data);
}

static void
clear(const char *path)
{
	char name[CRASH_PATH_SIZE + 256];
	struct dirent *entry;
	DIR *list = opendir(path);

	assert(list != NULL);
	while ((entry = readdir(list)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0)
			continue;
		snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
		if (unlink(name) < 0) {
			clear(name);
			assert(rmdir(name) == 0);
		}
	}
	closedir(list);
}

static void
lay_out_names(const struct crash_state *state, struct names *names,
    uint64_t choice, uint64_t *seed)
{
	for (size_t i = 0; i < CRASH_DIRS_MAX; i++) {
		const struct pending *pending = &state->dirs[i];
		enum fate fate = choose(choice, seed);
		size_t some = pending->count == 0
		    ? 0
		    : crash_random(seed) % (pending->count + 1);

		for (size_t k = 0; k < pending->count; k++)
			if (fate == FATE_ALL ||
			    (fate <= FATE_FIRST && fate != FATE_NONE &&
				k < some) ||
			    (fate > FATE_FIRST && (crash_random(seed) & 1)))
				apply_name(state, names,
				    &state->history->ops[pending->ops[k]]);
	}
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp(((const struct name *)a)->name,
	    ((const struct name *)b)->name);
}

/* A name whose directory is not there is not there either. */
static bool
has_place(const char *root, const char *name)
{
	char path[CRASH_PATH_SIZE + CRASH_NAME_SIZE];
	const char *slash = strrchr(name, '/');
	struct stat st;

	snprintf(path, sizeof(path), "%s/%.*s", root,
	    slash == NULL ? 0 : (int)(slash - name), name);
	return stat(path, &st) == 0;
}

static void
lay_out_name(const struct crash_state *state, const struct name *name,
    const char *root, uint64_t choice, uint64_t seed)
{
	char path[CRASH_PATH_SIZE + CRASH_NAME_SIZE];

	if (!has_place(root, name->name))
		return;
	snprintf(path, sizeof(path), "%s/%s", root, name->name);
	switch (name->kind) {
	case NAME_DIR:
		assert(syscall(SYS_mkdirat, AT_FDCWD, path, 0700) == 0);
		break;
	case NAME_LINK:
		assert(syscall(SYS_symlinkat, state->inodes[name->inode].data,
			   AT_FDCWD, path) == 0);
		break;
	case NAME_FILE:
		lay_out_inode(state, name->inode, path, choice, &seed);
		break;
	}
}

void
crash_state_lay_out(const struct crash_state *state, uint64_t choice,
    const char *root)
{
	struct names *names = malloc(sizeof(*names));
	uint64_t seed = choice * 0x2545f4914f6cdd1dU + state->at;

	assert(names != NULL);
	*names = state->durable;
	lay_out_names(state, names, choice, &seed);
	clear(root);
	/* Directories before what is in them. */
	qsort(names->list, names->count, sizeof(names->list[0]), compare_names);
	for (size_t i = 0; i < names->count; i++)
		lay_out_name(state, &names->list[i], root, choice, seed);
	free(names);
}
