#include "services/balictl/sheets/xml.h"

#include <libxml/parser.h>

#include <algorithm>
#include <memory>

#include "services/balictl/program/command_line.h"

namespace baliprocess::balictl {
namespace {

constexpr size_t kPiece = 65536;
constexpr size_t kLongestTag = 65536;
constexpr auto kMostAttributes = 200;

struct Reading {
  XmlHandler& handler;
  xmlParserCtxtPtr parser = nullptr;
  absl::Status status;

  void Stop(absl::Status why) {
    if (why.ok() || !status.ok()) return;
    status = std::move(why);
    xmlStopParser(parser);
  }
};

Reading& Of(void* reading) { return *static_cast<Reading*>(reading); }

std::string_view View(const xmlChar* text) { return reinterpret_cast<const char*>(text); }

void OnStart(void* reading, const xmlChar* name, const xmlChar*, const xmlChar*, int,
             const xmlChar**, int count, int, const xmlChar** values) {
  if (!Of(reading).status.ok()) return;
  XmlAttributes attributes;
  // Each is a name, a prefix, a namespace, and the beginning and the end of the value.
  for (int i = 0; i < count; ++i, values += 5) {
    const auto* begin = reinterpret_cast<const char*>(values[3]);
    const auto* end = reinterpret_cast<const char*>(values[4]);
    attributes.Add(View(values[0]), {begin, static_cast<size_t>(end - begin)});
  }
  Of(reading).Stop(Of(reading).handler.Start(View(name), attributes));
}

void OnEnd(void* reading, const xmlChar* name, const xmlChar*, const xmlChar*) {
  if (Of(reading).status.ok()) Of(reading).Stop(Of(reading).handler.End(View(name)));
}

void OnText(void* reading, const xmlChar* text, int size) {
  if (!Of(reading).status.ok()) return;
  Of(reading).handler.Text({reinterpret_cast<const char*>(text), static_cast<size_t>(size)});
}

void OnDocumentType(void* reading, const xmlChar*, const xmlChar*, const xmlChar*) {
  Of(reading).Stop(UsageError("has a document type, which spreadsheets have none of"));
}

// Whether there is a tag that is long, or has many attributes: each has an equals sign.
bool HasHugeTag(std::string_view document) {
  for (size_t begin = document.find('<'); begin != std::string_view::npos;) {
    const size_t end = std::min(document.find('>', begin), document.size());
    const std::string_view tag = document.substr(begin, end - begin);
    if (tag.size() > kLongestTag) return true;
    if (std::count(tag.begin(), tag.end(), '=') > kMostAttributes) return true;
    begin = document.find('<', end);
  }
  return false;
}

}  // namespace

absl::Status ReadXml(std::string_view document, XmlHandler& handler) {
  if (HasHugeTag(document)) {
    return UsageError("has a tag of XML that is larger than those of spreadsheets");
  }
  xmlSAXHandler sax = {};
  sax.initialized = XML_SAX2_MAGIC;
  sax.startElementNs = OnStart;
  sax.endElementNs = OnEnd;
  sax.characters = OnText;
  sax.cdataBlock = OnText;
  sax.internalSubset = OnDocumentType;
  Reading reading{handler, nullptr, absl::OkStatus()};
  const std::unique_ptr<xmlParserCtxt, decltype(&xmlFreeParserCtxt)> parser(
      xmlCreatePushParserCtxt(&sax, &reading, nullptr, 0, nullptr), &xmlFreeParserCtxt);
  if (parser == nullptr) return absl::ResourceExhaustedError("there is no memory to read the file");
  reading.parser = parser.get();
  // Without NOENT, `&amp;` of an attribute would come as another reference. There are no entities
  // beside those of XML itself, as there is no document type.
  xmlCtxtUseOptions(parser.get(),
                    XML_PARSE_NONET | XML_PARSE_NOENT | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
  int error = 0;
  for (size_t at = 0; at < document.size() && error == 0; at += kPiece) {
    const size_t size = std::min(kPiece, document.size() - at);
    error = xmlParseChunk(parser.get(), document.data() + at, static_cast<int>(size), 0);
  }
  if (error == 0) error = xmlParseChunk(parser.get(), nullptr, 0, 1);
  if (!reading.status.ok()) return reading.status;
  return error == 0 ? absl::OkStatus() : UsageError("is damaged: a part of it is no whole XML");
}

}  // namespace baliprocess::balictl
