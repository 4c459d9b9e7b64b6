#include "services/balictl/client/sheet_ids.h"

#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>
#include <unicode/stringpiece.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "google/api/field_behavior.pb.h"

#include "baliprocess/api/v1/field.pb.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/resource/contract/names.h"
#include "services/balictl/contract/table.h"
#include "services/balictl/program/command_line.h"
#include "services/balictl/program/nearest.h"

namespace baliprocess::balictl {
namespace {

bool IdentifiesAPerson(const SheetColumn& column) {
  return std::any_of(column.path.begin(), column.path.end(), [](const auto* field) {
    return field->options().GetExtension(api::v1::field).personal() ||
           HasBehavior(*field, google::api::INPUT_ONLY);
  });
}

absl::StatusOr<SheetColumn> ColumnCalled(const std::string& word, const SheetColumns& columns) {
  std::vector<std::string> headings;
  const SheetColumn* by_field = nullptr;
  for (const SheetColumn& column : columns.columns) {
    if (HeadingKey(column.heading) == HeadingKey(word)) return column;
    const bool of_field = column.use == SheetColumn::Use::kField;
    if (of_field && HeadingKey(TitleOf(column.path)) == HeadingKey(word)) by_field = &column;
    headings.push_back(column.heading);
  }
  if (by_field != nullptr) return *by_field;
  return UsageError(
      absl::StrCat("--id: there is no column ", word, ".", DidYouMean(word, headings)));
}

// The letters in their decomposed form, in which accents are characters of their own.
std::string Decomposed(const std::string& text) {
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2* nfd = icu::Normalizer2::getNFDInstance(error);
  if (U_FAILURE(error)) return text;
  std::string decomposed;
  icu::StringByteSink<std::string> sink(&decomposed);
  nfd->normalizeUTF8(0, icu::StringPiece(text), sink, nullptr, error);
  return U_SUCCESS(error) ? decomposed : text;
}

bool IsAccent(uint32_t code) { return code >= 0x300 && code < 0x370; }

// nullopt when a letter has no form without accents.
std::optional<std::string> IdPart(const std::string& cell) {
  const size_t slash = cell.rfind('/');
  const bool is_name = resource::MatchesAnyType(cell);
  const std::string text = Decomposed(is_name ? cell.substr(slash + 1) : cell);
  std::string part;
  for (size_t i = 0; i < text.size();) {
    const Utf8Character next = DecodeUtf8(std::string_view(text).substr(i));
    i += std::max<size_t>(next.size, 1);
    if (next.code >= 0x80 && !IsAccent(next.code)) {
      constexpr uint32_t kFirstPunctuation = 0x2010;
      constexpr uint32_t kLastPunctuation = 0x206F;
      if (next.code < kFirstPunctuation || next.code > kLastPunctuation) return std::nullopt;
      part += '-';
    } else if (next.code < 0x80) {
      const auto byte = static_cast<unsigned char>(next.code);
      part += absl::ascii_isalnum(byte) ? absl::ascii_tolower(byte) : '-';
    }
  }
  return part;
}

// Without hyphens at the ends, or two in a row.
std::string Tidy(const std::string& id) {
  std::string tidy;
  for (const char c : id) {
    if (c != '-' || (!tidy.empty() && tidy.back() != '-')) tidy += c;
  }
  while (tidy.ends_with('-')) tidy.pop_back();
  return tidy;
}

}  // namespace

absl::StatusOr<IdTemplate> IdTemplate::Parse(const std::string& text, const SheetColumns& columns) {
  IdTemplate parsed;
  for (size_t at = 0; at < text.size();) {
    const size_t open = std::min(text.find('{', at), text.size());
    if (open > at) parsed.parts_.emplace_back(text.substr(at, open - at));
    if (open == text.size()) break;
    const size_t close = text.find('}', open);
    if (close == std::string::npos) return UsageError("--id: a brace is never closed");
    ASSIGN_OR_RETURN(SheetColumn column,
                     ColumnCalled(text.substr(open + 1, close - open - 1), columns));
    if (IdentifiesAPerson(column)) {
      return UsageError(absl::StrCat("--id: ", column.Shown(),
                                     " identifies a person, which an id mustn't: take another "
                                     "column, such as a number of registration"));
    }
    parsed.parts_.emplace_back(std::move(column));
    at = close + 1;
  }
  const bool varies = std::any_of(parsed.parts_.begin(), parsed.parts_.end(), [](const auto& part) {
    return std::holds_alternative<SheetColumn>(part);
  });
  if (!varies) return UsageError("--id must name a column in braces, such as 'bkk24-{No}'");
  return parsed;
}

absl::StatusOr<std::string> IdTemplate::IdOf(const SheetRow& row) const {
  std::string id;
  for (const auto& part : parts_) {
    if (const auto* text = std::get_if<std::string>(&part)) {
      id += *text;
      continue;
    }
    const auto& column = std::get<SheetColumn>(part);
    const bool there = column.index < row.cells.size() && !row.cells[column.index].text.empty();
    if (!there) return UsageError(absl::StrCat("needs ", column.Shown(), ", which is empty"));
    const auto made = IdPart(row.cells[column.index].text);
    if (!made) {
      return UsageError(absl::StrCat("can't be made of the letters of ", column.Shown(),
                                     ": ids have a to z, digits and hyphens"));
    }
    id += *made;
  }
  id = Tidy(id);
  if (const auto why = resource::WhyInvalidId(id)) {
    return UsageError(absl::StrCat("'", id, "' must be ", *why));
  }
  return id;
}

}  // namespace baliprocess::balictl
