/* Assertions: the condition is still parsed, so that its calls are seen. */
#ifndef SWASSESS_ASSERT_H
#define SWASSESS_ASSERT_H
#define assert(condition) ((void)(condition))
#define static_assert _Static_assert
#endif
