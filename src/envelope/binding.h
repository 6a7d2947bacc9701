/*
 * The bindings of docs/protocol.md 9: that content part, leaf, key part and
 * act belong to one signed waybill.  Pure comparisons; each refusal is
 * ERROR_UNTRUSTED, because what was signed says otherwise.
 */
#ifndef ENVELOPE_BINDING_H
#define ENVELOPE_BINDING_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "model/digest.h"

struct act;
struct error;
struct keypart;
struct leaf;
struct waybill;

/* This environment, and at the origin center also its name (E3120). */
int binding_check_place(const struct waybill *waybill, const char *environment,
    const char *center, struct error *err) MUST_CHECK;

/* The content part that arrived is the one of the waybill (E3121). */
int binding_check_content(const struct waybill *waybill,
    const struct digest *content, uint64_t len, struct error *err) MUST_CHECK;

/* The leaves, all of them and in order, are those of the waybill (E3122). */
int binding_check_leaves(const struct waybill *waybill,
    const struct digest *leaf_hashes, size_t count,
    struct error *err) MUST_CHECK;

/* One leaf, by its path, is a leaf of the waybill (E3122). */
int binding_check_leaf(const struct waybill *waybill,
    const struct digest *leaf_hash, uint64_t index, const struct digest *path,
    size_t path_count, struct error *err) MUST_CHECK;

/* The key part's bytes are those that the leaf names (E3123). */
int binding_check_key_part(const struct leaf *leaf, const void *key_part,
    size_t len, struct error *err) MUST_CHECK;

/*
 * What the opened key part says fits: this head, the leaf's recipient, and the
 * commitment of the waybill (E3124).
 */
int binding_check_opened(const struct waybill *waybill, const struct leaf *leaf,
    const struct keypart *part, struct error *err) MUST_CHECK;

/* The package that came out is the one that was committed to (E3125). */
int binding_check_package(const struct keypart *part,
    const struct digest *package, struct error *err) MUST_CHECK;

/* The act speaks of this delivery (E3126). */
int binding_check_act(const struct waybill *waybill, const struct leaf *leaf,
    const struct digest *leaf_hash, const struct act *act,
    struct error *err) MUST_CHECK;

#endif
