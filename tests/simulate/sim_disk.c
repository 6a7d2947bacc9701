#include "simulate/sim_disk.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "simulate/sim.h"

enum {
	BUCKETS = 256,
	WRITE_US = 20,
	SYNC_US = 400,
};

/* `now` as processes see it; `kept` as the disk has it when that differs. */
struct page {
	uint8_t *now;  /* NULL: zeros */
	uint8_t *kept; /* NULL and is_dirty: zeros */
	bool is_dirty;
};

struct sim_file {
	struct sim_file *next;
	char path[SIM_PATH_SIZE];
	struct sim_host *host;
	struct page *pages;
	size_t page_count;
	uint64_t size;
	uint64_t kept_size;
	size_t *dirty; /* numbers of pages */
	size_t dirty_count;
	size_t dirty_size;
};

static struct sim_file *buckets[BUCKETS];

bool sim_disk_lies;

static struct sim_file **
place_of(const char *path)
{
	uint32_t hash = 2166136261U;
	struct sim_file **at;

	for (const char *c = path; *c != '\0'; c++)
		hash = (hash ^ (uint8_t)*c) * 16777619U;
	at = &buckets[hash % BUCKETS];
	while (*at != NULL && strcmp((*at)->path, path) != 0)
		at = &(*at)->next;
	return at;
}

static void *
checked(void *memory)
{
	if (memory == NULL)
		abort();
	return memory;
}

struct sim_file *
sim_disk_find(const char *path)
{
	return *place_of(path);
}

/* Paths are FOLDER/HOST/...: whose disk it lies on. */
struct sim_host *
sim_disk_host(const char *path)
{
	size_t folder = strlen(sim.folder);

	for (int i = 0; i < SIM_HOSTS; i++) {
		const char *name = sim.hosts[i].name;
		size_t len = strlen(name);

		if (strncmp(path, sim.folder, folder) == 0 &&
		    strncmp(path + folder + 1, name, len) == 0 &&
		    path[folder + 1 + len] == '/')
			return &sim.hosts[i];
	}
	return NULL;
}

struct sim_file *
sim_disk_create(const char *path)
{
	struct sim_file **at = place_of(path);
	struct sim_file *file = checked(calloc(1, sizeof(*file)));

	if (!text_copy(file->path, sizeof(file->path), path))
		abort();
	file->host = sim_disk_host(path);
	file->next = *at;
	*at = file;
	return file;
}

static void
free_page(struct page *page)
{
	free(page->now);
	free(page->kept);
	memset(page, 0, sizeof(*page));
}

/* Descriptors may still name it: it is emptied and forgotten, not freed. */
bool
sim_disk_remove(const char *path)
{
	struct sim_file **at = place_of(path);
	struct sim_file *file = *at;

	if (file == NULL)
		return false;
	*at = file->next;
	for (size_t i = 0; i < file->page_count; i++)
		free_page(&file->pages[i]);
	file->size = file->kept_size = 0;
	file->dirty_count = 0;
	return true;
}

bool
sim_disk_rename(const char *from, const char *to)
{
	struct sim_file **at = place_of(from);
	struct sim_file *file = *at;

	if (file == NULL)
		return false;
	sim_disk_remove(to);
	at = place_of(from);
	*at = file->next;
	if (!text_copy(file->path, sizeof(file->path), to))
		abort();
	at = place_of(to);
	file->next = NULL;
	*at = file;
	return true;
}

int
sim_disk_list(const char *folder, sim_disk_fn visit, void *ctx)
{
	size_t len = strlen(folder);

	for (size_t i = 0; i < BUCKETS; i++) {
		struct sim_file *file = buckets[i];

		while (file != NULL) {
			struct sim_file *next = file->next;

			if (strncmp(file->path, folder, len) == 0 &&
			    file->path[len] == '/' &&
			    strchr(file->path + len + 1, '/') == NULL &&
			    visit(ctx, file->path + len + 1) < 0)
				return -1;
			file = next;
		}
	}
	return 0;
}

/* ---- faults ------------------------------------------------------------ */

