// The path templates of google.api.HttpRule (google/api/http.proto, "Path template syntax"):
//
//   Template = "/" Segments [ Verb ] ;          Variable  = "{" FieldPath [ "=" Segments ] "}" ;
//   Segments = Segment { "/" Segment } ;        FieldPath = IDENT { "." IDENT } ;
//   Segment  = "*" | "**" | LITERAL | Variable ; Verb     = ":" LITERAL ;
//
// Such as `/v1/{name=meetings/*/documents/*}:download`.

#ifndef BALIPROCESS_SERVICES_GATEWAY_TRANSCODING_PATH_TEMPLATE_H_
#define BALIPROCESS_SERVICES_GATEWAY_TRANSCODING_PATH_TEMPLATE_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace baliprocess::gateway {

struct PathTemplate {
  struct Segment {
    enum class Kind {
      kLiteral,  // this text
      kOne,      // `*`: one segment, which isn't empty
      kRest,     // `**`: all segments that follow, or none; the last segment of a template
    };
    Kind kind = Kind::kLiteral;
    std::string literal;  // percent-decoded
  };

  // Captures the part of a path that `count` segments of the template, from `first` on, stand for.
  struct Variable {
    std::string field_path;  // such as `member.name`
    size_t first = 0;
    size_t count = 0;
    // One segment and no `**`: a captured %2F is decoded too. In other variables it stays, since a
    // slash stands between segments there.
    bool single = false;
  };

  std::vector<Segment> segments;    // one at least
  std::vector<Variable> variables;  // in the order of the template
  std::string verb;                 // percent-decoded, without the colon; empty: none

  // An error says what is wrong with the template, without naming it.
  static absl::StatusOr<PathTemplate> Parse(std::string_view text);
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_TRANSCODING_PATH_TEMPLATE_H_
