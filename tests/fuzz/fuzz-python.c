#include "doc/python.h"

#define READ python_read
#define NAME "fuzz.py"
#include "reader.h"
