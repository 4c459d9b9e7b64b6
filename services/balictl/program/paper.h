// A paper to send or to print: headings, paragraphs, lists and tables, as Markdown and as HTML.
//
// What is put in is text, whoever wrote it: neither form takes any of it for markup.

#ifndef BALIPROCESS_SERVICES_BALICTL_PROGRAM_PAPER_H_
#define BALIPROCESS_SERVICES_BALICTL_PROGRAM_PAPER_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace baliprocess::balictl {

class Paper {
 public:
  explicit Paper(std::string title) : title_(std::move(title)) {}

  // A heading of a part of the paper, or of a part of that. One without anything below it, but for
  // headings of its own parts, is left out.
  void Part(std::string text) { Add({Kind::kPart, std::move(text), {}}); }
  void Section(std::string text) { Add({Kind::kSection, std::move(text), {}}); }

  // Empty lines part paragraphs. No text: no paragraph.
  void Paragraph(std::string_view text);

  // No items: no list.
  void List(std::vector<std::string> items);

  // Rows of as many cells as the first one has: the heading. No other rows: no table. A column
  // without content is left out.
  void Table(std::vector<std::vector<std::string>> rows);

  // CommonMark with GitHub's tables.
  std::string ToMarkdown() const;

  // One file that names no other: to read, and to print on A4 with numbered pages.
  std::string ToHtml() const;

 private:
  enum class Kind { kPart, kSection, kParagraph, kList, kTable };
  struct Block {
    Kind kind;
    std::string text;
    std::vector<std::vector<std::string>> rows;  // the items of a list: one cell each
  };
  void Add(Block block) { blocks_.push_back(std::move(block)); }
  std::vector<const Block*> Shown() const;

  std::string title_;
  std::vector<Block> blocks_;
};

}  // namespace baliprocess::balictl

#endif  // BALIPROCESS_SERVICES_BALICTL_PROGRAM_PAPER_H_
