/*
 * fuzz: what every fuzz target defines; called by libFuzzer or by replay.c.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <glib.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/* Try one input; always 0. What must not happen ends in fuzz_fail(). */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Say what must not happen, and abort. libFuzzer keeps the input of what aborts, but not of what ends by g_error()'s trap. */
#define fuzz_fail(...) (g_printerr(__VA_ARGS__), g_printerr("\n"), abort())

#endif
