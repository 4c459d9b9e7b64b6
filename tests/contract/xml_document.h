// XML documents in tests, as libxml2 parses them.

#ifndef BALIPROCESS_TESTS_CONTRACT_XML_DOCUMENT_H_
#define BALIPROCESS_TESTS_CONTRACT_XML_DOCUMENT_H_

#include <libxml/tree.h>

#include <memory>
#include <string>
#include <vector>

namespace baliprocess::testing {

class XmlDocument {
 public:
  // Without a root when `text` isn't well-formed.
  explicit XmlDocument(const std::string& text);

  // nullptr when the text wasn't well-formed.
  const xmlNode* root() const;

  // The texts of what an XPath expression selects, in the order of the document.
  std::vector<std::string> Select(const std::string& path) const;

 private:
  struct Free {
    void operator()(xmlDoc* document) const { xmlFreeDoc(document); }
  };
  std::unique_ptr<xmlDoc, Free> document_;
};

}  // namespace baliprocess::testing

#endif  // BALIPROCESS_TESTS_CONTRACT_XML_DOCUMENT_H_
