#include "services/capacity/iati/xml_writer.h"

#include <libxml/parser.h>

#include "absl/status/status.h"

namespace baliprocess::capacity {
namespace {

const xmlChar* Xml(const char* text) { return reinterpret_cast<const xmlChar*>(text); }

// libxml2 sets up its tables when first used, which two threads must not do at once.
void InitialiseOnce() {
  static const bool done = [] {
    xmlInitParser();
    return true;
  }();
  static_cast<void>(done);
}

// What XML 1.0 allows (section 2.2) of text that is valid UTF-8: without U+FFFE, U+FFFF and the
// control characters below the space, but for tab and line feed.
std::string Allowed(std::string_view text) {
  std::string allowed;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x20 && byte != '\t' && byte != '\n') continue;
    const std::string_view character = text.substr(i, 3);
    if (character == "\xef\xbf\xbe" || character == "\xef\xbf\xbf") {
      i += 2;
      continue;
    }
    allowed += text[i];
  }
  return allowed;
}

}  // namespace

XmlWriter::XmlWriter() {
  InitialiseOnce();
  buffer_.reset(xmlBufferCreate());
  writer_.reset(xmlNewTextWriterMemory(buffer_.get(), 0));
  Check(xmlTextWriterSetIndent(writer_.get(), 1));
  Check(xmlTextWriterStartDocument(writer_.get(), nullptr, "UTF-8", nullptr));
}

XmlWriter::Element XmlWriter::Open(const char* name, const Attributes& attributes) {
  Check(xmlTextWriterStartElement(writer_.get(), Xml(name)));
  for (const auto& [attribute, value] : attributes) {
    if (value.empty()) continue;
    Check(xmlTextWriterWriteAttribute(writer_.get(), Xml(attribute), Xml(Allowed(value).c_str())));
  }
  return Element(*this);
}

void XmlWriter::Write(const char* name, const Attributes& attributes, std::string_view text) {
  const Element element = Open(name, attributes);
  if (!text.empty()) {
    Check(xmlTextWriterWriteString(writer_.get(), Xml(Allowed(text).c_str())));
  }
}

absl::StatusOr<std::string> XmlWriter::Finish() {
  Check(xmlTextWriterEndDocument(writer_.get()));
  writer_.reset();
  if (failed_) return absl::InternalError("libxml2 couldn't write the document");
  return std::string(reinterpret_cast<const char*>(xmlBufferContent(buffer_.get())),
                     static_cast<size_t>(xmlBufferLength(buffer_.get())));
}

}  // namespace baliprocess::capacity
