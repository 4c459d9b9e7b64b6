#include "common/base/party.h"

namespace baliprocess {

using common::v1::Party;

const std::string& ResourceOf(const Party& party) {
  switch (party.party_case()) {
    case Party::kMember:
      return party.member();
    case Party::kBody:
      return party.body();
    case Party::kOfficial:
      return party.official();
    case Party::kExternalForum:
      return party.external_forum();
    case Party::kDisplayName:
    case Party::PARTY_NOT_SET:
      break;
  }
  return Party::default_instance().member();
}

const std::string& KeyOf(const Party& party) {
  return party.party_case() == Party::kDisplayName ? party.display_name() : ResourceOf(party);
}

}  // namespace baliprocess
