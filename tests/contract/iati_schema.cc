#include "tests/contract/iati_schema.h"

#include <algorithm>
#include <map>
#include <optional>

#include "absl/strings/str_cat.h"

#include "common/base/date.h"

namespace baliprocess::testing {
namespace {

constexpr int kAny = 1 << 30;

struct Child {
  std::string name;
  int least = 0;
  int most = 1;
};
struct Element {
  std::vector<std::string> attributes;  // required
  std::vector<Child> children;          // in the standard's order
};

const std::vector<Child> kNarratives = {{"narrative", 1, kAny}};
const std::vector<Child> kNarrativesIfAny = {{"narrative", 0, kAny}};

const std::vector<Child> kActivity = {{"iati-identifier", 1},
                                      {"reporting-org", 1},
                                      {"title", 1},
                                      {"description", 1, kAny},
                                      {"participating-org", 1, kAny},
                                      {"other-identifier", 0, kAny},
                                      {"activity-status", 1},
                                      {"activity-date", 1, kAny},
                                      {"contact-info", 0, kAny},
                                      {"activity-scope"},
                                      {"recipient-country", 0, kAny},
                                      {"recipient-region", 0, kAny},
                                      {"location", 0, kAny},
                                      {"sector", 0, kAny},
                                      {"tag", 0, kAny},
                                      {"country-budget-items", 0, kAny},
                                      {"humanitarian-scope", 0, kAny},
                                      {"policy-marker", 0, kAny},
                                      {"collaboration-type"},
                                      {"default-flow-type"},
                                      {"default-finance-type"},
                                      {"default-aid-type", 0, kAny},
                                      {"default-tied-status"},
                                      {"budget", 0, kAny},
                                      {"planned-disbursement", 0, kAny},
                                      {"capital-spend"},
                                      {"transaction", 0, kAny},
                                      {"document-link", 0, kAny},
                                      {"related-activity", 0, kAny},
                                      {"legacy-data", 0, kAny},
                                      {"conditions"},
                                      {"result", 0, kAny},
                                      {"crs-add"},
                                      {"fss"}};

const std::vector<Child> kOrganisation = {{"organisation-identifier", 1},
                                          {"name", 1},
                                          {"reporting-org", 1},
                                          {"total-budget", 0, kAny},
                                          {"recipient-org-budget", 0, kAny},
                                          {"recipient-region-budget", 0, kAny},
                                          {"recipient-country-budget", 0, kAny},
                                          {"total-expenditure", 0, kAny},
                                          {"document-link", 0, kAny}};

const std::vector<Child> kTransaction = {
    {"transaction-type", 1},  {"transaction-date", 1}, {"value", 1},
    {"description"},          {"provider-org"},        {"receiver-org"},
    {"disbursement-channel"}, {"sector", 0, kAny},     {"recipient-country"},
    {"recipient-region"},     {"flow-type"},           {"finance-type"},
    {"aid-type", 0, kAny},    {"tied-status"}};

const std::vector<Child> kContact = {
    {"organisation"},       {"department"},     {"person-name"},      {"job-title"},
    {"telephone", 0, kAny}, {"email", 0, kAny}, {"website", 0, kAny}, {"mailing-address", 0, kAny}};

const std::vector<Child> kBudget = {{"period-start", 1}, {"period-end", 1}, {"value", 1}};

const std::vector<Child> kPlanned = {
    {"period-start", 1}, {"period-end"}, {"value", 1}, {"provider-org"}, {"receiver-org"}};

const std::vector<Child> kResult = {{"title", 1},
                                    {"description"},
                                    {"document-link", 0, kAny},
                                    {"reference", 0, kAny},
                                    {"indicator", 1, kAny}};

const std::vector<Child> kIndicator = {
    {"title", 1},           {"description"},       {"document-link", 0, kAny},
    {"reference", 0, kAny}, {"baseline", 0, kAny}, {"period", 0, kAny}};

const std::vector<Child> kPeriod = {
    {"period-start", 1}, {"period-end", 1}, {"target", 0, kAny}, {"actual", 0, kAny}};

const std::vector<Child> kActual = {
    {"location", 0, kAny}, {"dimension", 0, kAny}, {"comment"}, {"document-link", 0, kAny}};

const std::vector<Child> kDocumentLink = {{"title", 1},          {"description"},
                                          {"category", 1, kAny}, {"language", 0, kAny},
                                          {"document-date"},     {"recipient-country", 0, kAny}};

const std::map<std::string, Element> kElements = {
    {"iati-activities", {{"version"}, {{"iati-activity", 1, kAny}}}},
    {"iati-activity", {{}, kActivity}},
    {"iati-organisations", {{"version"}, {{"iati-organisation", 1, kAny}}}},
    {"iati-organisation", {{}, kOrganisation}},
    {"iati-identifier", {}},
    {"organisation-identifier", {}},
    {"narrative", {}},
    {"name", {{}, kNarratives}},
    {"title", {{}, kNarratives}},
    {"description", {{}, kNarratives}},
    {"comment", {{}, kNarratives}},
    {"reporting-org", {{"ref", "type"}, kNarratives}},
    {"participating-org", {{"role"}, kNarrativesIfAny}},
    {"activity-status", {{"code"}, {}}},
    {"activity-date", {{"iso-date", "type"}, kNarrativesIfAny}},
    {"recipient-country", {{"code"}, kNarrativesIfAny}},
    {"recipient-region", {{"code"}, kNarrativesIfAny}},
    {"sector", {{"code"}, kNarrativesIfAny}},
    {"contact-info", {{}, kContact}},
    {"organisation", {{}, kNarratives}},
    {"telephone", {}},
    {"email", {}},
    {"website", {}},
    {"budget", {{}, kBudget}},
    {"planned-disbursement", {{}, kPlanned}},
    {"transaction", {{}, kTransaction}},
    {"flow-type", {{"code"}, {}}},
    {"finance-type", {{"code"}, {}}},
    {"aid-type", {{"code"}, {}}},
    {"transaction-type", {{"code"}, {}}},
    {"transaction-date", {{"iso-date"}, {}}},
    // The standard has a default for the currency; the suite has none.
    {"value", {{"value-date", "currency"}, {}}},
    {"provider-org", {{}, kNarrativesIfAny}},
    {"receiver-org", {{}, kNarrativesIfAny}},
    {"document-link", {{"url", "format"}, kDocumentLink}},
    {"category", {{"code"}, {}}},
    {"language", {{"code"}, {}}},
    {"document-date", {{"iso-date"}, {}}},
    {"related-activity", {{"ref", "type"}, {}}},
    {"result", {{"type"}, kResult}},
    {"indicator", {{"measure"}, kIndicator}},
    {"period", {{}, kPeriod}},
    {"period-start", {{"iso-date"}, {}}},
    {"period-end", {{"iso-date"}, {}}},
    {"actual", {{"value"}, kActual}},
};

std::string NameOf(const xmlNode* node) { return reinterpret_cast<const char*>(node->name); }

std::optional<std::string> Attribute(const xmlNode* node, const char* name) {
  xmlChar* found = xmlGetNoNsProp(node, reinterpret_cast<const xmlChar*>(name));
  if (found == nullptr) return std::nullopt;
  std::string value = reinterpret_cast<const char*>(found);
  xmlFree(found);
  return value;
}

class Checker {
 public:
  std::vector<std::string> violations;

