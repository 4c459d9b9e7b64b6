// XML files, written by libxml2.

#ifndef BALIPROCESS_SERVICES_CAPACITY_IATI_XML_WRITER_H_
#define BALIPROCESS_SERVICES_CAPACITY_IATI_XML_WRITER_H_

#include <libxml/xmlwriter.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace baliprocess::capacity {

// Writes one document, in UTF-8. Text and values are escaped, and what XML doesn't allow at all,
// such as control characters, is dropped from them. Failures are kept for Finish().
class XmlWriter {
 public:
  // Those with an empty value aren't written.
  using Attributes = std::vector<std::pair<const char*, std::string>>;

  // An element that ends with the object.
  class Element {
   public:
    explicit Element(XmlWriter& writer) : writer_(writer) {}
    ~Element() { writer_.Check(xmlTextWriterEndElement(writer_.writer_.get())); }
    Element(const Element&) = delete;
    Element& operator=(const Element&) = delete;

   private:
    XmlWriter& writer_;
  };

  XmlWriter();

  // Starts an element; what is written as long as the object lives is within it.
  [[nodiscard]] Element Open(const char* name, const Attributes& attributes = {});

  // A whole element with nothing but text in it, or nothing at all.
  void Write(const char* name, const Attributes& attributes, std::string_view text = {});

  // The document. Call once, when all elements have ended.
  absl::StatusOr<std::string> Finish();

 private:
  template <auto free>
  struct Free {
    template <typename T>
    void operator()(T* object) const {
      free(object);
    }
  };

  // libxml2 tells failures by negative numbers.
  void Check(int result) { failed_ = failed_ || result < 0; }

  std::unique_ptr<xmlBuffer, Free<xmlBufferFree>> buffer_;
  // Writes into the buffer: is freed first.
  std::unique_ptr<xmlTextWriter, Free<xmlFreeTextWriter>> writer_;
  bool failed_ = false;
};

}  // namespace baliprocess::capacity

#endif  // BALIPROCESS_SERVICES_CAPACITY_IATI_XML_WRITER_H_
