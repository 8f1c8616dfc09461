// From the text of a form to an instruction that has it.
#pragma once

#include <string>
#include <vector>

#include "xe/instruction.h"
#include "xe/platform.h"

namespace xe_test {

/// A line of forms.txt, for one encoding and one number of channels.
struct ListedForm {
  std::string form;
  xpuq::xe::Encoding encoding;
  int channels;
};

/// A platform with that encoding.
inline xpuq::xe::Platform platform_of(xpuq::xe::Encoding e) {
  return e == xpuq::xe::Encoding::hpg ? xpuq::xe::Platform::dg2 : e == xpuq::xe::Encoding::hpc ? xpuq::xe::Platform::pvc : xpuq::xe::Platform::bmg;
}

/// Those of forms.txt. Empty where it cannot be read.
std::vector<ListedForm> listed_forms();

/// An arithmetic instruction: destination in r136, sources in r16, r56 and r96. `variant` chooses among regions, immediates
/// and truth tables. Its opcode is `illegal` where the text is none of arithmetic.
xpuq::xe::Instruction arithmetic_of(const ListedForm& listed, unsigned variant);

}  // namespace xe_test
