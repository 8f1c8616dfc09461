// The exported program inside a .pt2 archive: an input is model.json, a zero byte, and the JSON that describes the
// weights, around which an archive is made. Every weight's storage is there, full of small floats.
#include "import/pt2/import.h"
#include "ir/verify.h"
#include "support/json.h"
#include "target.h"
#include "unit/import_pt2/archive_builder.h"

using namespace xpuq;

XPUQ_FUZZ_TARGET(pt2_program) {
  const std::string_view text = fuzz::text_of(bytes);
  const std::size_t end = std::min(text.find('\0'), text.size());
  const std::string weights(end < text.size() ? text.substr(end + 1) : std::string_view(R"({"config":{}})"));
  std::vector<test::ZipItem> items{{"m/models/model.json", std::string(text.substr(0, end))},
                                   {"m/data/weights/model_weights_config.json", weights},
                                   {"m/archive_format", "pt2"}, {"m/archive_version", "0"}, {"m/byteorder", "little"}};
  if (const auto config = parse_json(weights, "E307", "weights"); config.ok() && config->contains("config"))
    for (std::size_t i = 0; i < std::min<std::size_t>((*config)["config"].size(), 64); ++i)
      items.push_back({"m/data/weights/weight_" + std::to_string(i), std::string(4096, '\x3d')});
  const auto archive = std::make_shared<const std::string>(test::make_zip(items));
  const auto model = import_pt2("model.pt2", std::as_bytes(std::span(*archive)), archive, {.batch = 1, .shapes = {}});
  if (model.ok()) fuzz::require_sound(verify(model->graph));
}
