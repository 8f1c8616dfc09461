#include "cli/model_options.h"

#include "cli/parse_values.h"
#include "cli/usage_error.h"

namespace xpuq::cli {

Result<std::map<std::string, Shape>> read_shapes(const Arguments& arguments) {
  std::map<std::string, Shape> shapes;
  for (const std::string& text : arguments.values("--shape")) {
    const NamedText named = split_input(text);
    XPUQ_ASSIGN(Shape shape, parse_shape(named.value, "--shape"));
    const auto [it, fresh] = shapes.emplace(named.input, shape);
    if (!fresh && it->second != shape)
      return make_error(kContradiction, "--shape",
                        "gives two shapes to " + (named.input.empty() ? "the input" : "input '" + named.input + "'"),
                        to_string(it->second) + " and " + to_string(shape));
  }
  return shapes;
}

}  // namespace xpuq::cli
