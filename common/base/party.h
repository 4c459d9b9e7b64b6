// Who does something (common/v1/party.proto).

#ifndef BALIPROCESS_COMMON_BASE_PARTY_H_
#define BALIPROCESS_COMMON_BASE_PARTY_H_

#include <string>

#include "baliprocess/common/v1/party.pb.h"

namespace baliprocess {

// The name of the resource that a party is, such as `members/aus`; empty where it isn't on record
// and goes by its display name, or where there is none.
const std::string& ResourceOf(const common::v1::Party& party);

// That, or else the display name.
const std::string& KeyOf(const common::v1::Party& party);

}  // namespace baliprocess

#endif  // BALIPROCESS_COMMON_BASE_PARTY_H_
