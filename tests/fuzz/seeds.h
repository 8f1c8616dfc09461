// The inputs that fuzzing starts from: the fixtures of the other tests, in the form that each target takes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace xpuq::fuzz {

std::vector<std::string> seeds(std::string_view target);

}  // namespace xpuq::fuzz
