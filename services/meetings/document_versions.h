// The versions of a document, as its record tells them.

#ifndef BALIPROCESS_SERVICES_MEETINGS_DOCUMENT_VERSIONS_H_
#define BALIPROCESS_SERVICES_MEETINGS_DOCUMENT_VERSIONS_H_

#include <cstdint>
#include <string_view>

#include "baliprocess/meetings/v1/document.pb.h"

namespace baliprocess::meetings {

// The most versions of a document: as many as a list in a resource has elements by default, since
// every reply with the document has them all.
inline constexpr int kMostVersions = 100;

// What a SHA-256 must be, and whether it is.
inline constexpr std::string_view kSha256Rule = "must be 64 lower-case hexadecimal digits";
bool IsSha256(std::string_view text);

// Content that a program kept which knew no versions is version 1.
void RenewDocument(v1::Document& document);

// The version of a number, 1 or more; 0: the current one. nullptr when there is none.
const v1::Document::Content* VersionOf(const v1::Document& document, int number);

// The first version that has this content; nullptr when none has.
const v1::Document::Content* VersionWith(const v1::Document& document, std::string_view sha256);

// How many bytes the contents of all versions have, those that are the same counted once.
int64_t BytesOf(const v1::Document& document);

}  // namespace baliprocess::meetings

#endif  // BALIPROCESS_SERVICES_MEETINGS_DOCUMENT_VERSIONS_H_
