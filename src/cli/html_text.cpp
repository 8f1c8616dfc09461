#include "cli/html_text.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "support/check.h"
#include "support/sha256.h"

namespace xpuq::cli {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

/// Bytes of the UTF-8 character at the start of `text` (RFC 3629); 0 when there is none.
std::size_t character(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xC2 && first <= 0xDF ? 2 : (first & 0xF0) == 0xE0 ? 3 : first >= 0xF0 && first <= 0xF4 ? 4 : 0;
  if (length == 0 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((byte(i) & 0xC0) != 0x80) return 0;
  const unsigned char second = byte(1);
  const bool overlong = (first == 0xE0 && second < 0xA0) || (first == 0xF0 && second < 0x90);
  const bool beyond = (first == 0xED && second > 0x9F) || (first == 0xF4 && second > 0x8F);
  return overlong || beyond ? 0 : length;
}

void append(std::string& out, std::string_view one) {
  if (one == "&") out += "&amp;";
  else if (one == "<") out += "&lt;";
  else if (one == ">") out += "&gt;";
  else if (one == "\"") out += "&quot;";
  else if (one == "'") out += "&#39;";
  else if (one.size() == 1 && (static_cast<unsigned char>(one[0]) < 0x20 || one[0] == 0x7F) && one != "\n" && one != "\t") out += kReplacement;
  else out += one;
}

}  // namespace

std::string shorten_html(std::string_view text, std::size_t most) {
  std::string out;
  for (std::size_t count = 0; !text.empty(); ++count) {
    if (count == most) return out + "…";
    const std::size_t length = character(text);
    if (length == 0) out += kReplacement;
    else append(out, text.substr(0, length));
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return out;
}

std::string shorten_front_html(std::string_view text, std::size_t most) {
  std::size_t start = text.size(), count = 0;
  while (start > 0) {
    const bool begins = (static_cast<unsigned char>(text[start - 1]) & 0xC0) != 0x80;
    if (begins && count++ == most) break;
    --start;
  }
  return (start > 0 ? "…" : "") + escape_html(text.substr(start));
}

std::string escape_html(std::string_view text) { return shorten_html(text, std::string_view::npos); }

std::string name_html(std::string_view name) { return "<bdi>" + shorten_html(name, 200) + "</bdi>"; }

std::string definition(std::string_view name, const std::string& html) {
  return html.empty() ? std::string() : "<dt>" + escape_html(name) + "</dt><dd>" + html + "</dd>";
}

std::string escape_script(std::string_view json) {
  std::string out;
  for (const char c : json) out += c == '<' ? std::string_view("\\u003c") : std::string_view(&c, 1);
  return out;
}

std::string fill(std::string_view page, const std::vector<std::pair<std::string_view, std::string>>& values) {
  std::string out;
  while (true) {
    const std::size_t open = page.find("{{");
    out += page.substr(0, open);
    if (open == std::string_view::npos) return out;
    const std::size_t close = page.find("}}", open);
    const std::string_view name = page.substr(open + 2, close - open - 2);
    const auto value = std::find_if(values.begin(), values.end(), [&](const auto& v) { return v.first == name; });
    XPUQ_CHECK(value != values.end(), "the page has a place that nothing fills");
    out += value->second;
    page.remove_prefix(close + 2);
  }
}

std::string script_digest(std::string_view text) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const std::string hex = sha256_hex(text);
  std::string out = "sha256-";
  // Six hexadecimal digits are four of base64; 64 leave four, which are 16 bits and one "=".
  for (std::size_t i = 0; i < hex.size(); i += 6) {
    std::string group = hex.substr(i, 6);
    const std::size_t digits = (group.size() * 4 + 5) / 6;
    group.resize(6, '0');
    std::uint32_t bits = 0;
    std::from_chars(group.data(), group.data() + 6, bits, 16);
    for (std::size_t d = 0; d < 4; ++d) out += d < digits ? kDigits[(bits >> (18 - 6 * d)) & 63] : '=';
  }
  return out;
}

std::string format_significant(double value, int digits) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, value, std::chars_format::general, digits);
  return {text, end.ptr};
}

}  // namespace xpuq::cli
