#include "common/resource/store/search_index.h"

#include <algorithm>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "common/base/ids.h"
#include "common/base/status_macros.h"
#include "common/resource/contract/field_traits.h"
#include "common/resource/contract/search_words.h"

namespace baliprocess::resource {
namespace {

using api::v1::Visibility;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using storage::Bytes;
using storage::Transaction;
using storage::Value;
using Visit = std::function<void(const SearchedText& text)>;

// So many rows are inserted by one statement.
constexpr size_t kRows = 32;

bool SaysWhatItIsCalled(const FieldDescriptor& field) {
  return field.name() == "title" || absl::EndsWith(field.name(), "_name") ||
         absl::EndsWith(field.name(), "_names");
}

// The texts of a message that are names, or those that aren't.
struct Walk {
  bool names;
  const Visit& visit;

  void Texts(const Message& message, const FieldDescriptor* field, Visibility::Level level) const {
    const Reflection* reflection = message.GetReflection();
    std::string scratch;
    if (!field->is_repeated()) {
      return visit({reflection->GetStringReference(message, field, &scratch), level, names});
    }
    for (int i = 0; i < reflection->FieldSize(message, field); ++i) {
      visit({reflection->GetRepeatedStringReference(message, field, i, &scratch), level, names});
    }
  }

  void Messages(const TypeTraits& type, const Message& message, const FieldDescriptor* field,
                Visibility::Level level) const {
    const Reflection* reflection = message.GetReflection();
    if (!field->is_repeated()) {
      if (!reflection->HasField(message, field)) return;
      return In(type, reflection->GetMessage(message, field), level, true);
    }
    for (int i = 0; i < reflection->FieldSize(message, field); ++i) {
      In(type, reflection->GetRepeatedMessage(message, field, i), level, true);
    }
  }

  // The texts of `message`; `within`: all of its texts are what is walked for.
  void In(const TypeTraits& type, const Message& message, Visibility::Level level,
          bool within) const {
    if (!type.any_text) return;
    for (const FieldTraits& traits : type.fields) {
      if (traits.input_only) continue;
      if (!within && SaysWhatItIsCalled(*traits.field) != names) continue;
      const Visibility::Level least = std::max(level, traits.visibility);
      if (traits.text) {
        Texts(message, traits.field, least);
      } else if (traits.type != nullptr) {
        Messages(*traits.type, message, traits.field, least);
      }
    }
  }
};

std::string_view TitleIn(const Message& message, std::string& scratch) {
  for (const char* name : {"display_name", "title"}) {
    const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(name);
    if (field == nullptr || field->is_repeated() ||
        field->cpp_type() != FieldDescriptor::CPPTYPE_STRING) {
      continue;
    }
    const std::string& text = message.GetReflection()->GetStringReference(message, field, &scratch);
    if (!text.empty()) return text;
  }
  return {};
}

Value DigestOf(const IndexedWords& words) {
  std::string all;
  for (const auto& [key, weight] : words) {
    absl::StrAppend(&all, key.first, " ", key.second, " ", weight, "\n");
  }
  return Bytes{Sha256(all)};
}

// A statement that inserts kRows rows, of a resource whose words were others.
const std::string& InsertWords() {
  static const std::string& sql = *[] {
    auto* made = new std::string(
        "INSERT INTO search_words (record, word, level, weight) "
        "SELECT record, column1, column2, column3 FROM search_records, (VALUES ");
    for (size_t i = 0; i < kRows; ++i) absl::StrAppend(made, i == 0 ? "" : ", ", "(?, ?, ?)");
    absl::StrAppend(made, ") AS words WHERE name = ? AND digest <> ? ON CONFLICT DO NOTHING");
    return made;
  }();
  return sql;
}

absl::Status SendWords(Transaction& tx, const std::string& name, const IndexedWords& words,
                       const Value& digest) {
  for (auto word = words.begin(); word != words.end();) {
    std::vector<Value> params;
    params.reserve(3 * kRows + 2);
    auto last = word;
    // The last row again and again where there are fewer: one statement for all numbers of rows.
    for (size_t i = 0; i < kRows; ++i) {
      params.emplace_back(last->first.first);
      params.emplace_back(last->first.second);
      params.emplace_back(last->second);
      if (std::next(last) != words.end()) ++last;
    }
    params.emplace_back(name);
    params.push_back(digest);
    RETURN_IF_ERROR(tx.Send(InsertWords(), params));
    for (size_t i = 0; i < kRows && word != words.end(); ++i) ++word;
  }
  return absl::OkStatus();
}

}  // namespace

void ForEachSearchedText(const ResourceType& type, const Message& resource, const Visit& visit) {
  TraitsSet scratch;
  const TypeTraits& traits = TraitsOf(resource.GetDescriptor(), scratch);
  const std::string name = type.NameOf(resource);
  const std::string_view id = std::string_view(name).substr(name.rfind('/') + 1);
  for (const bool names : {true, false}) {
    Walk{names, visit}.In(traits, resource, Visibility::LEVEL_UNSPECIFIED, false);
    if (names) visit({id, Visibility::LEVEL_UNSPECIFIED, true});
  }
}

std::string TitleOf(const Message& resource) {
  std::string scratch;
  if (const std::string_view title = TitleIn(resource, scratch); !title.empty()) {
    return std::string(title);
  }
  std::vector<const FieldDescriptor*> fields;
  resource.GetReflection()->ListFields(resource, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE || field->is_repeated()) continue;
    const Message& inner = resource.GetReflection()->GetMessage(resource, field);
    if (const std::string_view title = TitleIn(inner, scratch); !title.empty()) {
      return std::string(title);
    }
  }
  return {};
}

