/*
 * Make a package: an ASiC-E container (docs/protocol.md 3), a ZIP of stored
 * entries written front to back in constant memory.
 *
 * The order of work: measure each file, add it, take the manifest, have it
 * signed, then write.  Everything about the container is known before its
 * first byte, also its length, so it can be encrypted and sent while it is
 * written.  Signing is elsewhere: keys live in another process.
 */
#ifndef PACKAGE_PACKAGE_WRITE_H
#define PACKAGE_PACKAGE_WRITE_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "model/digest.h"

struct bytes;
struct error;
struct package_facts;

/* What must be known of a file before the container is written. */
struct package_measure {
	uint64_t size;
	uint32_t crc32;
	struct digest sha256;
};

/*
 * Read up to `size` bytes at the current place of file `index` (in the order
 * of package_plan_add) into `to`; *ret_len 0 at its end.
 */
typedef int (*package_read_fn)(void *context, size_t index, void *to,
    size_t size, size_t *ret_len, struct error *err);

/* Take the next bytes of the container. */
typedef int (*package_sink_fn)(void *context, const void *data, size_t len,
    struct error *err);

/* Read a file once, to its end. */
int package_measure(package_read_fn read, void *context, size_t index,
    struct package_measure *ret_measure, struct error *err) MUST_CHECK;

struct package_plan;

int package_plan_new(const struct package_facts *facts,
    struct package_plan **ret_plan, struct error *err) MUST_CHECK;
void package_plan_free(struct package_plan *plan);

/*
 * Add an official file under the name that it came with.  ERROR_MALFORMED
 * E3202 for a name that is unsafe, taken, or under META-INF; E3203 when there
 * are too many.
 */
int package_plan_add(struct package_plan *plan, const char *name,
    const struct package_measure *measure, struct error *err) MUST_CHECK;

/* Append the manifest's bytes, for the organisation to sign (detached CMS). */
int package_plan_manifest(const struct package_plan *plan, struct bytes *to,
    struct error *err) MUST_CHECK;

/*
 * The signature over exactly those bytes, or an item of a batch
 * (package/package_batch.h); the plan takes no more files.
 */
int package_plan_sign(struct package_plan *plan, const void *signature,
    size_t len, struct error *err) MUST_CHECK;

/* Length of the container in bytes; the plan must be signed. */
uint64_t package_plan_size(const struct package_plan *plan);

/*
 * Write the container.  Each file is read again and must still be what was
 * measured: ERROR_MALFORMED E3208 if it has changed; what was written by then
 * is to be thrown away.
 */
int package_write(const struct package_plan *plan, package_read_fn read,
    void *read_context, package_sink_fn sink, void *sink_context,
    struct error *err) MUST_CHECK;

/*
 * The same in pieces, for who has other work in between; plan and contexts must
 * outlive the writer.  A step writes about `len` bytes more: 1 when there is
 * more to write, 0 when the container is whole.
 */
struct package_writer;

int package_writer_new(const struct package_plan *plan, package_read_fn read,
    void *read_context, package_sink_fn sink, void *sink_context,
    struct package_writer **ret_writer, struct error *err) MUST_CHECK;
void package_writer_free(struct package_writer *writer);
int package_writer_step(struct package_writer *writer, uint64_t len,
    struct error *err) MUST_CHECK;

#endif
