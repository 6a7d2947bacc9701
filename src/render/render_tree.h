/*
 * A document as the small XML tree that the reading view's stylesheet takes:
 *
 *   letter @kind (letter memo order notice meeting survey; alone: no letter)
 *     @title @speed
 *     copy @mark @dispatch @archive @retention @stamp @number @received-at @received
 *     message @name, text: the remark
 *     sender*  reference*  issued  secrecy  declassify  unit  handling
 *     address  contact*  addressee  attachment-note  attachment*
 *     subject
 *     section* @label: text, item* @number: text, item*
 *     time* @date @weekday @clock   venue
 *     chair* caller* @name @title @phone
 *     attendees observers originals copies: reader* @name @title @attachments
 *     remarks: as a section
 *     superiors: person* @name @title   signature*   signed
 *     roster* @file: entry* @name @code @copy @attachments
 *
 * What is empty is left out.  Characters that make text look like another text
 * stand as their number, 〔U+202E〕.
 */
#ifndef RENDER_RENDER_TREE_H
#define RENDER_RENDER_TREE_H

#include "base/attr.h"

struct _xmlDoc;
struct error;
struct render_input;
struct render_options;

/* Free it with xmlFreeDoc().  Fails only if memory ran out. */
int render_tree_new(const struct render_input *input,
    const struct render_options *options, struct _xmlDoc **ret_doc,
    struct error *err) MUST_CHECK;

#endif
