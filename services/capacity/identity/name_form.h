// The form in which names of persons are compared: one for all spellings of a name, whatever its
// script, accents, case, order and encoding.

#ifndef BALIPROCESS_SERVICES_CAPACITY_IDENTITY_NAME_FORM_H_
#define BALIPROCESS_SERVICES_CAPACITY_IDENTITY_NAME_FORM_H_

#include <string>
#include <string_view>

namespace baliprocess::capacity {

// The second form, of which hashes are made today:
//   1. NFKC_Casefold (Unicode 5.21): compatibility forms and case don't matter, nor does what is
//      invisible, such as U+200B to U+200F, a soft hyphen or a byte order mark.
//   2. Per script: without Arabic and Hebrew vowel signs and tatweel; one letter for the kinds of
//      alef, yeh, kaf and heh; the marks of a Myanmar, Khmer, Lao or Thai syllable in one order,
//      with one spelling of what looks alike; Myanmar without spaces, which are optional there.
//   3. Latin letters without accents (ICU's Any-Latin and Latin-ASCII).
//   4. Without apostrophes (Ma'ruf is Maruf); initials that stand together are one word (K.M.P. is
//      KMP); words in alphabetical order, what isn't a letter or digit between them.
// `Trần Văn An` and `AN Tran van` are one. Empty where there is no letter or digit.
std::string NormaliseName(std::string_view name);

// The first form, as it was before the second, for the hashes that were made of it.
std::string NormaliseNameAsBefore(std::string_view name);

// The most characters of a name, compatibility forms (NFKC) written out, and of these the most of
// other scripts than Latin: to write them in Latin letters takes up to 12 us each, within a write.
// U+FDFA alone is 18 characters.
inline constexpr int kMostOfName = 300;
inline constexpr int kMostBeyondLatin = 150;
bool IsNameTooLong(std::string_view name);

// Whether a name is most likely in Zawgyi, an encoding of Myanmar that gives Unicode's code points
// other meanings: it breaks rules of Unicode's Myanmar (The Unicode Standard 16.3, UTN 11), and
// breaks fewer when it is converted from Zawgyi. A name that breaks none, of whichever language of
// Myanmar, isn't.
bool IsZawgyi(std::string_view name);

}  // namespace baliprocess::capacity

#endif  // BALIPROCESS_SERVICES_CAPACITY_IDENTITY_NAME_FORM_H_
