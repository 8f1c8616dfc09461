// Manual pages: prose from short text files, options from the table that --help shows.
#pragma once

#include <string>

#include "cli/command.h"
#include "xpuq/result.h"

namespace xpuq::cli {

/// A page for man from its text. The first line is the date of the text; then
///   # SECTION         begins a section
///   plain lines       a paragraph up to the next empty line, `code` in bold
///   indented lines    shown as they are
///   @synopsis, @options, @help TOPIC    what the command says itself
/// `name` is "xpuq-run", `section` is "1". `command` may be null for a page about none; then only @help is known.
/// E203 for a line that has no meaning, with its number.
Result<std::string> manual_page(const std::string& name, const std::string& section, const std::string& text, const Command* command);

}  // namespace xpuq::cli
