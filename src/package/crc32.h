/*
 * CRC-32 as ZIP uses it.  It finds accidents; digests find the rest.
 */
#ifndef PACKAGE_CRC32_H
#define PACKAGE_CRC32_H

#include <stddef.h>
#include <stdint.h>

/* Start with 0 and pass the result on: crc32_update(crc32_update(0, a), b). */
uint32_t crc32_update(uint32_t crc, const void *data, size_t len);

#endif
