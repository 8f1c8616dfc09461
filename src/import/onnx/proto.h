// The compiled ONNX schema. Only this folder includes it.
#pragma once

#include <onnx/onnx_pb.h>
