// Files of class names.
#include "samples/labels.h"
#include "target.h"

XPUQ_FUZZ_TARGET(labels) { (void)xpuq::samples::parse_labels(xpuq::fuzz::text_of(bytes), "labels.txt"); }
