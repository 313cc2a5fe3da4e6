/*
 * journal: which bytes of a file that is being received are in it already, so that a broken download goes on where it
 * stopped, in this run or a later one.
 *
 * Kept in memory, and beside the file if the owner gives a descriptor: lines "mlv-journal 1", "version TEXT" (what the
 * remote calls this version of the file) and "have OFFSET LENGTH", which only ever grow until journal_reset(). What a
 * killed run had not noted yet is received again; what cannot be read counts as nothing. One thread at a time.
 */
#ifndef REMOTE_JOURNAL_H
#define REMOTE_JOURNAL_H

#include "base/auto.h"

#include <stdbool.h>
#include <stdint.h>

struct journal;

/* The journal in `fd`, read from its start and taken over; -1: an empty one in memory alone. */
struct journal *journal_new(int fd);

/* Whether no range is there. */
bool journal_is_empty(const struct journal *journal);

/* Bytes from the start that are there without a gap. */
uint64_t journal_prefix(const struct journal *journal);

/* Whether all of this range is there. */
bool journal_has(const struct journal *journal, uint64_t offset, uint64_t length);

/* Note a range. It is written down when enough has come together. */
void journal_add(struct journal *journal, uint64_t offset, uint64_t length);

/* What the remote calls the version that the bytes are of; NULL: nothing is known. */
const char *journal_version(const struct journal *journal);

/* Forget everything; from now on bytes are of this version (copied; NULL: nothing is known). */
void journal_reset(struct journal *journal, const char *version);

/* Write down what was not yet, and free it. NULL is fine. */
void journal_free(struct journal *journal);

AUTO_DEFINE(journal, journal_free);

#endif
