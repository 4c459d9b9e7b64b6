#include "services/gateway/transcoding/bindings.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "google/api/annotations.pb.h"

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "services/gateway/transcoding/percent.h"

namespace baliprocess::gateway {

using google::api::HttpRule;
using google::protobuf::MethodDescriptor;
using Kind = PathTemplate::Segment::Kind;

namespace {

constexpr char kAnyMethod[] = "*";

// The bindings of one template, by HTTP method.
using ByMethod = std::map<std::string, const Binding*, std::less<>>;

const Binding* Of(const ByMethod& bindings, std::string_view http_method) {
  const auto found = bindings.find(http_method);
  return found == bindings.end() ? nullptr : found->second;
}

// The binding that answers the HTTP method, or nullptr.
const Binding* Answering(const ByMethod& bindings, std::string_view http_method) {
  const Binding* binding = Of(bindings, http_method);
  if (binding == nullptr && http_method == "HEAD") binding = Of(bindings, "GET");
  if (binding == nullptr) binding = Of(bindings, kAnyMethod);
  return binding;
}

absl::Status Malformed() {
  return Error(api::v1::Error::MALFORMED_REQUEST,
               "the path isn't percent-encoded UTF-8 (RFC 3986)");
}

// A request's path in pieces.
struct SplitPath {
  std::vector<std::string_view> raw;  // the segments as they were sent
  std::vector<std::string> decoded;
};

std::optional<SplitPath> Split(std::string_view path) {
  SplitPath split;
  for (const absl::string_view segment :
       absl::StrSplit(absl::string_view(path.data(), path.size()), '/')) {
    split.raw.emplace_back(segment.data(), segment.size());
    auto decoded = PercentDecode(split.raw.back(), PercentDecoding::kAll);
    if (!decoded) return std::nullopt;
    split.decoded.push_back(*std::move(decoded));
  }
  return split;
}

// What the path has for the binding's variables.
std::vector<std::string> Capture(const Binding& binding, const SplitPath& path) {
  std::vector<std::string> values;
  for (const PathTemplate::Variable& variable : binding.path_template.variables) {
    if (variable.single) {
      values.push_back(path.decoded[variable.first]);
      continue;
    }
    const bool to_end =
        binding.path_template.segments[variable.first + variable.count - 1].kind == Kind::kRest;
    const size_t end = to_end ? path.raw.size() : variable.first + variable.count;
    std::string raw;
    for (size_t i = variable.first; i < end; ++i) {
      absl::StrAppend(&raw, i == variable.first ? "" : "/",
                      absl::string_view(path.raw[i].data(), path.raw[i].size()));
    }
    // It can be decoded, as each of its segments could.
    values.push_back(PercentDecode(raw, PercentDecoding::kAllButSlash).value_or(""));
  }
  return values;
}

}  // namespace

// Stands for the templates that begin with the segments on the way here.
struct Bindings::Node {
  absl::flat_hash_map<std::string, std::unique_ptr<Node>> literals;
  std::unique_ptr<Node> one;   // `*`
  std::unique_ptr<Node> rest;  // `**`
  // Of the templates that end here, by verb.
  std::map<std::string, ByMethod, std::less<>> verbs;

  Node& Child(const PathTemplate::Segment& segment) {
    std::unique_ptr<Node>& child = segment.kind == Kind::kLiteral ? literals[segment.literal]
                                   : segment.kind == Kind::kOne   ? one
                                                                  : rest;
    if (child == nullptr) child = std::make_unique<Node>();
    return *child;
  }
};

// Goes through the templates that match a path, the most specific first. No node is visited twice,
// as only one way leads to each.
class Bindings::Search {
 public:
  Search(std::string_view http_method, const SplitPath& path, std::string_view verb)
      : http_method_(http_method), path_(path), verb_(verb) {}

  // The first binding that answers the HTTP method, at or below `node`, for the segments from
  // `next` on.
  const Binding* Below(const Node& node, size_t next) {
    if (next == path_.decoded.size()) {
      if (const Binding* found = At(node)) return found;
    } else {
      const auto literal = node.literals.find(path_.decoded[next]);
      if (literal != node.literals.end()) {
        if (const Binding* found = Below(*literal->second, next + 1)) return found;
      }
      if (node.one != nullptr && !path_.decoded[next].empty()) {
        if (const Binding* found = Below(*node.one, next + 1)) return found;
      }
    }
    return node.rest == nullptr ? nullptr : At(*node.rest);
  }

