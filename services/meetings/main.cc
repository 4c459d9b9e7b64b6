// The meetings service: from the invitation to the decision.

#include <cstdint>
#include <string>

#include "absl/flags/flag.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "baliprocess/api/v1/field.pb.h"
#include "common/resource/contract/formats.h"
#include "common/resource/program/service_main.h"
#include "services/meetings/service.h"

// absl finds how to read and write the types of flags by their own namespace.
namespace baliprocess::meetings {
namespace {

// An address of HTTP without a slash at its end, or nothing.
struct PublicUrl {
  std::string text;
};

// An email address, or nothing.
struct EmailAddress {
  std::string text;
};

bool ParseAs(api::v1::FieldRules::Format format, absl::string_view text, std::string& value,
             std::string* error) {
  value = std::string(text);
  if (value.empty()) return true;
  const char* why_not = resource::WhyNotOfFormat(value, format);
  if (why_not != nullptr) *error = absl::StrCat("must be ", why_not);
  return why_not == nullptr;
}

bool AbslParseFlag(absl::string_view text, PublicUrl* url, std::string* error) {
  if (!absl::EndsWith(text, "/")) {
    return ParseAs(api::v1::FieldRules::URI, text, url->text, error);
  }
  *error = "must not end with a slash";
  return false;
}

std::string AbslUnparseFlag(const PublicUrl& url) { return url.text; }

bool AbslParseFlag(absl::string_view text, EmailAddress* address, std::string* error) {
  return ParseAs(api::v1::FieldRules::EMAIL, text, address->text, error);
}

std::string AbslUnparseFlag(const EmailAddress& address) { return address.text; }

}  // namespace
}  // namespace baliprocess::meetings

ABSL_FLAG(int64_t, max_document_bytes, baliprocess::meetings::Settings().max_document_bytes,
          "The most bytes that the contents of all versions of a document have together. A content "
          "that several versions share counts once.");
ABSL_FLAG(baliprocess::meetings::PublicUrl, public_url, {},
          "What stands before the paths of HTTP, such as https://suite.example.org: calendars then "
          "tell where each meeting is found. Empty: they don't.");
ABSL_FLAG(
    baliprocess::meetings::EmailAddress, organizer_email, {},
    "The email address of who organises meetings, for calendars. Empty: they tell no organiser.");
ABSL_FLAG(std::string, organizer_name, "Bali Process Regional Support Office",
          "The name of who organises meetings, beside --organizer_email.");

namespace baliprocess::meetings {
namespace {

rpc::MethodTable MethodsByFlags(resource::Engine& engine) {
  Settings settings;
  settings.max_document_bytes = absl::GetFlag(FLAGS_max_document_bytes);
  settings.public_url = absl::GetFlag(FLAGS_public_url).text;
  settings.organizer_email = absl::GetFlag(FLAGS_organizer_email).text;
  settings.organizer_name = absl::GetFlag(FLAGS_organizer_name);
  return Methods(engine, settings);
}

}  // namespace
}  // namespace baliprocess::meetings

int main(int argc, char** argv) {
  return baliprocess::resource::ServiceMain(
      {.program = {.usage = "meetings [flags]\n\n"
                            "Serves meetings, agendas, delegations, statements, decisions, action "
                            "items, documents and calendars.",
                   .secret_flags = {},
                   .positional_arguments = false},
       .schema_version = baliprocess::meetings::kSchemaVersion,
       .peers = {"membership"},
       .resources = baliprocess::meetings::Resources,
       .methods = baliprocess::meetings::MethodsByFlags},
      argc, argv);
}