  void Check(const xmlNode* node) {
    const std::string name = NameOf(node);
    const auto rules = kElements.find(name);
    if (rules == kElements.end()) return Violate("the tables don't know ", name);
    for (const std::string& attribute : rules->second.attributes) {
      if (Attribute(node, attribute.c_str()).value_or("").empty()) {
        Violate(name, " lacks the attribute ", attribute);
      }
    }
    for (const char* attribute : {"iso-date", "value-date"}) CheckDay(node, attribute);
    CheckChildren(node, rules->second.children);
    for (const xmlNode* child = xmlFirstElementChild(const_cast<xmlNode*>(node)); child != nullptr;
         child = xmlNextElementSibling(const_cast<xmlNode*>(child))) {
      Check(child);
    }
  }

 private:
  template <typename... Texts>
  void Violate(const Texts&... texts) {
    violations.push_back(absl::StrCat(texts...));
  }

  void CheckDay(const xmlNode* node, const char* attribute) {
    const auto value = Attribute(node, attribute);
    if (!value) return;
    const auto date = ParseDate(*value);
    if (!date || date->day() == 0) Violate(NameOf(node), " has no day: ", *value);
  }

  void CheckChildren(const xmlNode* node, const std::vector<Child>& rules) {
    const std::string name = NameOf(node);
    std::vector<int> counts(rules.size());
    size_t latest = 0;
    for (const xmlNode* child = xmlFirstElementChild(const_cast<xmlNode*>(node)); child != nullptr;
         child = xmlNextElementSibling(const_cast<xmlNode*>(child))) {
      size_t place = 0;
      while (place < rules.size() && rules[place].name != NameOf(child)) ++place;
      if (place == rules.size()) {
        Violate(name, " can't contain ", NameOf(child));
        continue;
      }
      if (place < latest) Violate(name, " has ", rules[place].name, " after ", rules[latest].name);
      latest = std::max(latest, place);
      ++counts[place];
    }
    for (size_t i = 0; i < rules.size(); ++i) {
      if (counts[i] < rules[i].least) Violate(name, " lacks ", rules[i].name);
      if (counts[i] > rules[i].most) Violate(name, " has too many of ", rules[i].name);
    }
  }
};

}  // namespace

std::vector<std::string> IatiViolations(const XmlDocument& document) {
  if (document.root() == nullptr) return {"the document isn't well-formed"};
  Checker checker;
  checker.Check(document.root());
  return checker.violations;
}

}  // namespace baliprocess::testing
