// Forms of all machine code that an artifact's GPU sections hold.
#pragma once

#include <string>

#include "forms.h"

namespace xe_test {

/// Adds them. Empty, or why the artifact cannot be read.
std::string add_artifact(const std::string& path, Forms& forms);

}  // namespace xe_test
