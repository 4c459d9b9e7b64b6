// What the schemas of IATI 2.03 demand of the elements that the suite writes: which elements are
// within which, in which order, how often, and with which attributes.

#ifndef BALIPROCESS_TESTS_CONTRACT_IATI_SCHEMA_H_
#define BALIPROCESS_TESTS_CONTRACT_IATI_SCHEMA_H_

#include <string>
#include <vector>

#include "tests/contract/xml_document.h"

namespace baliprocess::testing {

// How a file breaks the standard, one sentence each; none when it doesn't. An element that the
// tables in the source don't know breaks it, too.
std::vector<std::string> IatiViolations(const XmlDocument& document);

}  // namespace baliprocess::testing

#endif  // BALIPROCESS_TESTS_CONTRACT_IATI_SCHEMA_H_
