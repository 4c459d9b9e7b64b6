#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

#include "baliprocess/meetings/v1/document.pb.h"
#include "common/resource/contract/names.h"
#include "services/meetings/document_versions.h"
#include "services/meetings/rules.h"

namespace baliprocess::meetings {
namespace {

using v1::Document;

void ValidateVersions(const Document& document, const std::string& path, Violations& violations) {
  for (int i = 0; i < document.versions_size(); ++i) {
    const Document::Content& version = document.versions(i);
    const std::string at = absl::StrCat(path, ".versions[", i, "]");
    if (version.version() != i + 1) {
      violations.Add(at + ".version", absl::StrCat("must be ", i + 1, ", its place in the list"));
    }
    if (!IsSha256(version.sha256())) violations.Add(at + ".sha256", kSha256Rule);
    if (version.media_type().empty()) violations.Add(at + ".media_type", "is required");
    if (!version.has_upload_time()) violations.Add(at + ".upload_time", "is required");
  }
}

void Validate(const Document& document, std::string_view prefix, Violations& violations) {
  const std::string path(prefix);
  ValidateOfMeeting(document.agenda_item(), resource::ParentOf(document.name()),
                    path + ".agenda_item", violations);
  ValidateVersions(document, path, violations);
}

absl::Status Check(resource::Scope&, const resource::ChangeOf<Document>& change) {
  RenewDocument(change.after);
  if (change.after.versions_size() > 0) {
    *change.after.mutable_content() = *change.after.versions().rbegin();
  }
  return absl::OkStatus();
}

}  // namespace

resource::Rules DocumentRules() {
  resource::Rules rules = resource::RulesOf<Document>(Validate, Check);
  rules.split = [](google::protobuf::Message& resource) {
    RenewDocument(static_cast<Document&>(resource));
    return std::vector<std::unique_ptr<google::protobuf::Message>>();
  };
  return rules;
}

bool IsSha256(std::string_view text) {
  return text.size() == 64 && std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isdigit(static_cast<unsigned char>(c)) || (c >= 'a' && c <= 'f');
         });
}

void RenewDocument(Document& document) {
  if (!document.has_content() || document.versions_size() > 0) return;
  document.mutable_content()->set_version(1);
  *document.add_versions() = document.content();
}

const Document::Content* VersionOf(const Document& document, int number) {
  if (document.versions_size() == 0) return nullptr;
  if (number == 0) return &*document.versions().rbegin();
  return number <= document.versions_size() ? &document.versions(number - 1) : nullptr;
}

const Document::Content* VersionWith(const Document& document, std::string_view sha256) {
  const auto& versions = document.versions();
  const auto found =
      std::find_if(versions.begin(), versions.end(),
                   [&](const Document::Content& version) { return version.sha256() == sha256; });
  return found == versions.end() ? nullptr : &*found;
}

int64_t BytesOf(const Document& document) {
  std::set<std::string_view> counted;
  int64_t bytes = 0;
  for (const Document::Content& version : document.versions()) {
    if (counted.insert(version.sha256()).second) bytes += version.size_bytes();
  }
  return bytes;
}

}  // namespace baliprocess::meetings
