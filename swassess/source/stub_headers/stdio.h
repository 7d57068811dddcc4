/* Text output, as far as firmware uses it. */
#ifndef SWASSESS_STDIO_H
#define SWASSESS_STDIO_H
#include <stdarg.h>
#include <stddef.h>
typedef struct swassess_file FILE;
extern FILE *stdin, *stdout, *stderr;
#define EOF (-1)
int printf(const char *format, ...);
int fprintf(FILE *to, const char *format, ...);
int sprintf(char *to, const char *format, ...);
int snprintf(char *to, size_t size, const char *format, ...);
int vprintf(const char *format, va_list list);
int vsnprintf(char *to, size_t size, const char *format, va_list list);
int sscanf(const char *text, const char *format, ...);
int putchar(int character);
int puts(const char *text);
int fputc(int character, FILE *to);
int getchar(void);
#endif
