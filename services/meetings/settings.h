// What an operator may choose of the meetings service. The defaults are those of its flags
// (main.cc).

#ifndef BALIPROCESS_SERVICES_MEETINGS_SETTINGS_H_
#define BALIPROCESS_SERVICES_MEETINGS_SETTINGS_H_

#include <cstdint>
#include <string>

namespace baliprocess::meetings {

struct Settings {
  // The most bytes that the contents of a document's versions may have together; a content that
  // several versions share counts once. 16 files of the largest size: more than a paper goes
  // through, and a bound on what one document takes of the store and of every backup.
  int64_t max_document_bytes = int64_t{1} << 30;

  // What stands before the paths of HTTP, such as `https://suite.example.org`: calendars then tell
  // where each meeting is found. Empty: they don't.
  std::string public_url;

  // Who organises meetings, for calendars (RFC 5545 3.8.4.3): an email address, and its name. No
  // organiser is told without an address.
  std::string organizer_email;
  std::string organizer_name;
};

}  // namespace baliprocess::meetings

#endif  // BALIPROCESS_SERVICES_MEETINGS_SETTINGS_H_
