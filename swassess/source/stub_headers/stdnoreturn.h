/* The noreturn word of C11. */
#ifndef SWASSESS_STDNORETURN_H
#define SWASSESS_STDNORETURN_H
#define noreturn _Noreturn
#endif
