/* Marks what the shared library shows. Plain C. */
#ifndef XPUQ_EXPORT_H
#define XPUQ_EXPORT_H

#if defined(__GNUC__)
#define XPUQ_API __attribute__((visibility("default")))
#else
#define XPUQ_API
#endif

#endif
