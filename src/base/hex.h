/*
 * hex: bytes as lower-case hexadecimal text and back.
 */
#ifndef BASE_HEX_H
#define BASE_HEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Write 2 * length digits and a NUL to out. */
void hex_encode(char *out, const uint8_t *bytes, size_t length);

/* Read exactly 2 * length digits (either case) from text; false, with out undefined, if one is not a digit. */
bool hex_decode(uint8_t *out, const char *text, size_t length);

#endif
