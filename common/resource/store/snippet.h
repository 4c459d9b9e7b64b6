// A part of a resource's texts that shows why a search found it.

#ifndef BALIPROCESS_COMMON_RESOURCE_STORE_SNIPPET_H_
#define BALIPROCESS_COMMON_RESOURCE_STORE_SNIPPET_H_

#include <google/protobuf/message.h>

#include <string>
#include <vector>

#include "common/resource/store/resource_type.h"

namespace baliprocess::resource {

// The most code points of a snippet, without the dots where a text goes on.
inline constexpr int kMostOfSnippet = 160;

// A part of the first text of a resource, beside what it is called, in which a word begins with
// one of `words` (contract/search_words.h), in one line and around that word. Empty where there is
// none. The resource is one from which what the reader may not see was taken.
std::string SnippetOf(const ResourceType& type, const google::protobuf::Message& resource,
                      const std::vector<std::string>& words);

}  // namespace baliprocess::resource

#endif  // BALIPROCESS_COMMON_RESOURCE_STORE_SNIPPET_H_
