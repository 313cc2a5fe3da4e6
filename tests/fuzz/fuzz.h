/*
 * fuzz: what every fuzz target defines; called by libFuzzer or by replay.c.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* Try one input; always 0. What must not happen ends in an abort. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
