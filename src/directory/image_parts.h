/*
 * The parts of building a directory image; only directory_image*.c include
 * this.
 */
#ifndef DIRECTORY_IMAGE_PARTS_H
#define DIRECTORY_IMAGE_PARTS_H

#include <stddef.h>

#include "base/attr.h"
#include "bulletin/bulletin.h"
#include "directory/image_builder.h"

struct error;
struct json_value;

/* ERROR_MALFORMED E7020: what is wrong with `about`. */
int image_mistake(struct error *err, const char *about, const char *what);

/*
 * The array of this name in the body of a bulletin of `type`, which has
 * `members` members; of at most `max` items.
 */
int image_body_array(const struct bulletin *bulletin, enum bulletin_type type,
    const char *name, size_t members, size_t max,
    const struct json_value **ret_array, struct error *err) MUST_CHECK;

int image_add_network(struct image_builder *builder,
    const struct bulletin *bulletin, struct error *err) MUST_CHECK;
int image_add_access(struct image_builder *builder,
    const struct bulletin *bulletin, struct error *err) MUST_CHECK;

#endif
