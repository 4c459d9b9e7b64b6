#include "common/resource/engine/search.h"

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "baliprocess/api/v1/access.pb.h"
#include "baliprocess/common/v1/search.pb.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/resource/contract/search_words.h"
#include "common/resource/engine/scope.h"
#include "common/resource/engine/standard_reads.h"
#include "common/resource/store/search.h"
#include "common/resource/store/search_index.h"
#include "common/resource/store/snippet.h"

namespace baliprocess::resource {
namespace {

using common::v1::SearchRequest;
using common::v1::SearchResponse;
using common::v1::SearchResult;

// Between points and name in a page token; no name has it.
constexpr char kBetween = '\n';

// Whether the caller may list resources of the type: what is found is listed.
bool MayList(const google::protobuf::ServiceDescriptor& service, const ResourceType& type,
             const auth::Caller& caller) {
  const auto* method = service.FindMethodByName("List" + type.plural_camel);
  if (method == nullptr) return false;
  const auto& access = method->options().GetExtension(api::v1::access);
  return std::any_of(access.roles().begin(), access.roles().end(), [&](int role) {
    return caller.Has(static_cast<api::v1::Access::Role>(role));
  });
}

absl::StatusOr<std::vector<const ResourceType*>> TypesOf(
    const google::protobuf::ServiceDescriptor& service, const Registry& registry,
    const SearchRequest& request, const auth::Caller& caller) {
  Violations violations;
  for (int i = 0; i < request.types_size(); ++i) {
    if (registry.FindType(request.types(i)) != nullptr) continue;
    violations.Add(absl::StrCat("types[", i, "]"),
                   "must be a type of this service, such as " + registry.types()[0]->type);
  }
  RETURN_IF_ERROR(violations.ToStatus());
  std::vector<const ResourceType*> types;
  for (const auto& type : registry.types()) {
    const bool asked = request.types().empty() ||
                       std::find(request.types().begin(), request.types().end(), type->type) !=
                           request.types().end();
    if (asked && MayList(service, *type, caller)) types.push_back(type.get());
  }
  return types;
}

absl::StatusOr<std::vector<std::string>> WordsOf(const SearchRequest& request) {
  std::vector<std::string> words = SearchWords(request.query(), kMostQueryWords + 1);
  if (words.empty()) return InvalidField("query", "must have a letter or a digit");
  if (words.size() > kMostQueryWords) {
    return InvalidField("query", absl::StrCat("must have at most ", kMostQueryWords, " words"));
  }
  std::sort(words.begin(), words.end());
  words.erase(std::unique(words.begin(), words.end()), words.end());
  return words;
}

// Where the page before ended; nullopt for the first page.
absl::StatusOr<std::unique_ptr<HitPosition>> PositionOf(const Scope& scope,
                                                        const SearchRequest& request) {
  ASSIGN_OR_RETURN(const std::string key, scope.OpenPageToken(request));
  if (key.empty()) return nullptr;
  const std::vector<std::string> parts = absl::StrSplit(key, kBetween);
  auto position = std::make_unique<HitPosition>();
  if (parts.size() != 2 || !absl::SimpleAtoi(parts[0], &position->points)) {
    return Error(api::v1::Error::INVALID_PAGE_TOKEN,
                 "the page token is of another query; start again without it");
  }
  position->name = parts[1];
  return position;
}

absl::Status Search(const google::protobuf::ServiceDescriptor& service, Scope& scope,
                    const SearchRequest& request, SearchResponse& reply) {
  SearchQuery query;
  ASSIGN_OR_RETURN(query.words, WordsOf(request));
  ASSIGN_OR_RETURN(query.types, TypesOf(service, scope.registry(), request, scope.caller()));
  query.parent = request.parent();
  ASSIGN_OR_RETURN(const std::unique_ptr<HitPosition> after, PositionOf(scope, request));
  const Viewer viewer(scope.caller());
  ASSIGN_OR_RETURN(Hits found, FindHits(scope.tx(), query, viewer, after.get(),
                                        PageSizeOf(request.page_size())));
  Redactor redactor(scope.registry(), scope.tx(), viewer);
  for (Hit& hit : found.hits) {
    RETURN_IF_ERROR(redactor.Redact(*hit.resource));
    SearchResult& result = *reply.add_results();
    result.set_name(hit.position.name);
    result.set_type(hit.type->type);
    result.set_title(TitleOf(*hit.resource));
    result.set_snippet(SnippetOf(*hit.type, *hit.resource, query.words));
  }
  if (found.more) {
    const HitPosition& last = found.hits.back().position;
    reply.set_next_page_token(scope.SealPageToken(
        request, absl::StrCat(last.points, std::string(1, kBetween), last.name)));
  }
  return absl::OkStatus();
}

}  // namespace

void BindSearch(Engine& engine, rpc::MethodTable& table) {
  // What a Search costs, its words decide: it must not hold up the threads that serve the others.
  table.Unary<SearchRequest, SearchResponse>(
      "Search", rpc::Execution::kPooled,
      [&engine, service = table.service()](rpc::Call& call, const SearchRequest& request,
                                           SearchResponse& reply) {
        return engine.Read(call, request, reply,
                           [&](Scope& scope) { return Search(*service, scope, request, reply); });
      });
}

}  // namespace baliprocess::resource
