#include "common/resource/query/filter.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/resource/contract/formats.h"
#include "common/resource/query/filter_comparison.h"

namespace baliprocess::resource {
namespace {

// A condition under construction. Negations are pushed down to the comparisons as it is built (De
// Morgan's laws hold for three-valued logic too), so that unknown is as good as false above them;
// and AND within AND, OR within OR are one node.
struct Node {
  enum class Kind { kComparison, kAnd, kOr };
  Kind kind = Kind::kComparison;
  Condition comparison;
  std::vector<Node> children;
  int height = 0;
};

Node Join(Node::Kind kind, std::vector<Node> nodes) {
  if (nodes.size() == 1) return std::move(nodes.front());
  Node joined;
  joined.kind = kind;
  for (Node& node : nodes) {
    if (node.kind == kind) {
      std::move(node.children.begin(), node.children.end(), std::back_inserter(joined.children));
    } else {
      joined.children.push_back(std::move(node));
    }
  }
  for (const Node& child : joined.children) {
    joined.height = std::max(joined.height, child.height + 1);
  }
  // What is nested deepest comes first. SQLite's parser has a stack of 100 entries, and keeps what
  // stands before a parenthesis on it.
  std::stable_sort(joined.children.begin(), joined.children.end(),
                   [](const Node& a, const Node& b) { return a.height > b.height; });
  return joined;
}

void Write(const Node& node, Condition& out) {
  if (node.kind == Node::Kind::kComparison) {
    out.sql += node.comparison.sql;
    out.params.insert(out.params.end(), node.comparison.params.begin(),
                      node.comparison.params.end());
    return;
  }
  for (size_t i = 0; i < node.children.size(); ++i) {
    const Node& child = node.children[i];
    if (i > 0) out.sql += node.kind == Node::Kind::kAnd ? " AND " : " OR ";
    const bool parentheses = child.kind == Node::Kind::kOr;
    if (parentheses) out.sql += '(';
    Write(child, out);
    if (parentheses) out.sql += ')';
  }
}

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n'; }

bool IsFieldCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '.';
}

// Recursive descent over the grammar of AIP-160. Each Parse function starts at the first character
// of what it parses, and ends after the last.
class Parser {
 public:
  Parser(std::string_view text, const std::vector<Column>& columns,
         api::v1::Visibility::Level clearance, FilteredRows rows)
      : text_(text), columns_(columns), clearance_(clearance), rows_(rows) {}

  absl::StatusOr<Condition> Parse() {
    SkipSpace();
    if (AtEnd()) return Condition{"TRUE", {}};
    ASSIGN_OR_RETURN(const Node node, ParseExpression(false, 0));
    if (!AtEnd()) {
      // Only a closing parenthesis ends an expression early.
      return ErrorAt(at_, "there is no parenthesis to close");
    }
    Condition condition;
    // In parentheses whatever it is, so that it can stand beside other conditions.
    condition.sql = "(";
    Write(node, condition);
    condition.sql += ")";
    return condition;
  }

 private:
  // expression: factors joined by AND or side by side, which is the same
  absl::StatusOr<Node> ParseExpression(bool negated, int depth) {
    std::vector<Node> nodes;
    for (;;) {
      ASSIGN_OR_RETURN(Node node, ParseFactor(negated, depth));
      nodes.push_back(std::move(node));
      SkipSpace();
      if (AtEnd() || Peek() == ')') break;
      if (TakeKeyword("AND")) SkipSpace();
    }
    return Join(negated ? Node::Kind::kOr : Node::Kind::kAnd, std::move(nodes));
  }

  // factor: terms joined by OR
  absl::StatusOr<Node> ParseFactor(bool negated, int depth) {
    std::vector<Node> nodes;
    do {
      SkipSpace();
      ASSIGN_OR_RETURN(Node node, ParseTerm(negated, depth));
      nodes.push_back(std::move(node));
      SkipSpace();
    } while (TakeKeyword("OR"));
    return Join(negated ? Node::Kind::kAnd : Node::Kind::kOr, std::move(nodes));
  }

