// The text of --help: made from the option table, 80 columns, two examples first.
#pragma once

#include <string>

#include "cli/command.h"
#include "cli/option_table.h"

namespace xpuq::cli {

std::string help_text(const Command& command, const OptionTable& table);
/// "usage: xpuq-run [options] ..." for a command line without operands.
std::string synopsis_text(const Command& command);

/// The page of --help TOPIC; empty when there is no such topic.
std::string help_topic(const std::string& topic);
const std::vector<std::string>& help_topics();

}  // namespace xpuq::cli
