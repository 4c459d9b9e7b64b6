#include "services/meetings/content_lines.h"

#include <cstddef>

namespace baliprocess::meetings {
namespace {

constexpr size_t kMostOctets = 75;  // of a line, without its end

std::string Escaped(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '\n') {
      escaped += "\\n";
    } else if (c == '\\' || c == ';' || c == ',') {
      escaped += {'\\', c};
    } else if (c != '\r') {
      escaped += c;
    }
  }
  return escaped;
}

bool StartsCharacter(char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }

}  // namespace

void ContentLines::Add(std::string_view name, std::string_view value) {
  std::string line(name);
  line.append(":").append(value);
  size_t octets = 0;
  for (size_t at = 0; at < line.size();) {
    size_t end = at + 1;
    while (end < line.size() && !StartsCharacter(line[end])) ++end;
    if (octets + (end - at) > kMostOctets) {
      text_ += "\r\n ";
      octets = 1;
    }
    text_.append(line, at, end - at);
    octets += end - at;
    at = end;
  }
  text_ += "\r\n";
}

void ContentLines::AddText(std::string_view name, std::string_view value) {
  if (!value.empty()) Add(name, Escaped(value));
}

}  // namespace baliprocess::meetings
