#include "services/capacity/iati/iati_file.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "services/capacity/iati/xml_writer.h"

// Each function writes one element. The order of the elements within it is the standard's.
namespace baliprocess::capacity::iati {
namespace {

constexpr char kVersion[] = "2.03";
constexpr char kAsia[] = "798";    // Region: Asia, regional
constexpr char kUnits[] = "1";     // IndicatorMeasure
constexpr char kOutput[] = "1";    // ResultType
constexpr char kOriginal[] = "1";  // BudgetType
constexpr char kGeneral[] = "1";   // ContactType

std::string Code(int code) { return absl::StrCat(code); }
std::string Boolean(bool value) { return value ? "true" : "false"; }

// The language alone, in the two letters that IATI asks for; empty when it has none.
std::string LanguageOf(const std::string& tag) {
  const std::string language = tag.substr(0, tag.find('-'));
  return language.size() == 2 ? absl::AsciiStrToLower(language) : "";
}

// The media type, judged by the address.
std::string FormatOf(const std::string& uri) {
  const std::string path = absl::AsciiStrToLower(uri.substr(0, uri.find_first_of("?#")));
  return absl::EndsWith(path, ".pdf") ? "application/pdf" : "text/html";
}

void WriteNarrative(XmlWriter& xml, const std::string& text, const std::string& language = "") {
  if (!text.empty()) xml.Write("narrative", {{"xml:lang", language}}, text);
}

// An element around a narrative.
void WriteText(XmlWriter& xml, const char* element, const std::string& text,
               const std::string& language = "") {
  const auto around = xml.Open(element);
  WriteNarrative(xml, text, language);
}

void WriteOrganisation(XmlWriter& xml, const char* element, const Organisation& organisation,
                       const std::string& role = "") {
  const auto around = xml.Open(
      element, {{"ref", organisation.identifier}, {"type", organisation.type}, {"role", role}});
  WriteNarrative(xml, organisation.name);
}

void WriteDate(XmlWriter& xml, const ActivityDate& date) {
  const auto around =
      xml.Open("activity-date", {{"iso-date", date.day}, {"type", Code(date.type)}});
  WriteNarrative(xml, date.note);
}

void WriteRecipient(XmlWriter& xml, const std::string& country) {
  if (country.empty()) {
    xml.Write("recipient-region", {{"code", kAsia}, {"vocabulary", "1"}});
  } else {
    xml.Write("recipient-country", {{"code", country}});
  }
}

void WriteSector(XmlWriter& xml, const Sector& sector) {
  const auto around = xml.Open("sector", {{"vocabulary", sector.vocabulary},
                                          {"vocabulary-uri", sector.vocabulary_uri},
                                          {"code", sector.code},
                                          {"percentage", sector.percentage}});
  WriteNarrative(xml, sector.name);
}

// A code in an element of its own, if it is known.
void WriteCode(XmlWriter& xml, const char* element, const std::string& code) {
  if (!code.empty()) xml.Write(element, {{"code", code}});
}

void WriteContact(XmlWriter& xml, const Organisation& reporter, const Contact& contact) {
  if (!contact.IsGiven()) return;
  const auto around = xml.Open("contact-info", {{"type", kGeneral}});
  WriteText(xml, "organisation", reporter.name);
  if (!contact.phone.empty()) xml.Write("telephone", {}, contact.phone);
  if (!contact.email.empty()) xml.Write("email", {}, contact.email);
  if (!contact.uri.empty()) xml.Write("website", {}, contact.uri);
}

void WriteMoney(XmlWriter& xml, const Money& money) {
  xml.Write("value", {{"currency", money.currency}, {"value-date", money.day}}, money.value);
}

void WritePeriod(XmlWriter& xml, const std::string& first_day, const std::string& last_day) {
  xml.Write("period-start", {{"iso-date", first_day}});
  xml.Write("period-end", {{"iso-date", last_day}});
}

void WriteBudget(XmlWriter& xml, const Budget& budget) {
  const auto around = xml.Open(
      "budget", {{"type", kOriginal},
                 {"status", budget.status == Budget::kNotGiven ? "" : Code(budget.status)}});
  WritePeriod(xml, budget.first_day, budget.last_day);
  WriteMoney(xml, budget.money);
}

void WritePlanned(XmlWriter& xml, const Organisation& receiver,
                  const PlannedDisbursement& planned) {
  const auto around = xml.Open("planned-disbursement", {{"type", kOriginal}});
  WritePeriod(xml, planned.first_day, planned.last_day);
  WriteMoney(xml, planned.money);
  WriteOrganisation(xml, "provider-org", planned.provider);
  WriteOrganisation(xml, "receiver-org", receiver);
}

void WriteTransaction(XmlWriter& xml, const Organisation& receiver,
                      const Transaction& transaction) {
  const auto around = xml.Open("transaction", {{"ref", transaction.reference}});
  xml.Write("transaction-type", {{"code", Code(transaction.type)}});
  xml.Write("transaction-date", {{"iso-date", transaction.day}});
  WriteMoney(xml, transaction.money);
  if (!transaction.description.empty()) WriteText(xml, "description", transaction.description);
  WriteOrganisation(xml, "provider-org", transaction.provider);
  WriteOrganisation(xml, "receiver-org", receiver);
  WriteCode(xml, "flow-type", transaction.aid.flow_type);
  WriteCode(xml, "finance-type", transaction.aid.finance_type);
  WriteCode(xml, "aid-type", transaction.aid.aid_type);
}

void WriteDocumentLink(XmlWriter& xml, const DocumentLink& document) {
  const std::string language = LanguageOf(document.language);
  const auto around =
      xml.Open("document-link", {{"format", FormatOf(document.uri)}, {"url", document.uri}});
  WriteText(xml, "title", document.title, language);
  xml.Write("category", {{"code", document.category}});
  if (!language.empty()) xml.Write("language", {{"code", language}});
  if (!document.day.empty()) xml.Write("document-date", {{"iso-date", document.day}});
}

void WriteActual(XmlWriter& xml, const Actual& actual) {
  const auto period = xml.Open("period");
  WritePeriod(xml, actual.first_day, actual.last_day);
  const auto around = xml.Open("actual", {{"value", actual.value}});
  WriteText(xml, "comment", actual.comment);
}

void WriteResult(XmlWriter& xml, const Result& result) {
  const std::string adds_up = Boolean(result.adds_up);
  const auto around = xml.Open("result", {{"type", kOutput}, {"aggregation-status", adds_up}});
  WriteText(xml, "title", result.title);
  for (const std::vector<Actual>& actuals : result.indicators) {
    const auto indicator = xml.Open(
        "indicator", {{"measure", kUnits}, {"ascending", "true"}, {"aggregation-status", adds_up}});
    WriteText(xml, "title", result.title);
    for (const Actual& actual : actuals) WriteActual(xml, actual);
  }
}

void WriteActivity(XmlWriter& xml, const Organisation& reporter, const Contact& contact,
                   const Activity& activity) {
  const auto around = xml.Open("iati-activity", {{"xml:lang", "en"},
                                                 {"hierarchy", Code(activity.hierarchy)},
                                                 {"last-updated-datetime", activity.last_updated}});
  xml.Write("iati-identifier", {}, activity.identifier);
  WriteOrganisation(xml, "reporting-org", reporter);
  WriteText(xml, "title", activity.title);
  WriteText(xml, "description", activity.description);
  for (const Participant& participant : activity.participants) {
    WriteOrganisation(xml, "participating-org", participant.organisation, Code(participant.role));
  }
  xml.Write("activity-status", {{"code", Code(activity.status)}});
  for (const ActivityDate& date : activity.dates) WriteDate(xml, date);
  WriteContact(xml, reporter, contact);
  WriteRecipient(xml, activity.country);
  for (const Sector& sector : activity.sectors) WriteSector(xml, sector);
  for (const Budget& budget : activity.budgets) WriteBudget(xml, budget);
  for (const PlannedDisbursement& planned : activity.planned) WritePlanned(xml, reporter, planned);
  for (const Transaction& transaction : activity.transactions) {
    WriteTransaction(xml, reporter, transaction);
  }
  for (const DocumentLink& document : activity.documents) WriteDocumentLink(xml, document);
  for (const RelatedActivity& related : activity.related) {
    xml.Write("related-activity", {{"ref", related.identifier}, {"type", Code(related.type)}});
  }
  for (const Result& result : activity.results) WriteResult(xml, result);
}

XmlWriter::Attributes FileAttributes(absl::Time now) {
  return {{"version", kVersion}, {"generated-datetime", FormatMoment(now)}};
}

}  // namespace

absl::StatusOr<std::string> WriteActivityFile(const Organisation& reporter, const Contact& contact,
                                              const std::vector<Activity>& activities,
                                              absl::Time now) {
  XmlWriter xml;
  {
    const auto file = xml.Open("iati-activities", FileAttributes(now));
    for (const Activity& activity : activities) WriteActivity(xml, reporter, contact, activity);
  }
  return xml.Finish();
}

absl::StatusOr<std::string> WriteOrganisationFile(const Organisation& reporter,
                                                  const std::vector<DocumentLink>& documents,
                                                  absl::Time now) {
  XmlWriter xml;
  {
    const auto file = xml.Open("iati-organisations", FileAttributes(now));
    const auto organisation = xml.Open("iati-organisation", {{"xml:lang", "en"}});
    xml.Write("organisation-identifier", {}, reporter.identifier);
    WriteText(xml, "name", reporter.name);
    WriteOrganisation(xml, "reporting-org", reporter);
    for (const DocumentLink& document : documents) WriteDocumentLink(xml, document);
  }
  return xml.Finish();
}

std::string FormatMoment(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone());
}

}  // namespace baliprocess::capacity::iati