/* Not the mark beside them, which may fail quietly. */
static bool
is_of_rows(const struct sim_file *file)
{
	return text_ends(file->path, "/rows.db") ||
	    text_ends(file->path, "/rows.db-wal");
}

/* Each call of a disk is a moment in which its host may die or it may fail. */
static enum sim_disk_result
meet_fate(const struct sim_file *file, bool is_write)
{
	struct sim_host *host = file->host;

	if (host == NULL || !host->is_up || sim_host_of(sim.role) != host)
		return SIM_DISK_OK;
	if (host->die_in > 0 && --host->die_in == 0)
		sim_host_die(host, host->die_is_power);
	if (host->disk_fail_in > 0 && --host->disk_fail_in == 0) {
		sim_note("%s: disk error, %s %s", host->name,
		    is_write ? "write" : "sync", file->path);
		host->has_failed_rows = host->has_failed_rows ||
		    (sim.role->role == ROLE_SPOOLER && is_of_rows(file));
		return SIM_DISK_BROKEN;
	}
	if (is_write && host->disk_full_for > 0) {
		host->disk_full_for--;
		return SIM_DISK_FULL;
	}
	return SIM_DISK_OK;
}

/* ---- bytes -------------------------------------------------------------- */

uint64_t
sim_disk_size(const struct sim_file *file)
{
	return file->size;
}

size_t
sim_disk_read(const struct sim_file *file, void *to, size_t len,
    uint64_t offset)
{
	uint8_t *out = to;
	size_t done = 0;

	if (offset >= file->size)
		return 0;
	if (len > file->size - offset)
		len = (size_t)(file->size - offset);
	while (done < len) {
		size_t number = (size_t)((offset + done) / SIM_PAGE);
		size_t skip = (size_t)((offset + done) % SIM_PAGE);
		size_t part = SIM_PAGE - skip;

		if (part > len - done)
			part = len - done;
		if (number < file->page_count &&
		    file->pages[number].now != NULL)
			memcpy(out + done, file->pages[number].now + skip,
			    part);
		else
			memset(out + done, 0, part);
		done += part;
	}
	return len;
}

static void
grow(struct sim_file *file, size_t count)
{
	if (count <= file->page_count)
		return;
	file->pages =
	    checked(realloc(file->pages, count * sizeof(*file->pages)));
	memset(file->pages + file->page_count, 0,
	    (count - file->page_count) * sizeof(*file->pages));
	file->page_count = count;
}

/* Before its first change since a sync, the page as the disk has it is kept. */
static struct page *
dirty_page(struct sim_file *file, size_t number)
{
	struct page *page;

	grow(file, number + 1);
	page = &file->pages[number];
	if (page->is_dirty)
		return page;
	page->is_dirty = true;
	if (page->now != NULL) {
		page->kept = checked(malloc(SIM_PAGE));
		memcpy(page->kept, page->now, SIM_PAGE);
	}
	if (file->dirty_count == file->dirty_size) {
		file->dirty_size = file->dirty_size * 2 + 16;
		file->dirty = checked(realloc(file->dirty,
		    file->dirty_size * sizeof(*file->dirty)));
	}
	file->dirty[file->dirty_count++] = number;
	return page;
}

static bool
is_zero(const uint8_t *data, size_t len)
{
	return len == 0 ||
	    (data[0] == 0 && memcmp(data, data + 1, len - 1) == 0);
}

enum sim_disk_result
sim_disk_write(struct sim_file *file, const void *data, size_t len,
    uint64_t offset)
{
	const uint8_t *in = data;
	enum sim_disk_result result = meet_fate(file, true);
	size_t done = 0;

	if (result != SIM_DISK_OK)
		return result;
	sim_spend(WRITE_US);
	while (done < len) {
		size_t number = (size_t)((offset + done) / SIM_PAGE);
		size_t skip = (size_t)((offset + done) % SIM_PAGE);
		size_t part = SIM_PAGE - skip;
		struct page *page;

		if (part > len - done)
			part = len - done;
		if ((number >= file->page_count ||
			file->pages[number].now == NULL) &&
		    is_zero(in + done, part)) {
			done += part;
			continue;
		}
		page = dirty_page(file, number);
		if (page->now == NULL)
			page->now = checked(calloc(1, SIM_PAGE));
		memcpy(page->now + skip, in + done, part);
		done += part;
	}
	if (offset + len > file->size)
		file->size = offset + len;
	return SIM_DISK_OK;
}

