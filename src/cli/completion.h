// Completion scripts, made from the option table.
#pragma once

#include <string>
#include <vector>

#include "cli/option_table.h"

namespace xpuq::cli {

/// Words of --completion: bash, fish, zsh.
std::vector<std::string> completion_shells();
/// The script for one of them. It completes options and what they take: closed lists, suggestions, comma lists, files,
/// and the names of nodes by asking xpuq-compile --list-nodes about the model on the line.
std::string completion_script(const std::string& shell, const std::string& command, const OptionTable& table);

// What the shells' scripts have in common.

/// The words that may be the option's value; empty: a file or any text.
const std::vector<std::string>& offered(const OptionSpec& option);
/// The form that help shows, "--no-softmax" for what is on by default.
std::string shown_name(const OptionSpec& option);
/// "_xpuq_run".
std::string function_name(const std::string& command);
/// 'text' for a POSIX shell or zsh.
std::string single_quoted(const std::string& text);

std::string bash_completion(const std::string& command, const OptionTable& table);
std::string fish_completion(const std::string& command, const OptionTable& table);
std::string zsh_completion(const std::string& command, const OptionTable& table);

}  // namespace xpuq::cli
