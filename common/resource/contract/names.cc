#include "common/resource/contract/names.h"

#include <google/protobuf/descriptor_database.h>

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "google/api/resource.pb.h"

#include "common/base/descriptors.h"
#include "common/base/ids.h"

namespace baliprocess::resource {
namespace {

using google::protobuf::Descriptor;

constexpr std::string_view kWildcard = "-";

bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Takes what precedes the next `/` off the front of `rest`.
std::string_view TakeSegment(std::string_view& rest) {
  const size_t end = std::min(rest.find('/'), rest.size());
  const std::string_view segment = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return segment;
}

// Whether `text` is `count` of the collections, each followed by an id.
bool MatchesPath(const std::vector<std::string>& collections, size_t count, std::string_view text,
                 bool allow_wildcard) {
  if (count == 0) return text.empty();
  if (text.empty() || text.back() == '/') return false;
  for (size_t i = 0; i < count; ++i) {
    if (TakeSegment(text) != collections[i]) return false;
    const std::string_view id = TakeSegment(text);
    if (!IsResourceId(id) && !(allow_wildcard && id == kWildcard)) return false;
  }
  return text.empty();
}

absl::Status BadPattern(std::string_view pattern) {
  return absl::InvalidArgumentError(absl::StrCat("not a resource pattern: ", std::string(pattern)));
}

bool IsCollection(std::string_view text) {
  return !text.empty() && IsLower(text.front()) &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return IsLower(c) || IsDigit(c) || (c >= 'A' && c <= 'Z'); });
}

bool IsVariable(std::string_view text) {
  return text.size() > 2 && text.front() == '{' && text.back() == '}';
}

using PatternMap = std::map<std::string, NamePattern, std::less<>>;

const PatternMap& Patterns() {
  static const PatternMap& patterns = *[] {
    auto* found = new PatternMap;
    for (const Descriptor* type : LinkedMessages()) {
      if (!type->options().HasExtension(google::api::resource)) continue;
      const auto& resource = type->options().GetExtension(google::api::resource);
      if (resource.pattern_size() != 1) continue;
      auto pattern = NamePattern::Parse(resource.pattern(0));
      if (pattern.ok()) found->emplace(resource.type(), *std::move(pattern));
    }
    return found;
  }();
  return patterns;
}

}  // namespace

bool GivesResourceId(const google::protobuf::FieldDescriptor& field) {
  const std::string& name = field.name();
  if (field.type() != google::protobuf::FieldDescriptor::TYPE_STRING || !name.ends_with("_id")) {
    return false;
  }
  const auto* beside = field.containing_type()->FindFieldByName(name.substr(0, name.size() - 3));
  return beside != nullptr && beside->message_type() != nullptr &&
         beside->message_type()->options().HasExtension(google::api::resource);
}

std::optional<std::string> WhyInvalidId(std::string_view id) {
  if (IsResourceId(id)) return std::nullopt;
  return "1 to 63 lower-case letters, digits and hyphens, the first a letter, the last not a "
         "hyphen";
}

std::string NewId() {
  constexpr std::string_view kAlphabet = "abcdefghijklmnopqrstuvwxyz234567";  // RFC 4648
  std::string id = RandomBytes(13);
  // The first from half the alphabet: a letter.
  id[0] = kAlphabet[static_cast<unsigned char>(id[0]) % 16];
  for (size_t i = 1; i < id.size(); ++i) id[i] = kAlphabet[static_cast<unsigned char>(id[i]) % 32];
  return id;
}

bool ParentScope::Contains(std::string_view parent) const {
  if (kind == Kind::kAll) return true;
  if (kind == Kind::kExact) return parent == text;
  std::string_view pattern = text;
  while (!pattern.empty() && !parent.empty()) {
    const std::string_view wanted = TakeSegment(pattern);
    const std::string_view found = TakeSegment(parent);
    if (wanted != "%" && wanted != found) return false;
  }
  return pattern.empty() && parent.empty();
}

absl::StatusOr<NamePattern> NamePattern::Parse(std::string_view pattern) {
  NamePattern parsed;
  parsed.pattern_ = pattern;
  if (pattern.empty() || pattern.back() == '/') return BadPattern(pattern);
  for (std::string_view rest = pattern; !rest.empty();) {
    const std::string_view collection = TakeSegment(rest);
    if (!IsCollection(collection) || !IsVariable(TakeSegment(rest))) return BadPattern(pattern);
    parsed.collections_.emplace_back(collection);
  }
  return parsed;
}

std::optional<NamePattern> NamePattern::ParentPattern() const {
  if (IsTopLevel()) return std::nullopt;
  NamePattern parent;
  parent.pattern_ = Parent(pattern_);
  parent.collections_.assign(collections_.begin(), collections_.end() - 1);
  return parent;
}

bool NamePattern::Matches(std::string_view name) const {
  return MatchesPath(collections_, collections_.size(), name, false);
}

bool NamePattern::MatchesParent(std::string_view parent, bool allow_wildcard) const {
  return MatchesPath(collections_, collections_.size() - 1, parent, allow_wildcard);
}

std::string NamePattern::AnyParent() const {
  std::string parent;
  for (size_t i = 0; i + 1 < collections_.size(); ++i) {
    if (i > 0) parent += '/';
    parent.append(collections_[i]).append("/").append(kWildcard);
  }
  return parent;
}

ParentScope NamePattern::ScopeOf(std::string_view parent) const {
  bool all = true;
  bool exact = true;
  std::string like;
  for (std::string_view rest = parent; !rest.empty();) {
    const std::string_view collection = TakeSegment(rest);
    const std::string_view id = TakeSegment(rest);
    const bool any = id == kWildcard;
    all = all && any;
    exact = exact && !any;
    if (!like.empty()) like += '/';
    like.append(collection).append("/").append(any ? std::string_view("%") : id);
  }
  if (all) return {ParentScope::Kind::kAll, ""};
  return {exact ? ParentScope::Kind::kExact : ParentScope::Kind::kSome, like};
}

std::string_view NamePattern::Parent(std::string_view name) const {
  const size_t before_id = name.rfind('/');
  if (before_id == std::string_view::npos || before_id == 0) return "";
  const size_t before_collection = name.rfind('/', before_id - 1);
  return before_collection == std::string_view::npos ? "" : name.substr(0, before_collection);
}

std::string NamePattern::Make(std::string_view parent, std::string_view id) const {
  std::string name(parent);
  if (!name.empty()) name += '/';
  return name.append(Collection()).append("/").append(id);
}

const NamePattern* PatternOfType(std::string_view type) {
  const auto found = Patterns().find(type);
  return found == Patterns().end() ? nullptr : &found->second;
}

std::string ParentOf(std::string_view name) {
  const size_t collection = name.rfind('/', name.rfind('/') - 1);
  return std::string(name.substr(0, collection));
}

const Descriptor* MessageOfName(std::string_view name) {
  const auto found = std::find_if(Patterns().begin(), Patterns().end(),
                                  [&](const auto& entry) { return entry.second.Matches(name); });
  return found == Patterns().end() ? nullptr : MessageOfType(found->first);
}

bool MatchesAnyType(std::string_view name) { return MessageOfName(name) != nullptr; }

}  // namespace baliprocess::resource
