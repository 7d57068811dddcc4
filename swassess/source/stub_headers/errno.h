/* The error number and the codes firmware libraries return. */
#ifndef SWASSESS_ERRNO_H
#define SWASSESS_ERRNO_H
extern int errno;
#define ENOENT 2
#define EIO 5
#define ENOMEM 12
#define EBUSY 16
#define EINVAL 22
#define EDOM 33
#define ERANGE 34
#define ETIMEDOUT 116
#endif
