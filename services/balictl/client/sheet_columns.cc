#include "services/balictl/client/sheet_columns.h"

#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "google/api/resource.pb.h"

#include "common/base/status_macros.h"
#include "common/resource/contract/names.h"
#include "common/resource/contract/text_form.h"
#include "services/balictl/contract/fields.h"
#include "services/balictl/contract/table.h"
#include "services/balictl/contract/values.h"
#include "services/balictl/program/command_line.h"
#include "services/balictl/program/nearest.h"

namespace baliprocess::balictl {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

constexpr char kAllUnknown[] = "*";

// What a heading may mean.
struct Meaning {
  std::string title;      // `term.start_date`
  std::string qualified;  // `participation.role`
  SheetColumn column;
};

// The meanings of the fields of one type.
std::vector<Meaning> MeaningsOf(const Descriptor& type, bool of_companion,
                                const std::string& prefix) {
  std::set<std::string> given;
  for (const FieldPath& path : GivenFields(type)) given.insert(TitleOf(path));
  std::vector<FieldPath> leaves = AllFields(type);
  std::vector<Meaning> meanings;
  const auto add = [&](const std::string& title, SheetColumn::Use use, FieldPath path) {
    meanings.push_back({title,
                        absl::StrCat(prefix, ".", title),
                        {.use = use, .of_companion = of_companion, .path = std::move(path)}});
  };
  for (FieldPath& path : leaves) {
    const std::string title = TitleOf(path);
    if (given.contains(title)) {
      add(title, SheetColumn::Use::kField, std::move(path));
    } else if (title == "name" || title == "etag") {
      // Those of a companion follow from its record.
      if (of_companion) continue;
      add(title, title == "name" ? SheetColumn::Use::kName : SheetColumn::Use::kEtag, {});
    } else {
      add(title, SheetColumn::Use::kLeftAside, {});
    }
  }
  if (!of_companion) add("id", SheetColumn::Use::kName, {});
  return meanings;
}

// Finds what headings mean.
class Meanings {
 public:
  explicit Meanings(const SheetTarget& target) {
    if (target.companion != nullptr) {
      groups_.push_back(
          MeaningsOf(*target.companion->message, /*of_companion=*/true, target.reference->name()));
    }
    const Descriptor& own = *target.into.kind->message;
    groups_.push_back(MeaningsOf(own, /*of_companion=*/false,
                                 own.options().GetExtension(google::api::resource).singular()));
  }

  // nullptr: none. Several of one type that have only the last part in common are none.
  const Meaning* Find(std::string_view heading) const {
    const std::string key = HeadingKey(heading);
    if (key.empty()) return nullptr;
    for (const auto form : {&Meaning::qualified, &Meaning::title}) {
      for (const auto& group : groups_) {
        for (const Meaning& meaning : group) {
          if (HeadingKey(meaning.*form) == key) return &meaning;
        }
      }
    }
    for (const auto& group : groups_) {
      const auto found = ByLastPart(group, key);
      if (found.size() == 1) return found[0];
    }
    return nullptr;
  }

  // ` Did you mean birth_date?`
  std::string Suggest(const std::string& heading) const {
    const std::string key = HeadingKey(heading);
    std::vector<std::string> titles;
    std::vector<std::string> fitting;
    for (const auto& group : groups_) {
      for (const Meaning* meaning : ByLastPart(group, key)) fitting.push_back(meaning->title);
      for (const Meaning& meaning : group) {
        if (meaning.column.use == SheetColumn::Use::kLeftAside) continue;
        titles.push_back(meaning.title);
        if (meaning.column.path.size() > 1) titles.push_back(meaning.column.path.back()->name());
      }
    }
    if (fitting.size() > 1) {
      return absl::StrCat(" It may be ", absl::StrJoin(fitting, " or "), ".");
    }
    return DidYouMean(heading, titles);
  }

  std::vector<std::string> Titles() const {
    std::vector<std::string> titles;
    for (const auto& group : groups_) {
      for (const Meaning& meaning : group) {
        if (meaning.column.use == SheetColumn::Use::kField) titles.push_back(meaning.title);
      }
    }
    return titles;
  }

 private:
  static std::vector<const Meaning*> ByLastPart(const std::vector<Meaning>& group,
                                                const std::string& key) {
    std::vector<const Meaning*> found;
    for (const Meaning& meaning : group) {
      const FieldPath& path = meaning.column.path;
      if (path.size() > 1 && HeadingKey(path.back()->name()) == key) found.push_back(&meaning);
    }
    return found;
  }

