/* General functions. */
#ifndef SWASSESS_STDLIB_H
#define SWASSESS_STDLIB_H
#include <stddef.h>
#define EXIT_SUCCESS 0
#define EXIT_FAILURE 1
#define RAND_MAX 2147483647
int abs(int value);
long labs(long value);
int atoi(const char *text);
long atol(const char *text);
double atof(const char *text);
long strtol(const char *text, char **rest, int base);
unsigned long strtoul(const char *text, char **rest, int base);
double strtod(const char *text, char **rest);
int rand(void);
void srand(unsigned int seed);
void *malloc(size_t size);
void *calloc(size_t count, size_t size);
void *realloc(void *block, size_t size);
void free(void *block);
_Noreturn void abort(void);
_Noreturn void exit(int status);
void qsort(void *first, size_t count, size_t size, int (*order)(const void *, const void *));
#endif
