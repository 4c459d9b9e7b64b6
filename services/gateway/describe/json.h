// JSON whose members stay in the order in which they were added: the document is read by people
// too.

#ifndef BALIPROCESS_SERVICES_GATEWAY_DESCRIBE_JSON_H_
#define BALIPROCESS_SERVICES_GATEWAY_DESCRIBE_JSON_H_

#include <nlohmann/json.hpp>

namespace baliprocess::gateway {

using Json = nlohmann::ordered_json;

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_DESCRIBE_JSON_H_
