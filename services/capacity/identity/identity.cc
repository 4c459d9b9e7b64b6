#include "services/capacity/identity/identity.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <unicode/normalizer2.h>
#include <unicode/translit.h>
#include <unicode/unistr.h>
#include <unicode/uscript.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <memory>

#include "absl/flags/flag.h"
#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

#include "common/base/ids.h"
#include "common/base/status_macros.h"

ABSL_FLAG(std::string, identity_key_file, "",
          "file with the key of the hashes by which practitioners are found again: 32 bytes at "
          "least, the same for all replicas and for good. Without it, the store keeps a key of its "
          "own, beside the hashes");

namespace baliprocess::capacity {
namespace {

constexpr size_t kKeySize = 32;
constexpr char kStateKey[] = "identity_key";

std::string Hash(std::string_view kind, std::string_view first, std::string_view second,
                 std::string_view key) {
  const std::string text =
      absl::StrCat(std::string(kind), "\n", std::string(first), "\n", std::string(second));
  unsigned char mac[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), mac, &size);
  return absl::WebSafeBase64Escape(absl::string_view(reinterpret_cast<const char*>(mac), size));
}

// Any script to Latin letters without accents, in lower case. ICU's own data: it can't fail but for
// want of memory.
const icu::Transliterator* ToPlainLatin() {
  static thread_local const std::unique_ptr<icu::Transliterator> transliterator = [] {
    UErrorCode error = U_ZERO_ERROR;
    return std::unique_ptr<icu::Transliterator>(icu::Transliterator::createInstance(
        "Any-Latin; Latin-ASCII; Any-Lower", UTRANS_FORWARD, error));
  }();
  return transliterator.get();
}

}  // namespace

absl::StatusOr<std::string> ConfiguredIdentityKey() {
  const std::string path = absl::GetFlag(FLAGS_identity_key_file);
  if (path.empty()) return std::string();
  std::ifstream file(path, std::ios::binary);
  std::string key{std::istreambuf_iterator<char>(file), {}};
  if (!file) {
    return absl::InvalidArgumentError(absl::StrCat("--identity_key_file: can't read ", path));
  }
  if (key.size() < kKeySize) {
    return absl::InvalidArgumentError(
        absl::StrCat("--identity_key_file: ", path, " must have ", kKeySize, " bytes at least"));
  }
  return key;
}

absl::StatusOr<std::string> StoredIdentityKey(resource::Scope& scope) {
  ASSIGN_OR_RETURN(const auto rows, scope.tx().Query("SELECT value FROM engine_state WHERE key = ?",
                                                     {std::string(kStateKey)}));
  if (!rows.empty()) return storage::AsBytes(rows[0][0]);
  // Of replicas that come to this at the same time, one gets through and the others start over.
  const std::string key = RandomBytes(kKeySize);
  RETURN_IF_ERROR(scope.tx()
                      .Execute("INSERT INTO engine_state (key, value) VALUES (?, ?)",
                               {std::string(kStateKey), storage::Bytes{key}})
                      .status());
  return key;
}

std::string NormaliseName(std::string_view name) {
  icu::UnicodeString text = icu::UnicodeString::fromUTF8(
      icu::StringPiece(name.data(), static_cast<int32_t>(name.size())));
  ToPlainLatin()->transliterate(text);
  std::string latin;
  text.toUTF8String(latin);
  // What isn't a letter or digit separates words; what has no Latin form counts as a letter.
  for (char& c : latin) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80 && !absl::ascii_isalnum(byte)) c = ' ';
  }
  std::vector<std::string> words = absl::StrSplit(latin, ' ', absl::SkipEmpty());
  std::sort(words.begin(), words.end());
  return absl::StrJoin(words, " ");
}

bool IsNameTooLong(std::string_view name) {
  // ICU's own data, as above.
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2* nfkc = icu::Normalizer2::getNFKCInstance(error);
  const icu::UnicodeString text =
      nfkc->normalize(icu::UnicodeString::fromUTF8(
                          icu::StringPiece(name.data(), static_cast<int32_t>(name.size()))),
                      error);
  int beyond_latin = 0;
  for (int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1)) {
    const UScriptCode script = uscript_getScript(text.char32At(i), &error);
    beyond_latin += script == USCRIPT_LATIN || script == USCRIPT_COMMON ? 0 : 1;
  }
  return text.countChar32() > kMostOfName || beyond_latin > kMostBeyondLatin;
}

std::vector<std::string> HashesOf(const v1::Practitioner::Identity& identity,
                                  std::string_view member, std::string_view key) {
  const std::string name = NormaliseName(identity.full_name());
  if (name.empty()) return {};
  std::vector<std::string> hashes = {Hash("member", name, member, key)};
  if (identity.has_birth_date()) {
    // Of the year alone: another list may not have the day.
    hashes.push_back(Hash("birth", name, absl::StrCat(identity.birth_date().year()), key));
  }
  if (!identity.email().empty()) {
    hashes.push_back(Hash("email", absl::AsciiStrToLower(identity.email()), "", key));
  }
  return hashes;
}

}  // namespace baliprocess::capacity
