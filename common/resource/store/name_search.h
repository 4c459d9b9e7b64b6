// Looking for persons' names of which only something that follows from them is known.

#ifndef BALIPROCESS_COMMON_RESOURCE_STORE_NAME_SEARCH_H_
#define BALIPROCESS_COMMON_RESOURCE_STORE_NAME_SEARCH_H_

#include <functional>
#include <string>

#include "absl/status/status.h"

#include "common/resource/store/resource_type.h"
#include "common/storage/database.h"

namespace baliprocess::resource {

// Calls `visit` with each text that EraseTextIn (forgetting.h) may replace: in all resources, all
// changes and all kept replies. The same text may come many times. Goes through the whole store, in
// pages, each a transaction.
absl::Status ForEachErasableText(storage::Database& database, const Registry& registry,
                                 const std::function<void(const std::string& text)>& visit);

}  // namespace baliprocess::resource

#endif  // BALIPROCESS_COMMON_RESOURCE_STORE_NAME_SEARCH_H_
