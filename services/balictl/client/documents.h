// The content of documents: up to the server and down from it, whole or not at all.

#ifndef BALIPROCESS_SERVICES_BALICTL_CLIENT_DOCUMENTS_H_
#define BALIPROCESS_SERVICES_BALICTL_CLIENT_DOCUMENTS_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "services/balictl/client/connection.h"

namespace baliprocess::balictl {

// A usage error unless this is the name of a document.
absl::Status CheckDocumentName(const std::string& name);

// What goes up or has come down.
struct Content {
  std::string bytes;
  std::string media_type;
  std::string sha256;  // of the bytes, in hexadecimal
};

// The file, of which no more is read than a document may have. Errors name the path.
absl::StatusOr<Content> ReadContent(const std::string& path, const std::string& media_type);

// What becomes of content that goes up: the current version of the document, a new one unless it is
// that already; or the bytes of an earlier version, which an import has brought the record of.
enum class UploadAs { kCurrent, kEarlier };

// Brings up the content of a document that exists. An upload that breaks off goes on from where the
// server has it; so does one of an earlier call. Whether there was anything to do: bytes that the
// server keeps already aren't sent.
absl::StatusOr<bool> Upload(Connection& connection, const std::string& document,
                            const Content& content, UploadAs as = UploadAs::kCurrent);

// Brings down the content of a document: of a version by its number, 0 the current one. A download
// that breaks off goes on from where it was. The bytes are those that the server has the hash of.
absl::StatusOr<Content> Download(Connection& connection, const std::string& document, int version);

// The media type of a file by the end of its name; `application/octet-stream` when it isn't known.
std::string MediaTypeOf(std::string_view path);

// The end that names of files of a media type have, `.pdf`; "" when it isn't known.
std::string ExtensionOf(std::string_view media_type);

}  // namespace baliprocess::balictl

#endif  // BALIPROCESS_SERVICES_BALICTL_CLIENT_DOCUMENTS_H_
