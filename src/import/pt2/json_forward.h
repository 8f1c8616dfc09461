// Names Json without its 25 000 lines: the operators only pass pointers on.
#pragma once

#include <nlohmann/json_fwd.hpp>

namespace xpuq {
using Json = nlohmann::ordered_json;
}
