/*
 * The forms: which blocks a document of each kind is made of, in what order,
 * at what place and size (ux.md 4.1; 文書處理手冊).
 */
#ifndef RENDER_FORM_H
#define RENDER_FORM_H

#include "render/flow.h"
#include "render/render.h"

struct pool;

/* Add everything that `input` asks for. */
void form_compose(struct flow *flow, struct shaping *shaping,
    const struct render_input *input, const struct render_options *options);

/* What a reader's window shows as its title: number and subject; in `pool`. */
const char *form_title(struct pool *pool, const struct render_input *input);

#endif
