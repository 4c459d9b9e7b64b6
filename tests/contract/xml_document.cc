#include "tests/contract/xml_document.h"

#include <libxml/parser.h>
#include <libxml/xpath.h>

namespace baliprocess::testing {
namespace {

std::string TextOf(xmlNode* node) {
  xmlChar* content = xmlNodeGetContent(node);
  std::string text = reinterpret_cast<const char*>(content);
  xmlFree(content);
  return text;
}

}  // namespace

XmlDocument::XmlDocument(const std::string& text)
    : document_(xmlReadMemory(text.data(), static_cast<int>(text.size()), "document.xml", nullptr,
                              XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING)) {}

const xmlNode* XmlDocument::root() const {
  return document_ ? xmlDocGetRootElement(document_.get()) : nullptr;
}

std::vector<std::string> XmlDocument::Select(const std::string& path) const {
  if (!document_) return {"not well-formed"};
  const std::unique_ptr<xmlXPathContext, decltype(&xmlXPathFreeContext)> context(
      xmlXPathNewContext(document_.get()), xmlXPathFreeContext);
  const std::unique_ptr<xmlXPathObject, decltype(&xmlXPathFreeObject)> found(
      xmlXPathEval(reinterpret_cast<const xmlChar*>(path.c_str()), context.get()),
      xmlXPathFreeObject);
  if (!found) return {"no XPath expression: " + path};
  std::vector<std::string> texts;
  for (int i = 0; i < xmlXPathNodeSetGetLength(found->nodesetval); ++i) {
    texts.push_back(TextOf(xmlXPathNodeSetItem(found->nodesetval, i)));
  }
  return texts;
}

}  // namespace baliprocess::testing
