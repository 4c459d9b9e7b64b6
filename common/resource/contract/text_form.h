// The form in which texts are kept, so that what reads alike is alike (baliprocess.api.v1.Format):
//   - in Unicode's Normalization Form C (AIP-210, UAX #15)
//   - CR LF and CR are line feeds; no-break spaces (U+00A0, U+2007, U+202F) are spaces
//   - without blanks at the ends: Unicode's White_Space, and what has no width at all, such as a
//     byte order mark (U+FEFF, U+200B, U+2060)
// The engine brings every request into it before anything else looks at the request, so that
// lengths, rules, identifiers of repeated requests and replies are of what is kept.

#ifndef BALIPROCESS_COMMON_RESOURCE_CONTRACT_TEXT_FORM_H_
#define BALIPROCESS_COMMON_RESOURCE_CONTRACT_TEXT_FORM_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <string>
#include <string_view>

namespace baliprocess::resource {

// Whether the field is text, by its contract: a string of the suite's messages without a format of
// its own that is neither the name nor the id of a resource, is given by a client or an import, and
// isn't one of the fields that AIPs give a form (`etag`, `filter`, `order_by`, `page_token`,
// `resume_token`).
bool IsText(const google::protobuf::FieldDescriptor& field);

// Which ends of a text are trimmed. A filter may compare with a part of a text.
struct TrimmedEnds {
  bool front = true;
  bool back = true;
};

// `text` in the form in which it is kept. What isn't valid UTF-8, or has more combining marks in a
// row than formats.h allows, stays as it is: it is refused later. At most three times as long.
std::string NormalText(std::string_view text, TrimmedEnds ends = {});

// Brings the texts of `message` and of all that it contains into that form; a text that is blank is
// absent then.
void NormaliseTexts(google::protobuf::Message& message);

}  // namespace baliprocess::resource

#endif  // BALIPROCESS_COMMON_RESOURCE_CONTRACT_TEXT_FORM_H_