enum sim_disk_result
sim_disk_resize(struct sim_file *file, uint64_t len)
{
	enum sim_disk_result result = meet_fate(file, true);

	if (result != SIM_DISK_OK)
		return result;
	for (size_t i = (size_t)((len + SIM_PAGE - 1) / SIM_PAGE);
	     i < file->page_count; i++) {
		struct page *page = &file->pages[i];

		if (page->now == NULL)
			continue;
		page = dirty_page(file, i);
		memset(page->now, 0, SIM_PAGE);
	}
	if (len < file->size && len % SIM_PAGE != 0 &&
	    len / SIM_PAGE < file->page_count &&
	    file->pages[len / SIM_PAGE].now != NULL)
		memset(dirty_page(file, (size_t)(len / SIM_PAGE))->now +
			len % SIM_PAGE,
		    0, SIM_PAGE - (size_t)(len % SIM_PAGE));
	file->size = len;
	return SIM_DISK_OK;
}

static void
keep_all(struct sim_file *file)
{
	for (size_t i = 0; i < file->dirty_count; i++) {
		struct page *page = &file->pages[file->dirty[i]];

		free(page->kept);
		page->kept = NULL;
		page->is_dirty = false;
	}
	file->dirty_count = 0;
	file->kept_size = file->size;
}

enum sim_disk_result
sim_disk_sync(struct sim_file *file)
{
	enum sim_disk_result result = meet_fate(file, false);

	if (result != SIM_DISK_OK)
		return result;
	sim_spend(
	    SYNC_US + (file->host != NULL ? file->host->disk_slow_us : 0));
	if (!sim_disk_lies || file->host == NULL ||
	    file->host->index == SIM_MANAGEMENT)
		keep_all(file);
	return SIM_DISK_OK;
}

static bool
is_kept(const struct page *page, size_t len)
{
	static const uint8_t zeros[SIM_PAGE];

	return memcmp(page->now, page->kept != NULL ? page->kept : zeros,
		   len) == 0;
}

bool
sim_disk_is_synced(const struct sim_file *file, uint64_t len)
{
	for (size_t i = 0; i < file->dirty_count; i++) {
		uint64_t start = (uint64_t)file->dirty[i] * SIM_PAGE;
		size_t part = SIM_PAGE;

		if (start >= len)
			continue;
		if (part > len - start)
			part = (size_t)(len - start);
		if (!is_kept(&file->pages[file->dirty[i]], part))
			return false;
	}
	return file->kept_size >= len;
}

/* ---- power cuts ---------------------------------------------------------- */

/* Which sectors reached the disk on their own is a matter of chance. */
static void
tear(struct page *page, uint64_t chance)
{
	static const uint8_t zeros[SIM_SECTOR];

	for (size_t at = 0; at < SIM_PAGE; at += SIM_SECTOR) {
		if (sim_below(4) < chance)
			continue;
		memcpy(page->now + at,
		    page->kept != NULL ? page->kept + at : zeros, SIM_SECTOR);
	}
	free(page->kept);
	page->kept = NULL;
	page->is_dirty = false;
}

static void
cut(struct sim_file *file)
{
	/* All lost, some lost, or all but all there. */
	uint64_t chance = sim_below(4);

	for (size_t i = 0; i < file->dirty_count; i++)
		tear(&file->pages[file->dirty[i]], chance);
	file->dirty_count = 0;
	if (sim_below(4) >= chance || file->size < file->kept_size)
		file->size = file->kept_size;
	file->kept_size = file->size;
}

/* In the order of buckets, which paths alone decide. */
void
sim_disk_forget(struct sim_host *host, bool with_power)
{
	for (size_t i = 0; with_power && i < BUCKETS; i++)
		for (struct sim_file *file = buckets[i]; file != NULL;
		     file = file->next)
			if (file->host == host)
				cut(file);
	sim_vfs_forget(host);
	sim_file_forget(host);
}
