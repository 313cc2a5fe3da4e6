#include "view/size.h"

#include <glib.h>

char *view_size(char buffer[16], uint64_t bytes)
{
	static const char units[][4] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
	unsigned unit = 0;
	double value = (double)bytes;

	/* What would be printed as "1024 KiB" is "1 MiB" already. */
	while (value >= 1023.5 && unit + 1 < G_N_ELEMENTS(units)) {
		value /= 1024;
		unit++;
	}
	if (unit == 0 || value >= 9.95)
		g_snprintf(buffer, 16, "%.0f %s", value, units[unit]);
	else
		g_snprintf(buffer, 16, "%.1f %s", value, units[unit]);
	return buffer;
}

char *view_duration(char buffer[16], uint64_t seconds)
{
	unsigned second = seconds % 60, minute = seconds / 60 % 60;
	uint64_t hours = seconds / 3600;

	if (hours >= 100)
		g_snprintf(buffer, 16, "%ud %02uh", (unsigned)MIN(hours / 24, 999999), (unsigned)(hours % 24));
	else if (hours > 0)
		g_snprintf(buffer, 16, "%u:%02u:%02u", (unsigned)hours, minute, second);
	else
		g_snprintf(buffer, 16, "%u:%02u", minute, second);
	return buffer;
}
