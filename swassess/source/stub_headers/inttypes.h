/* Formats of the fixed-width types. */
#ifndef SWASSESS_INTTYPES_H
#define SWASSESS_INTTYPES_H
#include <stdint.h>
#define PRId8 "d"
#define PRId16 "d"
#define PRId32 "ld"
#define PRId64 "lld"
#define PRIu8 "u"
#define PRIu16 "u"
#define PRIu32 "lu"
#define PRIu64 "llu"
#define PRIx8 "x"
#define PRIx16 "x"
#define PRIx32 "lx"
#define PRIX32 "lX"
#define PRIx64 "llx"
#endif
