#include "doc/toml.h"

#define READ toml_read
#define NAME "fuzz.toml"
#include "reader.h"
