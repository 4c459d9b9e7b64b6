// Syllables of Myanmar, Khmer, Lao and Thai: a letter, and the marks around it, which keyboards let
// one type in several orders that look alike.

#ifndef BALIPROCESS_SERVICES_CAPACITY_IDENTITY_SYLLABLES_H_
#define BALIPROCESS_SERVICES_CAPACITY_IDENTITY_SYLLABLES_H_

#include <unicode/unistr.h>

namespace baliprocess::capacity {

// `text` with the marks of each syllable in one order, and none of them twice in a row. A consonant
// below another, with the sign that puts it there, is one mark.
icu::UnicodeString WithMarksInOrder(const icu::UnicodeString& text);

// How often `text` breaks a rule of Myanmar in Unicode:
//   - a word doesn't begin with a mark
//   - the vowel e (U+1031) follows a consonant, or a medial of it
//   - the virama (U+1039) is followed by the consonant that it puts below
//   - the asat (U+103A), which takes a consonant its vowel, isn't followed by a vowel or a medial
int BrokenMyanmarRules(const icu::UnicodeString& text);

}  // namespace baliprocess::capacity

#endif  // BALIPROCESS_SERVICES_CAPACITY_IDENTITY_SYLLABLES_H_
