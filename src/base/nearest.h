/*
 * nearest: which name somebody may have meant who typed another.
 */
#ifndef BASE_NEAREST_H
#define BASE_NEAREST_H

/*
 * The name of the NULL-terminated list that is nearest to `typed`, by edits (a swap of neighbours is one), a name that
 * begins with it being nearer than any other; NULL if none is near enough to be likely.
 */
const char *nearest_name(const char *const *names, const char *typed);

#endif
