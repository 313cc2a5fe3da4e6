/*
 * size: numbers of bytes and spans of time for people. Any thread.
 */
#ifndef VIEW_SIZE_H
#define VIEW_SIZE_H

#include <stdint.h>

/* Bytes for people: "0 B", "1.5 KiB", "20 GiB". Writes into and returns buffer. */
char *view_size(char buffer[16], uint64_t bytes);

/* Seconds for people, as a clock: "0:07", "12:40", "3:05:09"; from 100 hours on "4d 04h". Writes into and returns
 * buffer. */
char *view_duration(char buffer[16], uint64_t seconds);

#endif
