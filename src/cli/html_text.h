// Text for HTML: names come from models that strangers made, so nothing enters a page but through these.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace xpuq::cli {

/// For element content and quoted attributes. What is not UTF-8, and control characters but for newline and tab, become
/// U+FFFD.
std::string escape_html(std::string_view text);

/// escape_html of at most `most` characters, "…" for the rest.
std::string shorten_html(std::string_view text, std::size_t most);

/// escape_html of the last `most` characters, which tell names of modules apart; "…" for what stood before.
std::string shorten_front_html(std::string_view text, std::size_t most);

/// A name of at most 200 characters inside <bdi>, so that no letter's direction leaks out.
std::string name_html(std::string_view name);

/// An entry of a <dl>; nothing when there is nothing to say.
std::string definition(std::string_view name, const std::string& html);

/// JSON text for a <script> element: no "<" is left in it.
std::string escape_script(std::string_view json);

/// Replaces each {{NAME}} of a template in one sweep; values are not looked into. Every name has a value.
std::string fill(std::string_view page, const std::vector<std::pair<std::string_view, std::string>>& values);

/// "sha256-…" of a text, as a Content-Security-Policy names an inline script.
std::string script_digest(std::string_view text);

/// Up to `digits` significant digits: "0.0187", "1.2e-05".
std::string format_significant(double value, int digits = 4);

}  // namespace xpuq::cli
