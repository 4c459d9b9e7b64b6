#include "common/resource/contract/text_form.h"

#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>
#include <unicode/stringpiece.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <cstdint>

#include "google/api/field_info.pb.h"
#include "google/api/resource.pb.h"

#include "baliprocess/api/v1/field.pb.h"
#include "common/base/descriptors.h"
#include "common/base/text.h"
#include "common/resource/contract/field_traits.h"
#include "common/resource/contract/field_values.h"
#include "common/resource/contract/formats.h"
#include "common/resource/contract/names.h"

namespace baliprocess::resource {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

bool IsBlank(uint32_t code) {
  constexpr uint32_t kZeroWidthSpace = 0x200B;
  constexpr uint32_t kWordJoiner = 0x2060;
  constexpr uint32_t kByteOrderMark = 0xFEFF;
  return code == kZeroWidthSpace || code == kWordJoiner || code == kByteOrderMark ||
         u_isUWhiteSpace(static_cast<UChar32>(code));
}

bool IsNoBreakSpace(uint32_t code) { return code == 0xA0 || code == 0x2007 || code == 0x202F; }

// Most texts are: they need no look at each character.
bool IsPlainAscii(std::string_view text) {
  const auto is_blank = [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); };
  if (!text.empty() && (is_blank(text.front()) || is_blank(text.back()))) return false;
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80 && c != '\r'; });
}

// Line ends as line feeds, no-break spaces as spaces.
std::string WithPlainBlanks(std::string_view text) {
  std::string plain;
  plain.reserve(text.size());
  for (size_t i = 0; i < text.size();) {
    const Utf8Character next = DecodeUtf8(text.substr(i));
    if (next.code == '\r') {
      if (i + 1 == text.size() || text[i + 1] != '\n') plain += '\n';
    } else if (IsNoBreakSpace(next.code)) {
      plain += ' ';
    } else {
      plain.append(text, i, next.size);
    }
    i += next.size;
  }
  return plain;
}

std::string_view Trimmed(std::string_view text, TrimmedEnds ends) {
  while (ends.front && !text.empty()) {
    const Utf8Character first = DecodeUtf8(text);
    if (!IsBlank(first.code)) break;
    text.remove_prefix(first.size);
  }
  while (ends.back && !text.empty()) {
    auto last = static_cast<int32_t>(text.size());
    U8_BACK_1(reinterpret_cast<const uint8_t*>(text.data()), 0, last);
    if (!IsBlank(DecodeUtf8(text.substr(static_cast<size_t>(last))).code)) break;
    text = text.substr(0, static_cast<size_t>(last));
  }
  return text;
}

// ICU's own data: it can't fail but for want of memory.
std::string Composed(std::string_view text) {
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2* nfc = icu::Normalizer2::getNFCInstance(error);
  const icu::StringPiece piece(text.data(), static_cast<int32_t>(text.size()));
  std::string composed;
  icu::StringByteSink<std::string> sink(&composed, piece.length());
  nfc->normalizeUTF8(0, piece, sink, nullptr, error);
  return U_SUCCESS(error) ? composed : std::string(text);
}

void NormaliseField(Message& message, const FieldDescriptor* field) {
  const Reflection* reflection = message.GetReflection();
  std::string scratch;
  if (!field->is_repeated()) {
    const std::string& text = reflection->GetStringReference(message, field, &scratch);
    if (IsPlainAscii(text)) return;
    std::string normal = NormalText(text);
    if (normal.empty()) return reflection->ClearField(&message, field);
    return reflection->SetString(&message, field, std::move(normal));
  }
  for (int i = 0; i < reflection->FieldSize(message, field); ++i) {
    const std::string& text = reflection->GetRepeatedStringReference(message, field, i, &scratch);
    if (!IsPlainAscii(text)) {
      reflection->SetRepeatedString(&message, field, i, NormalText(text));
    }
  }
}

void NormaliseAs(const TypeTraits& type, Message& message) {
  if (!type.any_text) return;
  for (const FieldTraits& traits : type.fields) {
    if (traits.text) {
      NormaliseField(message, traits.field);
    } else if (traits.type != nullptr) {
      ForEachMessage(message, traits.field,
                     [&](Message& inner) { NormaliseAs(*traits.type, inner); });
    }
  }
}

}  // namespace

bool IsText(const FieldDescriptor& field) {
  constexpr std::string_view kOfAips[] = {"etag", "filter", "order_by", "page_token",
                                          "resume_token"};
  if (field.type() != FieldDescriptor::TYPE_STRING) return false;
  if (field.file()->package().starts_with("google.")) return false;  // codes, paths
  if (std::find(std::begin(kOfAips), std::end(kOfAips), field.name()) != std::end(kOfAips)) {
    return false;
  }
  const google::protobuf::FieldOptions& options = field.options();
  const api::v1::FieldRules& rules = options.GetExtension(api::v1::field);
  if (HasBehavior(field, google::api::OUTPUT_ONLY) && !rules.recorded()) return false;
  return rules.format() == api::v1::FieldRules::FORMAT_UNSPECIFIED &&
         !options.HasExtension(google::api::field_info) &&
         !options.HasExtension(google::api::resource_reference) &&
         !HasBehavior(field, google::api::IDENTIFIER) && !GivesResourceId(field);
}

std::string NormalText(std::string_view text, TrimmedEnds ends) {
  if (IsPlainAscii(text)) return std::string(text);
  const TextFacts facts = Examine(text);
  if (!facts.valid_utf8 || facts.has_many_marks) return std::string(text);
  const std::string composed = Composed(WithPlainBlanks(text));
  return std::string(Trimmed(composed, ends));
}

void NormaliseTexts(Message& message) {
  TraitsSet scratch;
  NormaliseAs(TraitsOf(message.GetDescriptor(), scratch), message);
}

}  // namespace baliprocess::resource
