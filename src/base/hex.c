#include "base/hex.h"

static const char digits[] = "0123456789abcdef";

void hex_encode(char *out, const uint8_t *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		*out++ = digits[bytes[i] >> 4];
		*out++ = digits[bytes[i] & 0x0f];
	}
	*out = '\0';
}

/* What a character stands for, plus 1; 0 for no digit. A table: ids are read by the hundred thousand. */
static const uint8_t values[256] = {
	['0'] = 1,  ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,  ['6'] = 7,  ['7'] = 8,
	['8'] = 9,  ['9'] = 10, ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
	['A'] = 11, ['B'] = 12, ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16,
};

bool hex_decode(uint8_t *out, const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		unsigned high = values[(unsigned char)text[2 * i]];
		unsigned low = high ? values[(unsigned char)text[2 * i + 1]] : 0;

		/* Checked before the next pair is read, so that text may be shorter and end in a NUL. */
		if (!low)
			return false;
		out[i] = (uint8_t)((high - 1) << 4 | (low - 1));
	}
	return true;
}
