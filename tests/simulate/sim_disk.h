/*
 * The disks of the simulated hosts: files in memory that know what was synced.
 * A power cut leaves of what was not any part, sector by sector, as a disk may.
 * Under it sim_file.c stands in for sys/file.c and sim_vfs.c serves SQLite.
 *
 * Making, renaming and removing a file is durable at once: sys/file.c promises
 * it, and tests/crash checks that on real file systems.
 */
#ifndef SIMULATE_SIM_DISK_H
#define SIMULATE_SIM_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sim_host;

enum { SIM_PAGE = 4096, SIM_SECTOR = 512, SIM_PATH_SIZE = 256 };

struct sim_file;

/* What came of a call that a disk may fail. */
enum sim_disk_result { SIM_DISK_OK, SIM_DISK_BROKEN, SIM_DISK_FULL };

/* Whose disk a path lies on; NULL for nobody's. */
struct sim_host *sim_disk_host(const char *path);

/* NULL if there is none. */
struct sim_file *sim_disk_find(const char *path);
/* A new, empty one; the host is the one whose callback runs. */
struct sim_file *sim_disk_create(const char *path);
bool sim_disk_remove(const char *path);
bool sim_disk_rename(const char *from, const char *to);

/* Call `visit` with the name of each file right in the folder. */
typedef int (*sim_disk_fn)(void *ctx, const char *name);
int sim_disk_list(const char *folder, sim_disk_fn visit, void *ctx);

uint64_t sim_disk_size(const struct sim_file *file);
/* Fewer only at the end of the file. */
size_t sim_disk_read(const struct sim_file *file, void *to, size_t len,
    uint64_t offset);
enum sim_disk_result sim_disk_write(struct sim_file *file, const void *data,
    size_t len, uint64_t offset);
enum sim_disk_result sim_disk_resize(struct sim_file *file, uint64_t len);
enum sim_disk_result sim_disk_sync(struct sim_file *file);

/* True if a power cut would leave the first `len` bytes as they are. */
bool sim_disk_is_synced(const struct sim_file *file, uint64_t len);

/* The host's processes are gone, and with the power what was not synced. */
void sim_disk_forget(struct sim_host *host, bool with_power);

/* SQLite's, made the default; once, at the start. */
void sim_vfs_register(void);
void sim_vfs_forget(const struct sim_host *host);

/* Bytes of its log that commits of the database at `path` reach. */
uint64_t sim_vfs_committed(const char *path);

/* sim_file.c: whoever held locks is gone. */
void sim_file_forget(const struct sim_host *host);

/* Syncs that lie: a seeded bug. */
extern bool sim_disk_lies;

#endif