  std::vector<std::vector<Meaning>> groups_;  // the companion's first
};

// `HEADING=FIELD` by the keys of their headings.
absl::StatusOr<std::map<std::string, const Meaning*>> ReadMaps(
    const Meanings& meanings, const std::vector<std::string>& maps) {
  std::map<std::string, const Meaning*> read;
  for (const std::string& map : maps) {
    const size_t equals = map.rfind('=');
    if (equals == std::string::npos) {
      return UsageError(absl::StrCat("--map must be HEADING=FIELD, not \"", map, "\""));
    }
    const std::string field = map.substr(equals + 1);
    const Meaning* meaning = meanings.Find(field);
    if (meaning == nullptr) {
      return UsageError(absl::StrCat("--map: there is no field ", field, "; there are ",
                                     absl::StrJoin(meanings.Titles(), ", "), ".",
                                     meanings.Suggest(field)));
    }
    read[HeadingKey(map.substr(0, equals))] = meaning;
  }
  return read;
}

// Two columns of one field would leave open which of them holds.
absl::Status CheckOnce(const std::vector<SheetColumn>& columns) {
  std::map<std::pair<bool, std::string>, const SheetColumn*> first;
  for (const SheetColumn& column : columns) {
    const bool is_name = column.use == SheetColumn::Use::kName;
    const bool is_field = column.use == SheetColumn::Use::kField;
    if (!is_name && (!is_field || column.path.back()->is_repeated())) continue;
    const std::string title = is_name ? "name" : TitleOf(column.path);
    const auto [found, is_new] = first.emplace(std::pair(column.of_companion, title), &column);
    if (is_new) continue;
    return UsageError(absl::StrCat(found->second->Shown(), " and ", column.Shown(),
                                   " are both of the field ", title,
                                   ": leave one out by --ignore"));
  }
  return absl::OkStatus();
}

}  // namespace

std::string SheetColumn::Shown() const {
  return absl::StrCat(heading, heading.empty() ? "" : " ", "(column ", ColumnLetters(index), ")");
}

std::string HeadingKey(std::string_view heading) {
  std::string key;
  for (const char c : Folded(resource::NormalText(heading))) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80 || absl::ascii_isalnum(byte)) key += c;
  }
  return key;
}

absl::StatusOr<SheetTarget> FindSheetTarget(const std::string& into, const std::string& with) {
  SheetTarget target;
  ASSIGN_OR_RETURN(target.into, FindCollection(into));
  if (with.empty()) return target;
  const FieldDescriptor* reference = target.into.kind->message->FindFieldByName(with);
  if (reference != nullptr && !reference->is_repeated()) {
    const std::string& type =
        reference->options().GetExtension(google::api::resource_reference).type();
    for (const ResourceKind& kind : Resources()) {
      const auto& own = kind.message->options().GetExtension(google::api::resource).type();
      if (own == type && kind.pattern.IsTopLevel()) target.companion = &kind;
    }
  }
  if (target.companion == nullptr) {
    return UsageError(absl::StrCat("--with: ", with, " is no field of ",
                                   target.into.kind->pattern.Collection(),
                                   " that refers to a record without a parent"));
  }
  target.reference = reference;
  return target;
}

absl::StatusOr<SheetColumns> MatchColumns(const SheetRow& headings, const SheetTarget& target,
                                          const std::vector<std::string>& maps,
                                          const std::vector<std::string>& ignored) {
  const Meanings meanings(target);
  ASSIGN_OR_RETURN(auto mapped, ReadMaps(meanings, maps));
  std::set<std::string> ignored_keys;
  for (const std::string& heading : ignored) ignored_keys.insert(HeadingKey(heading));
  const bool all = std::find(ignored.begin(), ignored.end(), kAllUnknown) != ignored.end();
  SheetColumns matched;
  std::vector<std::string> unknown;
  for (size_t i = 0; i < headings.cells.size(); ++i) {
    const std::string heading = resource::NormalText(headings.cells[i].text);
    const std::string key = HeadingKey(heading);
    if (key.empty()) continue;
    const auto own = mapped.find(key);
    const Meaning* meaning = own == mapped.end() ? meanings.Find(heading) : own->second;
    SheetColumn column = meaning == nullptr ? SheetColumn{} : meaning->column;
    column.index = i;
    column.heading = heading;
    if (own != mapped.end()) mapped.erase(own);
    if (ignored_keys.contains(key)) {
      column.use = SheetColumn::Use::kLeftAside;
    } else if (meaning == nullptr && !all) {
      unknown.push_back(
          absl::StrCat(column.Shown(), " is of no field.", meanings.Suggest(heading)));
    } else if (meaning != nullptr && column.use == SheetColumn::Use::kLeftAside) {
      matched.set_by_server.push_back(heading);
    }
    matched.columns.push_back(std::move(column));
  }
  if (!unknown.empty()) {
    return UsageError(
        absl::StrCat(absl::StrJoin(unknown, "\n"),
                     "\nSay --map 'HEADING=FIELD', or --ignore 'HEADING'. Fields are ",
                     absl::StrJoin(meanings.Titles(), ", ")));
  }
  if (!mapped.empty()) return UsageError("--map: the sheet hasn't every heading that is named");
  RETURN_IF_ERROR(CheckOnce(matched.columns));
  return matched;
}

}  // namespace baliprocess::balictl