  // The HTTP methods of templates that matched, without an answer to the request's.
  const std::set<std::string>& methods() const { return methods_; }

 private:
  const Binding* At(const Node& node) {
    const auto found = node.verbs.find(verb_);
    if (found == node.verbs.end()) return nullptr;
    for (const auto& [http_method, binding] : found->second) methods_.insert(http_method);
    return Answering(found->second, http_method_);
  }

  const std::string_view http_method_;
  const SplitPath& path_;
  const std::string_view verb_;
  std::set<std::string> methods_;
};

Bindings::Bindings() : root_(std::make_unique<Node>()) {}
Bindings::Bindings(Bindings&&) noexcept = default;
Bindings& Bindings::operator=(Bindings&&) noexcept = default;
Bindings::~Bindings() = default;

absl::StatusOr<Bindings> Bindings::Create(const std::vector<const MethodDescriptor*>& methods) {
  Bindings bindings;
  for (const MethodDescriptor* method : methods) {
    if (!method->options().HasExtension(google::api::http)) continue;
    const HttpRule& rule = method->options().GetExtension(google::api::http);
    RETURN_IF_ERROR(bindings.Add(*method, rule));
    for (const HttpRule& additional : rule.additional_bindings()) {
      RETURN_IF_ERROR(bindings.Add(*method, additional));
      if (additional.additional_bindings().empty()) continue;
      return absl::InvalidArgumentError(
          absl::StrCat("an additional binding of ", method->full_name(), " has further ones"));
    }
  }
  return bindings;
}

absl::Status Bindings::Add(const MethodDescriptor& method, const HttpRule& rule) {
  ASSIGN_OR_RETURN(Binding made, MakeBinding(method, rule));
  bindings_.push_back(std::make_unique<Binding>(std::move(made)));
  const Binding& binding = *bindings_.back();
  Node* node = root_.get();
  for (const auto& segment : binding.path_template.segments) node = &node->Child(segment);
  ByMethod& here = node->verbs[binding.path_template.verb];
  const auto [other, is_new] = here.try_emplace(binding.http_method, &binding);
  if (is_new) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("the google.api.http rules of ", other->second->method->full_name(), " and ",
                   method.full_name(), " clash: ", binding.http_method, " ", other->second->path,
                   other->second->path == binding.path ? "" : absl::StrCat(" and ", binding.path)));
}

absl::StatusOr<Match> Bindings::Find(std::string_view http_method, std::string_view path) const {
  if (!path.starts_with('/')) return Match{};
  path.remove_prefix(1);
  // A colon in the last segment begins a verb, unless no template has it; an encoded one never
  // does.
  const size_t colon = path.rfind(':');
  if (colon != std::string_view::npos && path.find('/', colon) == std::string_view::npos) {
    const auto verb = PercentDecode(path.substr(colon + 1), PercentDecoding::kAll);
    if (!verb) return Malformed();
    if (!verb->empty()) {
      ASSIGN_OR_RETURN(Match match, FindWithVerb(http_method, path.substr(0, colon), *verb));
      if (match.binding != nullptr || !match.allowed.empty()) return match;
    }
  }
  return FindWithVerb(http_method, path, "");
}

absl::StatusOr<Match> Bindings::FindWithVerb(std::string_view http_method,
                                             std::string_view segments,
                                             std::string_view verb) const {
  const std::optional<SplitPath> path = Split(segments);
  if (!path) return Malformed();
  Search search(http_method, *path, verb);
  const Binding* binding = search.Below(*root_, 0);
  if (binding != nullptr) return Match{binding, Capture(*binding, *path), {}};
  std::set<std::string> methods = search.methods();
  if (methods.contains("GET")) methods.insert("HEAD");
  if (!methods.empty()) methods.insert("OPTIONS");
  return Match{nullptr, {}, {methods.begin(), methods.end()}};
}

}  // namespace baliprocess::gateway
