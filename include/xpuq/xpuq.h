/* Running an artifact from C, and from any language that can call C. Plain C99; needs libxpuq.so and nothing else.
 *
 *   xpuq_executor* e;
 *   if (xpuq_open("model.xpuq", NULL, &e) != XPUQ_OK) fprintf(stderr, "%s\n", xpuq_last_error());
 *   xpuq_bind_input(e, 0, pixels, sizeof pixels);
 *   xpuq_bind_output(e, 0, scores, sizeof scores);
 *   xpuq_run(e);
 *   xpuq_close(e);
 *
 * Threads. An executor serves one thread at a time; different executors run at the same time. For one more thread on
 * the same weights take xpuq_clone. Every other function may be called from any thread.
 *
 * Lifetime. What a function returns by pointer belongs to the executor and lives until xpuq_close; only the text of
 * xpuq_last_error belongs to the calling thread. Bound buffers belong to the caller and must outlive the runs that use
 * them. The artifact is mapped: while an executor is open its file may be replaced or deleted, not overwritten in place.
 * With a public_key it is read into memory once, and nothing done to the file after xpuq_open matters.
 *
 * Binary compatibility. Handles are opaque; xpuq_options begins with its own size, and xpuq_port is only ever handed
 * out by pointer, so that fields can be added at the end of both.
 */
#ifndef XPUQ_XPUQ_H
#define XPUQ_XPUQ_H

#include <stddef.h>
#include <stdint.h>

#include "xpuq/export.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Result of a call: XPUQ_OK, or the number of an error as the commands print it (204 for E204). The first digit is
 *  the kind: 1 failed while running, 2 wrong arguments, 5 artifact or device. xpuq_last_error has the words. */
typedef int32_t xpuq_status;
enum {
  XPUQ_OK = 0,
  XPUQ_UNEXPECTED = 100,     /**< a bug; please report it */
  XPUQ_NO_RESOURCES = 101,   /**< out of memory, device lost, unreadable file */
  XPUQ_WRONG_ARGUMENT = 103, /**< null pointer, index or byte count that does not fit, a buffer that is not bound */
  XPUQ_NO_FILE = 204,
  XPUQ_NO_PLAN = 209,        /**< no plan of this batch in the artifact */
  XPUQ_BAD_KEY = 211,        /**< not a public Ed25519 key in PEM */
  XPUQ_NEWER_ARTIFACT = 501,
  XPUQ_BAD_ARTIFACT = 502,
  XPUQ_NO_DEVICE = 503,
  XPUQ_NOT_SIGNED = 504      /**< no ARTIFACT.sig, or not a signature of these bytes with this key */
};

/** Element types, in the order of xpuq::DataType. */
typedef enum xpuq_type {
  XPUQ_F32, XPUQ_BF16, XPUQ_F16, XPUQ_F64, XPUQ_S8, XPUQ_U8, XPUQ_S16, XPUQ_S32, XPUQ_S64, XPUQ_BOOL
} xpuq_type;

/** An artifact made ready on one device. */
typedef struct xpuq_executor xpuq_executor;

typedef struct xpuq_options {
  size_t size;        /**< sizeof(xpuq_options) of the caller */
  const char* device; /**< "auto", "cpu", "gpu", "gpu:N", "emulated:PART"; NULL is "auto" */
  int32_t threads;    /**< CPU threads; 0: all cores the process may use */
  int64_t batch;      /**< picks the plan of this batch, in samples; 0: the artifact's first */
  const char* public_key; /**< PEM file of an Ed25519 key: opens only what its holder signed (xpuq-compile --sign);
                               NULL: anything */
} xpuq_options;
#define XPUQ_OPTIONS_INIT {sizeof(xpuq_options), NULL, 0, 0, NULL}

/** One input or output: a row-major array without gaps. */
typedef struct xpuq_port {
  const char* name;     /**< in the model; UTF-8 */
  xpuq_type type;
  uint32_t rank;        /**< entries of shape; 0 is a scalar */
  const int64_t* shape; /**< outermost first, batch included */
  size_t bytes;         /**< of the whole array */
} xpuq_port;

/** Version of the library, "0.1.0". */
XPUQ_API const char* xpuq_version(void);

/** Why the last call that failed on this thread did: lines of UTF-8 with code, who, what, got, expected and what to try.
 *  Good until the next call that fails on this thread; never NULL. */
XPUQ_API const char* xpuq_last_error(void);

/** Opens an artifact and makes it ready. `options` may be NULL. On failure *executor is NULL.
 *  Errors: 103, 101, 204, 209, 501, 502, 503; with a key also 211, 504. */
XPUQ_API xpuq_status xpuq_open(const char* artifact, const xpuq_options* options, xpuq_executor** executor);
/** One more executor on the artifact, plan and device of another, for another thread; nothing is bound to it yet.
 *  Either may be closed first. Errors: 103, 101, 503. */
XPUQ_API xpuq_status xpuq_clone(const xpuq_executor* executor, xpuq_executor** clone);
/** NULL is allowed. */
XPUQ_API void xpuq_close(xpuq_executor* executor);

/** Where it runs: "cpu", "gpu:0", "emulated:b580". */
XPUQ_API const char* xpuq_device(const xpuq_executor* executor);
XPUQ_API size_t xpuq_input_count(const xpuq_executor* executor);
XPUQ_API size_t xpuq_output_count(const xpuq_executor* executor);
/** NULL when there is no such input or output. */
XPUQ_API const xpuq_port* xpuq_input(const xpuq_executor* executor, size_t index);
XPUQ_API const xpuq_port* xpuq_output(const xpuq_executor* executor, size_t index);

/** Names the array that input `index` is read from in each run, or that output `index` is written to; `bytes` must be
 *  the port's. A binding stays until the next one. The CPU engine works in float arrays themselves, without a copy; an
 *  array on a GPU is copied to and from the device. Inputs and outputs must not overlap. Error: 103. */
XPUQ_API xpuq_status xpuq_bind_input(xpuq_executor* executor, size_t index, const void* data, size_t bytes);
XPUQ_API xpuq_status xpuq_bind_output(xpuq_executor* executor, size_t index, void* data, size_t bytes);

/** One inference on the bound arrays; returns when the outputs are written. Errors: 103 something is not bound, 101. */
XPUQ_API xpuq_status xpuq_run(xpuq_executor* executor);

#ifdef __cplusplus
}
#endif

#endif
