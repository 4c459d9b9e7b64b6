#include "services/balictl/program/paper.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"

#include "services/balictl/program/terminal_text.h"

namespace baliprocess::balictl {
namespace {

constexpr char kStyle[] = R"(
@page { size: A4; margin: 20mm 18mm;
  @bottom-center { content: counter(page) " / " counter(pages); font-size: 9pt } }
body { font-family: "DejaVu Serif", "Noto Serif", serif; font-size: 10.5pt; line-height: 1.4;
  max-width: 50em; margin: auto; overflow-wrap: anywhere }
h1 { font-size: 17pt } h2 { font-size: 13pt } h3 { font-size: 11pt }
h1, h2, h3 { break-after: avoid; line-height: 1.2 }
table { border-collapse: collapse; width: 100% }
th, td { border: 0.5pt solid #777; padding: 2pt 4pt; text-align: left; vertical-align: top }
thead { display: table-header-group }
tr { break-inside: avoid }
)";

// Text for HTML: in its content and in quoted attributes.
std::string Html(std::string_view text) {
  return absl::StrReplaceAll(
      SafeText(text),
      {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}, {"\"", "&quot;"}, {"'", "&#39;"}});
}

// Whether a line of Markdown that begins with the text could begin a heading, a list, a rule or
// the like.
size_t PlaceOfMark(const std::string& text) {
  const size_t digits = text.find_first_not_of("0123456789");
  if (digits == std::string::npos) return digits;
  const char c = text[digits];
  if (digits > 0) return c == '.' || c == ')' ? digits : std::string::npos;
  return c == '#' || c == '+' || c == '-' || c == '=' ? 0 : std::string::npos;
}

// Text for Markdown: in a paragraph of its own, in a cell, in a heading. Angles and ampersands go
// as entities, since not every reader of Markdown takes a backslash before them.
std::string Markdown(std::string_view text) {
  std::string escaped;
  const std::string safe = SafeText(text);
  for (const char c : std::string(absl::StripAsciiWhitespace(safe))) {
    if (c == '<') {
      escaped += "&lt;";
    } else if (c == '>') {
      escaped += "&gt;";
    } else if (c == '&') {
      escaped += "&amp;";
    } else {
      if (std::string_view("\\`*_[]|~!").find(c) != std::string_view::npos) escaped += '\\';
      escaped += c;
    }
  }
  if (const size_t place = PlaceOfMark(escaped); place != std::string::npos) {
    escaped.insert(place, "\\");
  }
  return escaped;
}

std::string MarkdownRow(const std::vector<std::string>& cells) {
  return absl::StrCat("| ",
                      absl::StrJoin(cells, " | ",
                                    [](std::string* out, const auto& cell) {
                                      absl::StrAppend(out, Markdown(cell));
                                    }),
                      " |\n");
}

std::string MarkdownTable(const std::vector<std::vector<std::string>>& rows) {
  std::string text = MarkdownRow(rows[0]);
  for (size_t i = 0; i < rows[0].size(); ++i) text += i == 0 ? "|---|" : "---|";
  text += "\n";
  for (size_t i = 1; i < rows.size(); ++i) text += MarkdownRow(rows[i]);
  return text;
}

std::string HtmlRow(const std::vector<std::string>& cells, std::string_view tag) {
  std::string text = "<tr>";
  for (const std::string& cell : cells) {
    absl::StrAppend(&text, "<", std::string(tag), ">", Html(cell), "</", std::string(tag), ">");
  }
  return text + "</tr>\n";
}

std::string HtmlTable(const std::vector<std::vector<std::string>>& rows) {
  std::string text =
      absl::StrCat("<table>\n<thead>\n", HtmlRow(rows[0], "th"), "</thead>\n<tbody>\n");
  for (size_t i = 1; i < rows.size(); ++i) text += HtmlRow(rows[i], "td");
  return text + "</tbody>\n</table>\n";
}

void DropEmptyColumns(std::vector<std::vector<std::string>>& rows) {
  for (size_t column = rows[0].size(); column-- > 0;) {
    const bool used = std::any_of(rows.begin() + 1, rows.end(),
                                  [&](const auto& row) { return !row[column].empty(); });
    if (used) continue;
    for (auto& row : rows) row.erase(row.begin() + static_cast<ptrdiff_t>(column));
  }
}

}  // namespace

