#include "services/balictl/contract/verbs.h"

#include <algorithm>
#include <optional>
#include <set>
#include <tuple>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "google/api/annotations.pb.h"
#include "google/api/resource.pb.h"

#include "services/balictl/program/command_line.h"
#include "services/balictl/program/nearest.h"

namespace baliprocess::balictl {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;

// Verbs that have commands of their own, or that are of use to programs alone.
const std::set<std::string>& OtherCommands() {
  static const auto& verbs =
      *new std::set<std::string>{"batch-get",           "batch-create", "undelete", "calendar",
                                 "watch-changes",       "list-changes", "upload",   "download",
                                 "subscribed-calendar", "iati"};
  return verbs;
}

std::string KebabOf(std::string_view camel) {
  std::string kebab;
  for (const char c : camel) {
    if (absl::ascii_isupper(static_cast<unsigned char>(c))) kebab += '-';
    kebab += absl::ascii_tolower(static_cast<unsigned char>(c));
  }
  return kebab;
}

std::string PathTemplateOf(const MethodDescriptor& method) {
  const auto& rule = method.options().GetExtension(google::api::http);
  return rule.post().empty() ? rule.get() : rule.post();
}

// The last segment of a path that isn't a variable: `meetings` of `/v1/{name=meetings/*}`.
std::string CollectionOf(std::string path) {
  path.erase(std::remove_if(path.begin(), path.end(), [](char c) { return c == '}' || c == '*'; }),
             path.end());
  while (path.ends_with('/')) path.pop_back();
  const size_t start = path.find_last_of("/=");
  return start == std::string::npos ? path : path.substr(start + 1);
}

std::optional<Verb> MakeVerb(const MethodDescriptor& method) {
  const std::string path = PathTemplateOf(method);
  const size_t colon = path.rfind(':');
  if (colon == std::string::npos || method.client_streaming()) return std::nullopt;
  Verb verb{&method, CollectionOf(path.substr(0, colon)), KebabOf(path.substr(colon + 1))};
  if (OtherCommands().contains(verb.word)) return std::nullopt;
  const size_t open = path.find('{');
  verb.subject = method.input_type()->FindFieldByName(
      open == std::string::npos ? "name" : path.substr(open + 1, path.find('=') - open - 1));
  return verb;
}

std::vector<Verb> MakeVerbs() {
  std::vector<Verb> verbs;
  for (const ServiceDescriptor* service : Services()) {
    for (int i = 0; i < service->method_count(); ++i) {
      if (auto verb = MakeVerb(*service->method(i))) verbs.push_back(*std::move(verb));
    }
  }
  std::sort(verbs.begin(), verbs.end(), [](const Verb& a, const Verb& b) {
    return std::tie(a.collection, a.word) < std::tie(b.collection, b.word);
  });
  return verbs;
}

const std::string& SingularOf(const ResourceKind& kind) {
  return kind.message->options().GetExtension(google::api::resource).singular();
}

}  // namespace

const std::vector<Verb>& Verbs() {
  static const auto& verbs = *new std::vector<Verb>(MakeVerbs());
  return verbs;
}

const Verb* VerbOf(const MethodDescriptor& method) {
  const auto found = std::find_if(Verbs().begin(), Verbs().end(),
                                  [&](const Verb& verb) { return verb.method == &method; });
  return found == Verbs().end() ? nullptr : &*found;
}

absl::StatusOr<const ResourceKind*> FindKind(std::string_view word) {
  std::vector<std::string> collections;
  for (const ResourceKind& kind : Resources()) {
    const std::string wanted = Folded(word);
    if (wanted == Folded(kind.pattern.Collection()) || wanted == Folded(SingularOf(kind))) {
      return &kind;
    }
    collections.push_back(kind.pattern.Collection());
  }
  return UsageError(absl::StrCat("there is no collection ", std::string(word), "; there are ",
                                 absl::StrJoin(collections, ", "), ".",
                                 DidYouMean(word, collections)));
}

const std::vector<std::string>& CommonVerbs() {
  static const auto& verbs = *new std::vector<std::string>{
      "list", "get", "create", "update", "delete", "undelete", "edit", "history"};
  return verbs;
}

absl::StatusOr<const Verb*> FindVerb(const std::string& collection, std::string_view word) {
  for (const Verb& verb : Verbs()) {
    if (verb.collection == collection && Folded(verb.word) == Folded(word)) return &verb;
  }
  std::vector<std::string> words = VerbsOf(collection);
  if (FindKind(collection).ok()) {
    words.insert(words.begin(), CommonVerbs().begin(), CommonVerbs().end());
  }
  return UsageError(absl::StrCat(collection, " can't ", std::string(word), "; there are ",
                                 absl::StrJoin(words, ", "), ".", DidYouMean(word, words)));
}

std::vector<std::string> VerbsOf(const std::string& collection) {
  std::vector<std::string> words;
  for (const Verb& verb : Verbs()) {
    if (verb.collection == collection) words.push_back(verb.word);
  }
  return words;
}

std::string NameOf(const ResourceKind& kind, const std::string& text) {
  return kind.pattern.IsTopLevel() && !absl::StrContains(text, '/') ? kind.pattern.Make("", text)
                                                                    : text;
}

}  // namespace baliprocess::balictl
