// list_forms ARTIFACT...: every form of instruction in the modules of the artifacts' GPU sections, with its numbers of
// channels; tests/unit/xe/forms.txt is made by it.
#include <cstdio>

#include "unit/xe/artifact_forms.h"

int main(int argc, char** argv) {
  xe_test::Forms forms;
  for (int a = 1; a < argc; ++a) {
    if (const std::string problem = xe_test::add_artifact(argv[a], forms); !problem.empty()) {
      std::fprintf(stderr, "%s\n", problem.c_str());
      return 1;
    }
  }
  std::fputs(xe_test::to_text(forms).c_str(), stdout);
}
