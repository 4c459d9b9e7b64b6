// Text on a terminal: how wide it is, and what mustn't get there.

#ifndef BALIPROCESS_SERVICES_BALICTL_PROGRAM_TERMINAL_TEXT_H_
#define BALIPROCESS_SERVICES_BALICTL_PROGRAM_TERMINAL_TEXT_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace baliprocess::balictl {

// The columns that UTF-8 text takes (Unicode Standard Annex 11): two for wide and fullwidth
// characters and for emoji, none for combining marks and invisible characters, one for others. A
// flag of two letters, or an emoji of several parts, takes two. Bytes that are no UTF-8 take one.
size_t Columns(std::string_view text);

// The text in at most `width` columns: cut between characters as people see them (grapheme
// clusters), with `…` where something is missing.
std::string CutTo(std::string_view text, size_t width);

// The text on one line: line feeds and tabs become spaces, other control characters, which could
// steer the terminal, and characters that turn the direction of writing become question marks;
// bytes that are no UTF-8, U+FFFD.
std::string SafeText(std::string_view text);

// Paragraphs with lines of at most `width` columns. Lines that begin with a blank stay as they are:
// examples.
std::string Wrapped(std::string_view text, size_t width);

// The width of help, and of what is explained.
inline constexpr size_t kPageWidth = 79;

// Wrapped to the width of help, each line behind `indent`, with line feed; "" for no text.
std::string Indented(std::string_view text, const std::string& indent);

}  // namespace baliprocess::balictl

#endif  // BALIPROCESS_SERVICES_BALICTL_PROGRAM_TERMINAL_TEXT_H_
