#include "services/gateway/transcoding/path_template.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

#include "common/base/status_macros.h"
#include "services/gateway/transcoding/percent.h"

namespace baliprocess::gateway {
namespace {

using Segment = PathTemplate::Segment;
using Variable = PathTemplate::Variable;

bool IsWordStart(char c) { return c == '_' || absl::ascii_isalpha(static_cast<unsigned char>(c)); }
bool IsWord(char c) { return c == '_' || absl::ascii_isalnum(static_cast<unsigned char>(c)); }

// What may stand in a path as it is (`pchar` of RFC 3986 section 3.3), but for the colon, which
// begins a verb, and the star; a percent sign is checked when it is decoded.
bool IsLiteral(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
         std::string_view("-._~!$&'()+,;=@%").find(c) != std::string_view::npos;
}

// Reads a template from left to right.
class Parser {
 public:
  explicit Parser(std::string_view text) : rest_(text) {}

  absl::StatusOr<PathTemplate> Parse() {
    if (!Take("/")) return absl::InvalidArgumentError("doesn't begin with a slash");
    RETURN_IF_ERROR(ReadSegments(/*in_variable=*/false));
    if (Take(":")) {
      ASSIGN_OR_RETURN(template_.verb, ReadLiteral());
    }
    if (!rest_.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat("has an unexpected '", std::string(rest_.substr(0, 1)), "'"));
    }
    return CheckEnd();
  }

 private:
  bool Take(std::string_view token) {
    if (!rest_.starts_with(token)) return false;
    rest_.remove_prefix(token.size());
    return true;
  }

  std::string_view TakeWhile(bool (*belongs)(char)) {
    const auto end = std::find_if_not(rest_.begin(), rest_.end(), belongs);
    const std::string_view taken = rest_.substr(0, static_cast<size_t>(end - rest_.begin()));
    rest_.remove_prefix(taken.size());
    return taken;
  }

  absl::Status ReadSegments(bool in_variable) {
    do {
      RETURN_IF_ERROR(ReadSegment(in_variable));
    } while (Take("/"));
    return absl::OkStatus();
  }

  absl::Status ReadSegment(bool in_variable) {
    if (Take("{")) {
      if (in_variable) return absl::InvalidArgumentError("has a variable within a variable");
      return ReadVariable();
    }
    if (Take("**")) {
      template_.segments.push_back({Segment::Kind::kRest, ""});
    } else if (Take("*")) {
      template_.segments.push_back({Segment::Kind::kOne, ""});
    } else {
      ASSIGN_OR_RETURN(std::string literal, ReadLiteral());
      template_.segments.push_back({Segment::Kind::kLiteral, std::move(literal)});
    }
    return absl::OkStatus();
  }

  absl::Status ReadVariable() {
    Variable variable;
    variable.first = template_.segments.size();
    ASSIGN_OR_RETURN(variable.field_path, ReadFieldPath());
    if (Take("=")) {
      RETURN_IF_ERROR(ReadSegments(/*in_variable=*/true));
    } else {
      template_.segments.push_back({Segment::Kind::kOne, ""});
    }
    if (!Take("}")) return absl::InvalidArgumentError("has a variable that isn't closed");
    variable.count = template_.segments.size() - variable.first;
    variable.single = variable.count == 1 && template_.segments.back().kind != Segment::Kind::kRest;
    const auto same = std::find_if(
        template_.variables.begin(), template_.variables.end(),
        [&](const Variable& other) { return other.field_path == variable.field_path; });
    if (same != template_.variables.end()) {
      return absl::InvalidArgumentError(absl::StrCat("names ", variable.field_path, " twice"));
    }
    template_.variables.push_back(std::move(variable));
    return absl::OkStatus();
  }

  absl::StatusOr<std::string> ReadFieldPath() {
    std::string path;
    do {
      if (rest_.empty() || !IsWordStart(rest_[0])) {
        return absl::InvalidArgumentError("has a variable without the name of a field");
      }
      absl::StrAppend(&path, path.empty() ? "" : ".", std::string(TakeWhile(IsWord)));
    } while (Take("."));
    return path;
  }

  absl::StatusOr<std::string> ReadLiteral() {
    const std::string_view text = TakeWhile(IsLiteral);
    if (text.empty()) return absl::InvalidArgumentError("has an empty segment or verb");
    const auto literal = PercentDecode(text, PercentDecoding::kAll);
    if (!literal) return absl::InvalidArgumentError("has a % that isn't an encoded character");
    return *literal;
  }

  absl::StatusOr<PathTemplate> CheckEnd() {
    for (size_t i = 0; i + 1 < template_.segments.size(); ++i) {
      if (template_.segments[i].kind == Segment::Kind::kRest) {
        return absl::InvalidArgumentError("has something after **");
      }
    }
    return std::move(template_);
  }

  std::string_view rest_;
  PathTemplate template_;
};

}  // namespace

absl::StatusOr<PathTemplate> PathTemplate::Parse(std::string_view text) {
  return Parser(text).Parse();
}

}  // namespace baliprocess::gateway