  // term: a comparison or a parenthesis, negated or not
  absl::StatusOr<Node> ParseTerm(bool negated, int depth) {
    if (depth > kMaxFilterDepth) {
      return ErrorAt(at_, absl::StrCat("parentheses and negations are nested deeper than ",
                                       kMaxFilterDepth, " levels"));
    }
    if (AtEnd()) return ExpectedComparison();
    const bool minus = Peek() == '-';
    if (minus || TakeKeyword("NOT")) {
      if (minus) ++at_;
      SkipSpace();
      return ParseTerm(!negated, depth + 1);
    }
    if (Peek() != '(') return ParseComparison(negated);
    const size_t opened = at_++;
    SkipSpace();
    ASSIGN_OR_RETURN(Node node, ParseExpression(negated, depth + 1));
    if (AtEnd()) return ErrorAt(opened, "the parenthesis isn't closed");
    ++at_;
    return node;
  }

  absl::StatusOr<Node> ParseComparison(bool negated) {
    const size_t start = at_;
    if (++comparisons_ > kMaxFilterComparisons) {
      return ErrorAt(start,
                     absl::StrCat("there are more than ", kMaxFilterComparisons, " comparisons"));
    }
    if (Peek() == '"' || Peek() == '\'') return SearchUnsupported(start);
    while (!AtEnd() && IsFieldCharacter(Peek())) ++at_;
    const std::string path(text_.substr(start, at_ - start));
    if (path.empty() || IsKeyword(path)) {
      at_ = start;
      return ExpectedComparison();
    }
    if (!AtEnd() && Peek() == '(') return ErrorAt(start, "functions aren't supported");
    SkipSpace();
    const size_t operator_at = at_;
    const std::optional<FilterOperator> op = TakeOperator();
    if (!op) return SearchUnsupported(start);
    const Column* column = FindColumn(columns_, path);
    if (column == nullptr || column->visibility > clearance_) {
      return ErrorAt(start, absl::StrCat("there is no field ", Cut(path, 64), " to filter by"));
    }
    SkipSpace();
    const size_t value_at = at_;
    ASSIGN_OR_RETURN(const FilterValue value, ParseValue(operator_at));
    const ComparisonContext context{negated, rows_ == FilteredRows::kLive};
    Node node;
    if (const auto wanted = CompileComparison(*column, *op, value, context, node.comparison)) {
      // What names the operator is about the operator.
      return ErrorAt(wanted->starts_with('`') ? operator_at : value_at,
                     absl::StrCat("expected ", *wanted));
    }
    if (IsSearch(*column, *op, value, context) && ++searches_ > kMaxFilterSearches) {
      return ErrorAt(start, absl::StrCat("there are more than ", kMaxFilterSearches,
                                         " comparisons that search within texts or lists"));
    }
    return node;
  }

  absl::StatusOr<FilterValue> ParseValue(size_t operator_at) {
    const size_t start = at_;
    if (AtEnd()) return ErrorAt(operator_at, "expected a value after the operator");
    const bool quoted = Peek() == '"' || Peek() == '\'';
    if (Peek() == '(') return ErrorAt(start, "expected a single value; join comparisons by OR");
    ASSIGN_OR_RETURN(FilterValue value, quoted ? ParseString() : ParseWord());
    if (Examine(value.text).length > static_cast<size_t>(kMaxFilterValueLength)) {
      return ErrorAt(
          start, absl::StrCat("the value has more than ", kMaxFilterValueLength, " characters"));
    }
    return value;
  }

  absl::StatusOr<FilterValue> ParseString() {
    const size_t start = at_;
    const char quote = text_[at_++];
    FilterValue value;
    value.quoted = true;
    for (; !AtEnd() && Peek() != quote; ++at_) {
      char c = Peek();
      if (c == '*') value.stars.push_back(value.text.size());
      if (c == '\\') {
        if (++at_ == text_.size()) break;
        c = Unescape(Peek());
      }
      value.text += c;
    }
    if (AtEnd()) return ErrorAt(start, "the quotation mark isn't closed");
    ++at_;
    return value;
  }