IndexedWords IndexedWordsOf(const ResourceType& type, const Message& resource) {
  IndexedWords indexed;
  size_t left = kMostReadWords;
  const int64_t own = type.VisibilityOf(resource);
  ForEachSearchedText(type, resource, [&](const SearchedText& text) {
    if (left == 0 || indexed.size() >= kMostIndexedWords) return;
    const std::vector<std::string> words = SearchWords(text.text, left);
    left -= words.size();
    const int64_t base = text.is_name ? kNameWeight : kTextWeight;
    for (const std::string& word : words) {
      if (indexed.size() >= kMostIndexedWords) return;
      int64_t& weight = indexed[{word, std::max<int64_t>(own, text.level)}];
      weight = std::max(weight, base + base / static_cast<int64_t>(words.size()));
    }
  });
  return indexed;
}

absl::Status IndexResource(Transaction& tx, const ResourceType& type, const Message* before,
                           const Message& resource) {
  const std::string name = type.NameOf(resource);
  if (type.IsDeleted(resource)) return RemoveFromIndex(tx, name);
  const IndexedWords words = IndexedWordsOf(type, resource);
  if (before != nullptr && !type.IsDeleted(*before) && words == IndexedWordsOf(type, *before)) {
    return absl::OkStatus();
  }
  const Value digest = DigestOf(words);
  RETURN_IF_ERROR(
      tx.Send("INSERT INTO search_records (name, type, digest) VALUES (?, ?, ?) "
              "ON CONFLICT (name) DO NOTHING",
              {name, type.type, Bytes{}}));
  RETURN_IF_ERROR(
      tx.Send("DELETE FROM search_words WHERE record = "
              "(SELECT record FROM search_records WHERE name = ? AND digest <> ?)",
              {name, digest}));
  RETURN_IF_ERROR(SendWords(tx, name, words, digest));
  return tx.Send("UPDATE search_records SET digest = ? WHERE name = ? AND digest <> ?",
                 {digest, name, digest});
}

absl::Status RemoveFromIndex(Transaction& tx, const std::string& name) {
  RETURN_IF_ERROR(
      tx.Send("DELETE FROM search_words WHERE record = "
              "(SELECT record FROM search_records WHERE name = ?)",
              {name}));
  return tx.Send("DELETE FROM search_records WHERE name = ?", {name});
}

}  // namespace baliprocess::resource
