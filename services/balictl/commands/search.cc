// balictl search: what has certain words, in all services.

#include <algorithm>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "google/api/resource.pb.h"

#include "baliprocess/common/v1/search.pb.h"
#include "common/base/status_macros.h"
#include "services/balictl/client/connection.h"
#include "services/balictl/commands/commands.h"
#include "services/balictl/contract/contract.h"
#include "services/balictl/contract/json.h"
#include "services/balictl/contract/table.h"
#include "services/balictl/contract/verbs.h"

namespace baliprocess::balictl {
namespace {

using common::v1::SearchRequest;
using common::v1::SearchResponse;
using common::v1::SearchResult;
using google::protobuf::MethodDescriptor;

constexpr int kMostShown = 1000;

// The services to ask, and what each is asked for.
struct Question {
  const MethodDescriptor* search = nullptr;
  SearchRequest request;
};

std::string TypeOf(const ResourceKind& kind) {
  return kind.message->options().GetExtension(google::api::resource).type();
}

absl::StatusOr<std::vector<Question>> QuestionsOf(const Arguments& arguments, int shown) {
  std::vector<const ResourceKind*> kinds;
  for (const std::string& word : arguments.All("type")) {
    ASSIGN_OR_RETURN(const ResourceKind* kind, FindKind(word));
    kinds.push_back(kind);
  }
  const std::string below = arguments.Text("below");
  std::vector<Question> questions;
  for (const auto* service : Services()) {
    Question question{service->FindMethodByName("Search"), {}};
    if (question.search == nullptr) continue;
    const auto is_of_it = [&](const ResourceKind* kind) {
      return kind->message->file()->package() == service->file()->package();
    };
    if (!below.empty()) {
      ASSIGN_OR_RETURN(const ResourceKind* kind, KindOfName(below));
      if (!is_of_it(kind)) continue;
    }
    for (const ResourceKind* kind : kinds) {
      if (is_of_it(kind)) question.request.add_types(TypeOf(*kind));
    }
    if (!kinds.empty() && question.request.types().empty()) continue;
    question.request.set_query(absl::StrJoin(arguments.positional, " "));
    question.request.set_parent(below);
    question.request.set_page_size(shown);
    questions.push_back(std::move(question));
  }
  return questions;
}

// The best of each service, then the second best of each: their points can't be compared.
SearchResponse ByTurns(const std::vector<SearchResponse>& replies, int shown) {
  SearchResponse all;
  int longest = 0;
  for (const SearchResponse& reply : replies) longest = std::max(longest, reply.results_size());
  for (int i = 0; i < longest; ++i) {
    for (const SearchResponse& reply : replies) {
      if (i < reply.results_size() && all.results_size() < shown) {
        *all.add_results() = reply.results(i);
      }
    }
  }
  return all;
}

void Print(const SearchResponse& found, Io& io) {
  std::vector<Row> rows = {{"NAME", "TYPE", "TITLE", "TEXT"}};
  for (const SearchResult& result : found.results()) {
    rows.push_back({result.name(),
                    std::string(absl::StripPrefix(result.type(), "baliprocess.net/")),
                    result.title(), result.snippet()});
  }
  io.out << FormatTable(std::move(rows), io.width);
}

absl::Status Search(const Arguments& arguments, Io& io) {
  const std::string output = arguments.Text("output");
  if (output != "table" && output != "json") return UsageError("--output must be table or json");
  int shown = 0;
  if (!absl::SimpleAtoi(arguments.Text("limit"), &shown) || shown < 1 || shown > kMostShown) {
    return UsageError(absl::StrCat("--limit must be a number from 1 to ", kMostShown));
  }
  ASSIGN_OR_RETURN(const std::vector<Question> questions, QuestionsOf(arguments, shown));
  ASSIGN_OR_RETURN(const auto connection, Connection::Open(arguments));
  std::vector<SearchResponse> replies(questions.size());
  for (size_t i = 0; i < questions.size(); ++i) {
    RETURN_IF_ERROR(connection->Call(*questions[i].search, questions[i].request, replies[i]));
  }
  const SearchResponse found = ByTurns(replies, shown);
  if (output == "json") {
    ASSIGN_OR_RETURN(const std::string json, ToJson(found));
    io.out << json;
    return absl::OkStatus();
  }
  if (found.results().empty()) {
    io.err << "nothing is found\n";
    return absl::OkStatus();
  }
  Print(found, io);
  return absl::OkStatus();
}

}  // namespace

Command SearchCommand() {
  return {.name = "search",
          .arguments = "WORD...",
          .min_arguments = 1,
          .max_arguments = 100,
          .summary = "Find resources by the words in them",
          .description =
              "Finds what has all the words in its name, title or texts, as far as the caller may "
              "see it; the best first. A word is found by its beginning, too, and capitals and "
              "accents don't matter.\n\nExamples:\n"
              "  balictl search smuggling\n"
              "  balictl search victims traffick --type decisions --type actionItems\n"
              "  balictl search credentials --below meetings/ahg-18",
          .flags = WithConnection({{.name = "type",
                                    .value = "COLLECTION",
                                    .fallback = "",
                                    .help = "Find these only, such as meetings.",
                                    .repeated = true},
                                   {"below", "NAME", "", "Find only what is below this resource."},
                                   {"limit", "NUMBER", "20", "How many to show at most."},
                                   {"output", "table|json", "table", "How to print it."}}),
          .run = Search};
}

}  // namespace baliprocess::balictl