  static char Unescape(char c) {
    if (c == 'n') return '\n';
    if (c == 'r') return '\r';
    if (c == 't') return '\t';
    return c;
  }

  absl::StatusOr<FilterValue> ParseWord() {
    const size_t start = at_;
    // A time has colons: 2024-05-02T10:30:00Z.
    const bool number = Peek() >= '0' && Peek() <= '9';
    FilterValue value;
    for (; !AtEnd() && IsWordCharacter(Peek(), number); ++at_) {
      if (Peek() == '*') value.stars.push_back(value.text.size());
      value.text += Peek();
    }
    if (value.text.empty() || IsKeyword(value.text)) {
      return ErrorAt(start, "expected a value; put it in quotes if it has special characters");
    }
    return value;
  }

  static bool IsWordCharacter(char c, bool colon_too) {
    constexpr std::string_view kSpecial = "\"'(),=<>!\\";
    if (c == ':') return colon_too;
    return !IsSpace(c) && kSpecial.find(c) == std::string_view::npos;
  }

  std::optional<FilterOperator> TakeOperator() {
    constexpr std::pair<std::string_view, FilterOperator> kOperators[] = {
        {"<=", FilterOperator::kLessOrEqual}, {">=", FilterOperator::kGreaterOrEqual},
        {"!=", FilterOperator::kNotEqual},    {"<", FilterOperator::kLess},
        {">", FilterOperator::kGreater},      {"=", FilterOperator::kEqual},
        {":", FilterOperator::kHas},
    };
    for (const auto& [sign, op] : kOperators) {
      if (!text_.substr(at_).starts_with(sign)) continue;
      at_ += sign.size();
      return op;
    }
    return std::nullopt;
  }

  static bool IsKeyword(std::string_view word) {
    return word == "AND" || word == "OR" || word == "NOT";
  }

  // Takes `keyword` if it stands here as a whole word.
  bool TakeKeyword(std::string_view keyword) {
    const std::string_view rest = text_.substr(at_);
    if (!rest.starts_with(keyword)) return false;
    if (rest.size() > keyword.size() && IsFieldCharacter(rest[keyword.size()])) return false;
    at_ += keyword.size();
    return true;
  }

  void SkipSpace() {
    while (!AtEnd() && IsSpace(Peek())) ++at_;
  }
  bool AtEnd() const { return at_ == text_.size(); }
  char Peek() const { return AtEnd() ? '\0' : text_[at_]; }

  absl::Status ErrorAt(size_t at, std::string_view rule) const {
    const size_t character = Examine(text_.substr(0, at)).length + 1;
    return InvalidField("filter", absl::StrCat("at character ", character, ": ",
                                               absl::string_view(rule.data(), rule.size())));
  }
  absl::Status ExpectedComparison() const {
    return ErrorAt(at_, "expected a comparison, such as create_time > 2024-05-02");
  }
  absl::Status SearchUnsupported(size_t start) const {
    return ErrorAt(start,
                   "expected a field, an operator and a value: search across fields isn't "
                   "supported");
  }

  std::string_view text_;
  const std::vector<Column>& columns_;
  api::v1::Visibility::Level clearance_;
  FilteredRows rows_;
  size_t at_ = 0;
  int comparisons_ = 0;
  int searches_ = 0;
};

}  // namespace

absl::StatusOr<Condition> CompileFilter(std::string_view filter, const std::vector<Column>& columns,
                                        api::v1::Visibility::Level clearance, FilteredRows rows) {
  const TextFacts facts = Examine(filter);
  if (!facts.valid_utf8) return InvalidField("filter", "must be valid UTF-8");
  if (facts.has_control) {
    return InvalidField("filter", "must not have control characters other than tab and line feed");
  }
  return Parser(filter, columns, clearance, rows).Parse();
}

}  // namespace baliprocess::resource
