// XML of others, element by element.

#ifndef BALIPROCESS_SERVICES_BALICTL_SHEETS_XML_H_
#define BALIPROCESS_SERVICES_BALICTL_SHEETS_XML_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"

namespace baliprocess::balictl {

// The attributes of an element, by their names without prefix.
class XmlAttributes {
 public:
  void Add(std::string_view name, std::string_view value) { values_.emplace_back(name, value); }

  // "" when there is none.
  std::string_view Of(std::string_view name) const {
    for (const auto& [own, value] : values_) {
      if (own == name) return value;
    }
    return "";
  }

 private:
  std::vector<std::pair<std::string_view, std::string_view>> values_;
};

// What hears of a document. Names of elements come without their prefix. A status that isn't OK
// ends the reading.
class XmlHandler {
 public:
  virtual ~XmlHandler() = default;
  virtual absl::Status Start(std::string_view element, const XmlAttributes& attributes) = 0;
  // A text comes in any number of pieces.
  virtual void Text(std::string_view text) = 0;
  virtual absl::Status End(std::string_view element) = 0;
};

// Reads a document, with the limits of libxml2 (256 levels, 10 MB of one text), and tags of 64 KiB
// and about 200 attributes: the time that a tag takes grows with the square of these. A document
// type, and with it every entity of its own, is refused. Nothing is fetched. Errors are of usage,
// and complete the sentence "the file ...".
absl::Status ReadXml(std::string_view document, XmlHandler& handler);

}  // namespace baliprocess::balictl

#endif  // BALIPROCESS_SERVICES_BALICTL_SHEETS_XML_H_
