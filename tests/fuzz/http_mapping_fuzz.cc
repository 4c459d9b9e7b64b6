// What HTTP requests lead to: the first line of the input as a path template, the second as the
// path and query of a request to each method of the suite. A path that leads to a binding leads
// there again when it is put together from the values that were captured; a request that is read
// is a valid message; what isn't is refused for a reason that callers are told.

#include <google/protobuf/message.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "absl/strings/str_format.h"

#include "common/base/descriptors.h"
#include "common/base/errors.h"
#include "services/gateway/transcoding/json_request.h"
#include "services/gateway/transcoding/testing/text_contract.h"

namespace {

using baliprocess::ReasonOf;
using baliprocess::api::v1::Error;
using baliprocess::gateway::Bindings;
using baliprocess::gateway::Match;
using baliprocess::gateway::PathTemplate;

void Require(bool holds, const char* what, std::string_view input) {
  if (holds) return;
  std::fprintf(stderr, "%s: %.*s\n", what, static_cast<int>(input.size()), input.data());
  std::abort();
}

std::string Encoded(std::string_view text, bool keep_slash) {
  std::string encoded;
  for (const char c : text) {
    if (c == '/' && keep_slash) {
      encoded.push_back(c);
    } else {
      absl::StrAppendFormat(&encoded, "%%%02x", static_cast<unsigned char>(c));
    }
  }
  return encoded;
}

// The path that a template's variables make; others of its segments are literals in our contract.
std::string PathOf(const Match& match) {
  const PathTemplate& form = match.binding->path_template;
  std::string path;
  size_t variable = 0;
  for (size_t i = 0; i < form.segments.size();) {
    path.push_back('/');
    if (variable < form.variables.size() && form.variables[variable].first == i) {
      path += Encoded(match.values[variable], !form.variables[variable].single);
      i += form.variables[variable++].count;
    } else {
      path += Encoded(form.segments[i++].literal, false);
    }
  }
  return form.verb.empty() ? path : path + ":" + form.verb;
}

void CheckRequest(const Match& match, std::string_view query, std::string_view input) {
  const auto request = baliprocess::NewMessage(*match.binding->method->input_type());
  const auto parameters = baliprocess::gateway::ParseQuery(query);
  const absl::Status status =
      parameters.ok() ? ReadRequest(match, *parameters, {}, *request) : parameters.status();
  if (!status.ok()) {
    return Require(ReasonOf(status) == Error::INVALID_FIELDS, "reason", input);
  }
  const auto read = baliprocess::NewMessage(*match.binding->method->input_type());
  Require(read->ParseFromString(request->SerializeAsString()), "not a message", input);
}

void CheckTemplate(std::string_view text) {
  const auto parsed = PathTemplate::Parse(text);
  if (!parsed.ok()) return;
  Require(!parsed->segments.empty(), "no segments", text);
  size_t end = 0;
  for (const auto& variable : parsed->variables) {
    Require(variable.first >= end && variable.count > 0, "variables overlap", text);
    end = variable.first + variable.count;
  }
  Require(end <= parsed->segments.size(), "variable beyond the end", text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const Bindings& bindings =
      *new Bindings(*Bindings::Create(baliprocess::gateway::OwnMethods()));
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const size_t line = std::min(input.find('\n'), input.size());
  CheckTemplate(input.substr(0, line));
  const std::string_view url = input.substr(std::min(line + 1, input.size()));
  const size_t mark = std::min(url.find('?'), url.size());
  const std::string_view query = url.substr(std::min(mark + 1, url.size()));
  for (const char* http_method : {"GET", "POST", "PATCH", "DELETE"}) {
    const auto match = bindings.Find(http_method, url.substr(0, mark));
    if (!match.ok()) {
      Require(ReasonOf(match.status()) == Error::MALFORMED_REQUEST, "reason", input);
      continue;
    }
    if (match->binding == nullptr) continue;
    const auto again = bindings.Find(http_method, PathOf(*match));
    Require(again.ok() && again->binding == match->binding && again->values == match->values,
            "another binding", input);
    CheckRequest(*match, query, input);
  }
  return 0;
}
