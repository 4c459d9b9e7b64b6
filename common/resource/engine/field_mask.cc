#include "common/resource/engine/field_mask.h"

#include <google/protobuf/util/field_mask_util.h>
#include <google/protobuf/util/message_differencer.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "common/base/text.h"
#include "common/resource/contract/clearing.h"
#include "common/resource/contract/field_traits.h"
#include "common/resource/contract/field_values.h"

namespace baliprocess::resource {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::FieldMask;
using google::protobuf::Message;
using google::protobuf::Reflection;
using google::protobuf::util::FieldMaskUtil;
using google::protobuf::util::MessageDifferencer;

constexpr char kMaskField[] = "update_mask";

bool SameValue(const Message& a, const Message& b, const FieldDescriptor* field) {
  MessageDifferencer differencer;
  return differencer.CompareWithFields(a, b, {field}, {field});
}

// Makes a field what it is in `from`, absent or not.
void Copy(const Message& from, const FieldDescriptor* field, Message& to) {
  FieldMask one;
  one.add_paths(field->name());
  FieldMaskUtil::MergeOptions options;
  options.set_replace_message_fields(true);
  options.set_replace_repeated_fields(true);
  FieldMaskUtil::MergeMessageTo(from, one, options, &to);
}

// Whether the fields of the message are looked at one by one. google.* messages are values.
bool IsStructure(const FieldTraits& traits) {
  return traits.type != nullptr && !traits.field->is_repeated() &&
         traits.field->message_type()->full_name().starts_with("baliprocess.");
}

// How a field came to be changed.
enum class How {
  kNamed,  // by a path that names it, or what it is in
  kAll,    // by `*`
  kSet,    // by an empty mask
};

// Applies masks to one target.
class Updater {
 public:
  Updater(std::string_view prefix, api::v1::Visibility::Level clearance, Given given,
          Violations& violations)
      : prefix_(prefix), clearance_(clearance), given_(given), violations_(violations) {}

  void AssignAll(const TypeTraits& type, const Message& patch, Message& target, How how,
                 const std::string& path) {
    for (const FieldTraits& traits : type.fields) {
      Assign(traits, patch, target, how, path + "." + traits.field->name());
    }
  }

  // `path` is that of the fields named in the request, such as `seat.term.end_date`.
  void Assign(const FieldTraits& traits, const Message& patch, Message& target, How how,
              const std::string& path) {
    if (IsServers(traits)) return;
    const FieldDescriptor* field = traits.field;
    const bool set = HasValue(patch, field);
    if (traits.visibility > clearance_) {
      if (how == How::kNamed || set) {
        violations_.Add(path, "must be left out: it isn't visible to the caller");
      }
      return;
    }
    if (traits.immutable || traits.recorded) {
      if ((how == How::kNamed || set) && !SameValue(patch, target, field)) {
        violations_.Add(path, "must stay as it is: it can't be changed once set");
      }
      return;
    }
    if (!set && (how == How::kSet || (how == How::kAll && traits.filled))) return;
    const Reflection* reflection = target.GetReflection();
    if (!IsStructure(traits)) {
      Copy(patch, field, target);
      if (traits.type != nullptr) {
        ForEachMessage(target, field, [](Message& inner) { ClearServerFields(inner); });
      }
    } else if (set || (Keeps(*traits.type) && reflection->HasField(target, field))) {
      AssignAll(*traits.type, patch.GetReflection()->GetMessage(patch, field),
                *reflection->MutableMessage(&target, field), how, path);
    } else {
      reflection->ClearField(&target, field);
    }
  }

  // Whether fields of the type may stay as they are when all are assigned.
  bool Keeps(const TypeTraits& type) const {
    return type.any_kept || type.most_restricted > clearance_;
  }

  // Applies a path of the mask.
  void AssignPath(const TypeTraits& type, const std::string& path, const Message& patch,
                  Message& target) {
    std::vector<const FieldTraits*> steps;
    if (!Resolve(type, path, steps)) return;
    const Message* from = &patch;
    Message* to = &target;
    std::string text(prefix_);
    for (size_t i = 0; i + 1 < steps.size(); ++i) {
      const FieldTraits& step = *steps[i];
      text += "." + step.field->name();
      if (IsServers(step)) return;
      if (step.immutable || step.recorded || step.visibility > clearance_)
        return Assign(step, *from, *to, How::kNamed, text);
      from = &from->GetReflection()->GetMessage(*from, step.field);
      // To clear a field of a message that is absent, there is no need to create it.
      if (!to->GetReflection()->HasField(*to, step.field) && !Reaches(*from, steps, i + 1)) return;
      to = to->GetReflection()->MutableMessage(to, step.field);
    }
    text += "." + steps.back()->field->name();
    Assign(*steps.back(), *from, *to, How::kNamed, text);
  }

 private:
  // Whether nobody gives the field but the server, which goes on by itself from what an import has
  // brought along where it fills the field in.
  bool IsServers(const FieldTraits& traits) const {
    const bool brought = traits.recorded && !traits.filled && given_ == Given::kAsRecorded;
    return traits.server && !brought;
  }

  // Whether the patch has a value at the end of the path.
  static bool Reaches(const Message& message, const std::vector<const FieldTraits*>& steps,
                      size_t from) {
    const Message* at = &message;
    for (; from + 1 < steps.size(); ++from) {
      at = &at->GetReflection()->GetMessage(*at, steps[from]->field);
    }
    return HasValue(*at, steps.back()->field);
  }

  bool Resolve(const TypeTraits& type, const std::string& path,
               std::vector<const FieldTraits*>& steps) {
    const std::string shown = Cut(path, 100);
    const TypeTraits* at = &type;
    for (const absl::string_view name : absl::StrSplit(path, '.')) {
      if (at == nullptr) {
        violations_.Add(kMaskField, absl::StrCat("must not go beyond ", steps.back()->field->name(),
                                                 " in ", shown));
        return false;
      }
      const auto found =
          std::find_if(at->fields.begin(), at->fields.end(),
                       [&](const FieldTraits& traits) { return traits.field->name() == name; });
      if (found == at->fields.end()) {
        violations_.Add(kMaskField, absl::StrCat("must name fields: there is no ", shown));
        return false;
      }
      steps.push_back(&*found);
      at = found->field->is_repeated() ? nullptr : found->type;
    }
    return true;
  }

  std::string_view prefix_;
  const api::v1::Visibility::Level clearance_;
  const Given given_;
  Violations& violations_;
};

}  // namespace

void ApplyMask(const FieldMask& mask, const Message& patch, std::string_view prefix,
               api::v1::Visibility::Level clearance, Message& target, Violations& violations,
               Given given) {
  TraitsSet scratch;
  const TypeTraits& type = TraitsOf(target.GetDescriptor(), scratch);
  Updater updater(prefix, clearance, given, violations);
  const std::string path(prefix);
  if (mask.paths().empty()) return updater.AssignAll(type, patch, target, How::kSet, path);
  if (mask.paths_size() == 1 && mask.paths(0) == "*") {
    return updater.AssignAll(type, patch, target, How::kAll, path);
  }
  std::set<std::string> seen;
  for (const std::string& name : mask.paths()) {
    if (name == "*") {
      violations.Add(kMaskField, "must have * as its only path, or not at all");
    } else if (!seen.insert(name).second) {
      violations.Add(kMaskField, absl::StrCat("must name ", Cut(name, 100), " only once"));
    } else {
      updater.AssignPath(type, name, patch, target);
    }
  }
}

}  // namespace baliprocess::resource
