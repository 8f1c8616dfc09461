#include "cli/pass_list.h"

#include "cli/text_table.h"
#include "pipeline/pipeline.h"

namespace xpuq::cli {

void list_passes(Invocation& invocation) {
  Rows rows;
  Json& list = invocation.result()["passes"] = Json::array();
  for (const Pass& pass : passes()) {
    rows.push_back({std::string(pass.name), std::string(to_string(pass.phase)), std::string(pass.summary)});
    list.push_back({{"name", pass.name}, {"phase", to_string(pass.phase)}, {"summary", pass.summary}});
  }
  invocation.print(align(rows));
}

}  // namespace xpuq::cli
