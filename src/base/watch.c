#include "base/watch.h"

void watch_begin(struct watch *watch, const char *what, uint64_t items, uint64_t bytes)
{
	if (watch)
		watch->begin(watch, what, items, bytes);
}

void watch_advance(struct watch *watch, const char *name, uint64_t items, uint64_t bytes)
{
	if (watch)
		watch->advance(watch, name, items, bytes);
}

void watch_end(struct watch *watch)
{
	if (watch)
		watch->end(watch);
}

void watch_warn(struct watch *watch, const char *format, ...)
{
	g_autofree char *line = NULL;
	va_list args;

	if (!watch)
		return;
	va_start(args, format);
	line = g_strdup_vprintf(format, args);
	va_end(args);
	watch->warn(watch, line);
}

void watch_start(struct watch *watch, const char *name)
{
	if (watch && watch->start)
		watch->start(watch, name);
}

void watch_retry(struct watch *watch, const char *name, const char *reason)
{
	if (watch && watch->retry)
		watch->retry(watch, name, reason);
}