void Paper::Paragraph(std::string_view text) {
  const absl::string_view all(text.data(), text.size());
  for (const absl::string_view part : absl::StrSplit(all, "\n\n")) {
    const absl::string_view stripped = absl::StripAsciiWhitespace(part);
    if (!stripped.empty()) Add({Kind::kParagraph, std::string(stripped), {}});
  }
}

void Paper::List(std::vector<std::string> items) {
  if (items.empty()) return;
  Block block{Kind::kList, "", {}};
  for (std::string& item : items) block.rows.push_back({std::move(item)});
  Add(std::move(block));
}

void Paper::Table(std::vector<std::vector<std::string>> rows) {
  if (rows.size() < 2) return;
  DropEmptyColumns(rows);
  if (!rows[0].empty()) Add({Kind::kTable, "", std::move(rows)});
}

// The blocks without headings that have nothing below them.
std::vector<const Paper::Block*> Paper::Shown() const {
  std::vector<const Block*> shown;
  bool part_used = false;  // what is below, from the end on
  bool section_used = false;
  for (auto block = blocks_.rbegin(); block != blocks_.rend(); ++block) {
    const bool wanted = block->kind == Kind::kPart      ? part_used
                        : block->kind == Kind::kSection ? section_used
                                                        : true;
    if (wanted) shown.push_back(&*block);
    if (block->kind == Kind::kPart) part_used = false;
    if (block->kind == Kind::kPart || block->kind == Kind::kSection) {
      section_used = false;
    } else {
      part_used = section_used = true;
    }
  }
  std::reverse(shown.begin(), shown.end());
  return shown;
}

std::string Paper::ToMarkdown() const {
  std::string text = absl::StrCat("# ", Markdown(title_), "\n");
  for (const Block* block : Shown()) {
    text += "\n";
    switch (block->kind) {
      case Kind::kPart:
        absl::StrAppend(&text, "## ", Markdown(block->text), "\n");
        break;
      case Kind::kSection:
        absl::StrAppend(&text, "### ", Markdown(block->text), "\n");
        break;
      case Kind::kParagraph:
        absl::StrAppend(&text, Markdown(block->text), "\n");
        break;
      case Kind::kList:
        for (const auto& item : block->rows) absl::StrAppend(&text, "- ", Markdown(item[0]), "\n");
        break;
      case Kind::kTable:
        text += MarkdownTable(block->rows);
        break;
    }
  }
  return text;
}

std::string Paper::ToHtml() const {
  std::string text = absl::StrCat(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
      "'unsafe-inline'\">\n<title>",
      Html(title_), "</title>\n<style>", kStyle, "</style>\n</head>\n<body>\n<h1>", Html(title_),
      "</h1>\n");
  for (const Block* block : Shown()) {
    switch (block->kind) {
      case Kind::kPart:
        absl::StrAppend(&text, "<h2>", Html(block->text), "</h2>\n");
        break;
      case Kind::kSection:
        absl::StrAppend(&text, "<h3>", Html(block->text), "</h3>\n");
        break;
      case Kind::kParagraph:
        absl::StrAppend(&text, "<p>", Html(block->text), "</p>\n");
        break;
      case Kind::kList:
        text += "<ul>\n";
        for (const auto& item : block->rows)
          absl::StrAppend(&text, "<li>", Html(item[0]), "</li>\n");
        text += "</ul>\n";
        break;
      case Kind::kTable:
        text += HtmlTable(block->rows);
        break;
    }
  }
  return text + "</body>\n</html>\n";
}

}  // namespace baliprocess::balictl
