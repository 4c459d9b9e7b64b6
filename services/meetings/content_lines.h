// The lines that iCalendar objects are made of (RFC 5545 3.1).

#ifndef BALIPROCESS_SERVICES_MEETINGS_CONTENT_LINES_H_
#define BALIPROCESS_SERVICES_MEETINGS_CONTENT_LINES_H_

#include <string>
#include <string_view>

namespace baliprocess::meetings {

class ContentLines {
 public:
  // Adds a line: `name`, with its parameters, and the value as it is. Folded after 75 octets, never
  // within a character.
  void Add(std::string_view name, std::string_view value);

  // Adds a line with a value of the type TEXT: escaped (3.3.11). Nothing when it is empty.
  void AddText(std::string_view name, std::string_view value);

  // Adds all lines of `more`.
  void Append(const ContentLines& more) { text_ += more.text_; }

  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

}  // namespace baliprocess::meetings

#endif  // BALIPROCESS_SERVICES_MEETINGS_CONTENT_LINES_H_
