#include "services/balictl/client/data_directory.h"

#include <algorithm>
#include <filesystem>
#include <unordered_map>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "common/base/descriptors.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/resource/contract/text_form.h"
#include "common/resource/contract/validation.h"
#include "services/balictl/client/document_files.h"
#include "services/balictl/contract/json.h"
#include "services/balictl/program/files.h"
#include "services/balictl/program/report.h"

namespace baliprocess::balictl {
namespace {

namespace fs = std::filesystem;

struct DataFile {
  std::string shown;  // relative to the directory
  std::string path;
};

absl::StatusOr<std::vector<DataFile>> FindFiles(const std::string& directory) {
  std::vector<DataFile> files;
  std::error_code error;
  fs::recursive_directory_iterator at(directory, error);
  for (; !error && at != fs::recursive_directory_iterator(); at.increment(error)) {
    if (absl::StartsWith(at->path().filename().string(), ".")) {
      at.disable_recursion_pending();
      continue;
    }
    if (at->is_directory()) continue;
    const bool among_records = at.depth() == 1;
    if (at->path().extension() != ".json" && !among_records) continue;
    files.push_back(
        {at->path().lexically_relative(directory).generic_string(), at->path().string()});
  }
  if (error) {
    return absl::NotFoundError(absl::StrCat(directory, " can't be read: ", error.message()));
  }
  std::sort(files.begin(), files.end(),
            [](const DataFile& a, const DataFile& b) { return a.shown < b.shown; });
  return files;
}

const ResourceKind* KindOfFile(const std::string& shown) {
  for (const ResourceKind& kind : Resources()) {
    if (kind.File() == shown) return &kind;
  }
  return nullptr;
}

absl::Status Judge(const Record& record) {
  if (!record.kind->pattern.Matches(record.name)) {
    return InvalidField("name",
                        absl::StrCat("must be of the form ", record.kind->pattern.pattern()));
  }
  Violations violations;
  resource::ValidateResource(*record.resource, "", violations);
  RETURN_IF_ERROR(violations.ToStatus());
  return HasContent(*record.resource)
             ? CheckContent(record.directory, *record.kind, *record.resource)
             : absl::OkStatus();
}

void ReadElement(const std::string& directory, const ResourceKind& kind, const JsonElement& element,
                 const std::string& place, DataSet& data) {
  Record record{place, directory, &kind, "", NewMessage(*kind.message)};
  if (element.text.empty() || element.text[0] != '{') {
    data.problems.push_back(absl::StrCat(place, ": isn't a JSON object"));
    return;
  }
  const absl::Status parsed = FromJson(element.text, *record.resource);
  resource::NormaliseTexts(*record.resource);
  record.name = GetText(*record.resource, "name");
  if (!record.name.empty()) absl::StrAppend(&record.place, ": ", record.name);
  if (!parsed.ok()) {
    data.problems.push_back(absl::StrCat(record.place, ": ", parsed.message()));
    return;
  }
  if (const absl::Status judged = Judge(record); !judged.ok()) {
    data.problems.push_back(absl::StrCat(record.place, ": ", Describe(judged)));
    return;
  }
  data.records.push_back(std::move(record));
}

// RFC 8259 section 8.1: a parser may ignore a byte order mark. Programs of Windows write one.
std::string_view WithoutByteOrderMark(std::string_view text) {
  constexpr std::string_view kMark = "\xef\xbb\xbf";
  return text.starts_with(kMark) ? text.substr(kMark.size()) : text;
}

absl::Status ReadFileInto(const std::string& directory, const DataFile& file, DataSet& data) {
  if (!absl::EndsWith(file.shown, ".json")) {
    return absl::InvalidArgumentError("isn't read: records are in JSON files");
  }
  const ResourceKind* kind = KindOfFile(file.shown);
  if (!kind) return absl::NotFoundError("isn't named like a service and collection");
  ASSIGN_OR_RETURN(const std::string text, ReadFile(file.path));
  ASSIGN_OR_RETURN(const auto elements, SplitArray(WithoutByteOrderMark(text)));
  for (size_t i = 0; i < elements.size(); ++i) {
    const std::string place = absl::StrCat(file.shown, ":", elements[i].line, ": element ", i + 1);
    ReadElement(directory, *kind, elements[i], place, data);
  }
  return absl::OkStatus();
}

void FindDuplicates(DataSet& data) {
  std::unordered_map<std::string, const Record*> first;
  for (const Record& record : data.records) {
    const auto [found, is_new] = first.emplace(record.name, &record);
    if (!is_new) {
      data.problems.push_back(
          absl::StrCat(record.place, ": is there already, at ", found->second->place));
    }
  }
}

}  // namespace

DataSet ReadDataSet(const std::string& directory) {
  DataSet data;
  const auto files = FindFiles(directory);
  if (!files.ok()) {
    data.problems.emplace_back(files.status().message());
    return data;
  }
  for (const DataFile& file : *files) {
    if (const absl::Status read = ReadFileInto(directory, file, data); !read.ok()) {
      data.problems.push_back(absl::StrCat(file.shown, ": ", read.message()));
    }
  }
  if (files->empty()) data.problems.push_back(absl::StrCat(directory, ": has no records"));
  FindDuplicates(data);
  return data;
}

}  // namespace baliprocess::balictl
