// Thousands of random steps, each done by the engine and foretold by a model: standard methods with
// all their options, lists in pages, watches from anywhere, removal of old history, restarts.
//
// BALI_SEED repeats a run; BALI_STEPS makes it longer or shorter.

#include "tests/contract/engine_model.h"

#include <google/protobuf/util/time_util.h>

#include <cstdlib>
#include <iostream>
#include <map>
#include <random>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

#include "common/base/ids.h"
#include "tests/contract/engine_model_random.h"
#include "tests/contract/engine_model_watches.h"
#include "tests/contract/membership_fixture.h"

namespace baliprocess::membership {
namespace {

using api::v1::Error;
using common::v1::Change;
using testing::HasReason;

constexpr uint32_t kSteps = 10000;
// A step takes ten seconds on average, so that this is some 360 steps, and a day some 8,600.
constexpr absl::Duration kHistoryKept = absl::Hours(1);
constexpr absl::Duration kRepliesKept = absl::Hours(24);
// More often than the engine keeps house by itself, which the model couldn't foretell.
constexpr int kLongestLife = 1000;

// A mutation that was answered, to be repeated.
struct Answered {
  std::string method;
  std::string request;
  std::string id;
  std::string resource;  // what the reply is; empty for a list or nothing
  std::string reply;     // bytes
  absl::Time time;
};

uint32_t NumberFrom(const char* variable, uint32_t otherwise) {
  const char* text = std::getenv(variable);
  uint32_t number = 0;
  return text != nullptr && absl::SimpleAtoi(text, &number) ? number : otherwise;
}

std::string IdOf(const std::string& name) { return name.substr(name.rfind('/') + 1); }
// `Body` for the name of a body.
std::string TypeOf(const std::string& name) {
  return ResourceCalled(name)->GetDescriptor()->name();
}
std::string SingularOf(const std::string& name) { return absl::AsciiStrToLower(TypeOf(name)); }

std::string CreateRequest(const std::string& name, const Message& resource) {
  const std::string parent = ParentOf(name);
  const std::string below = parent.empty() ? "" : absl::StrCat("parent: '", parent, "' ");
  return absl::StrCat(below, SingularOf(name), "_id: '", IdOf(name), "' ", SingularOf(name), " { ",
                      resource.ShortDebugString(), " } ");
}
std::string NameAndEtag(const std::string& name, const std::string& etag) {
  return absl::StrCat("name: '", name, "' etag: '", etag, "' ");
}

class EngineModelTest : public MembershipTest {
 protected:
  void SetUp() override {
    std::cout << "BALI_SEED=" << seed_ << std::endl;
    StartAgain();
  }

  void Step() {
    clock_.Advance(absl::Seconds(1 + random_.Any(19)));
    const int kind = random_.Any(1000);
    if (kind < 240) return CreateOne();
    if (kind < 300) return CreateBatch();
    if (kind < 500) return UpdateOne();
    if (kind < 680) return DeleteOne();
    if (kind < 750) return UndeleteOne();
    if (kind < 850) return PurgeOne();
    if (kind < 880) return Repeat();
    if (kind < 920) return CompareList();
    if (kind < 940) return watches_.OpenAny(*service_);
    if (kind < 985) return watches_.ReadAny();
    if (kind < 992) return CompareHistory();
    if (kind < 998) return KeepHouse();
    StartAgain();
  }

  // Everything is as the model says, and every watch has heard of all of it.
  void CompareAll() {
    CompareHistory();
    CompareList();
    watches_.ReadAll();
  }

  // Mutations.
  void CreateOne() {
    const std::string name = random_.Name();
    const auto resource = random_.Resource(name);
    Perform("Create" + TypeOf(name), CreateRequest(name, *resource), model_.Create(*resource));
  }
  void CreateBatch() {
    std::vector<std::shared_ptr<Message>> seats;
    std::string request = "parent: 'bodies/-' ";
    for (int i = 1 + random_.Any(3); i > 0; --i) {
      const std::string name = random_.Seat();
      seats.push_back(random_.Resource(name));
      absl::StrAppend(&request, "requests { ", CreateRequest(name, *seats.back()), " } ");
    }
    Perform("BatchCreateSeats", request, model_.BatchCreate(seats));
  }
  void UpdateOne() {
    const std::string name = random_.Name();
    const auto patch = random_.Resource(name);
    const UpdateOptions options{random_.Mask(*patch), random_.Chance(20)};
    SetText(*patch, "etag", random_.Etag(model_, name));
    std::string request = absl::StrCat(SingularOf(name), " { ", patch->ShortDebugString(), " } ",
                                       "allow_missing: ", options.allow_missing, " update_mask {");
    for (const auto& path : options.mask) absl::StrAppend(&request, " paths: '", path, "'");
    Perform("Update" + TypeOf(name), request + " } ", model_.Update(*patch, options));
  }
  void DeleteOne() {
    const std::string name = random_.Name();
    const std::string etag = random_.Etag(model_, name);
    const bool allow_missing = random_.Chance(20);
    Perform("Delete" + TypeOf(name),
            absl::StrCat(NameAndEtag(name, etag), "allow_missing: ", allow_missing, " "),
            model_.Delete(name, etag, allow_missing));
  }
  void UndeleteOne() {
    const std::string name = random_.Name();
    const std::string etag = random_.Etag(model_, name);
    Perform("Undelete" + TypeOf(name), NameAndEtag(name, etag), model_.Undelete(name, etag));
  }
  void PurgeOne() {
    const std::string name = random_.Name();
    const std::string etag = random_.Etag(model_, name);
    Perform("PurgeDeleted", NameAndEtag(name, etag) + "reason: 'x' ", model_.Purge(name, etag));
  }

  // Asks for a mutation; sometimes only whether it would be done, sometimes with an id.
  void Perform(const std::string& method, std::string request, const Outcome& expected) {
    SCOPED_TRACE(absl::StrCat(method, " ", request));
    const bool validate_only = random_.Chance(10);
    if (validate_only) absl::StrAppend(&request, "validate_only: true ");
    const std::string id = random_.Chance(25) ? NewUuid() : "";
    const std::string with_id = absl::StrCat(request, "request_id: '", id, "'");
    const auto reply = service_->CallText(Secretariat(), method, with_id);
    ASSERT_EQ(Error::Reason_Name(ReasonOf(reply.status())), Error::Reason_Name(expected.reason))
        << reply.status();
    if (!reply.ok()) return;
    ++done_[method];
    ASSERT_NO_FATAL_FAILURE(CheckReply(**reply, expected));
    if (validate_only) return;
    for (const ExpectedChange& change : expected.changes) Adopt(change);
    if (id.empty()) return;
    const bool one = (*reply)->GetDescriptor()->FindFieldByName("name") != nullptr;
    answered_.push_back({method, request, id, one ? TextOf(**reply, "name") : "",
                         (*reply)->SerializeAsString(), clock_.Now()});
  }
  void Adopt(const ExpectedChange& change) {
    model_.Apply(change, clock_.Now());
    if (change.kind != Change::PURGED) {
      used_.insert(TextOf(*change.after, "etag"));
      return;
    }
    // Kept replies that tell of what was purged are gone, and their ids free.
    std::erase_if(answered_, [&](const Answered& answered) {
      const bool tells = answered.resource.empty() ? absl::StrContains(answered.reply, change.name)
                                                   : answered.resource == change.name;
      if (tells) free_ids_.push_back(answered.id);
      return tells;
    });
  }

  // Completes what is expected by what the server has chosen; then the reply is as expected.
  void CheckReply(const Message& reply, const Outcome& expected) {
    size_t index = 0;
    for (const ExpectedChange& change : expected.changes) {
      if (change.kind == Change::PURGED) continue;
      const Message* told = &reply;
      const auto* list = reply.GetDescriptor()->FindFieldByName("seats");
      if (list != nullptr) {
        told = &reply.GetReflection()->GetRepeatedMessage(reply, list, static_cast<int>(index++));
      }
      ASSERT_NO_FATAL_FAILURE(Complete(change, *told));
      ASSERT_EQ(told->ShortDebugString(), change.after->ShortDebugString());
    }
  }
  void Complete(const ExpectedChange& change, const Message& told) {
    const std::string etag = TextOf(told, "etag");
    ASSERT_NE(etag, "");
    ASSERT_EQ(used_.count(etag), 0u) << "an etag is used again";
    SetText(*change.after, "etag", etag);
    SetTime(*change.after, "update_time");
    if (change.kind == Change::DELETED) SetTime(*change.after, "delete_time");
    if (change.kind != Change::CREATED) return;
    ASSERT_TRUE(uids_.insert(TextOf(told, "uid")).second) << "a uid is used again";
    SetText(*change.after, "uid", TextOf(told, "uid"));
    SetTime(*change.after, "create_time");
  }
  void SetTime(Message& resource, const std::string& field) {
    resource.GetReflection()
        ->MutableMessage(&resource, resource.GetDescriptor()->FindFieldByName(field))
        ->CopyFrom(google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(
            absl::ToUnixMicros(clock_.Now())));
  }

  // A repeated request has its first reply, and no effect; nor may its id be used otherwise.
  void Repeat() {
    std::erase_if(answered_, [&](const Answered& answered) {
      return answered.time < clock_.Now() - kRepliesKept;
    });
    if (!free_ids_.empty()) {
      ASSERT_OK(Try("DeleteMember", absl::StrCat("name: 'members/oth' allow_missing: true "
                                                 "request_id: '",
                                                 free_ids_.back(), "'")));
      free_ids_.pop_back();
    }
    if (answered_.empty()) return;
    const Answered& chosen = answered_[random_.Any(answered_.size())];
    SCOPED_TRACE(absl::StrCat(chosen.method, " again ", chosen.request));
    const std::string id = absl::StrCat("request_id: '", chosen.id, "'");
    const auto reply = service_->CallText(Secretariat(), chosen.method, chosen.request + id);
    ASSERT_OK(reply);
    ASSERT_EQ((*reply)->SerializeAsString(), chosen.reply);
    ASSERT_THAT(Try("CreateMember", absl::StrCat("member { kind: STATE category: OBSERVER "
                                                 "display_name: 'Other' } member_id: 'oth' ",
                                                 id)),
                HasReason(Error::REQUEST_ID_REUSED));
    ++done_["repeated"];
  }

  // Reading.
  void CompareList() {
    const bool deleted = random_.Chance(50);
    const std::string flags = absl::StrCat(" show_deleted: ", deleted, " ");
    const std::string seats = random_.Chance(50) ? "bodies/-" : random_.Body();
    Compare("ListBodies", flags, "bodies/", deleted);
    Compare("ListMembers", flags, "members/", deleted);
    if (seats != "bodies/-" && model_.Find(seats) == nullptr) return;
    Compare("ListSeats", absl::StrCat(flags, "parent: '", seats, "' "),
            seats == "bodies/-" ? "/seats/" : seats + "/seats/", deleted);
  }
  // Of the resources whose names have `part` in them.
  void Compare(const std::string& method, const std::string& request, const std::string& part,
               bool deleted) {
    std::vector<std::string> expected;
    for (const auto& [name, row] : model_.rows()) {
      const bool seat = absl::StrContains(name, "/seats/");
      if (!absl::StrContains(name, part) || seat != absl::StrContains(part, "/seats/")) continue;
      if (deleted || !IsDeleted(*row)) expected.push_back(row->ShortDebugString());
    }
    ASSERT_EQ(ListAll(method, request), expected) << method << request;
    ++done_[method];
  }
  std::vector<std::string> ListAll(const std::string& method, const std::string& request) {
    std::vector<std::string> found;
    const int size = 1 + random_.Any(12);
    std::string token;
    do {
      const auto page = service_->CallText(
          Secretariat(), method,
          absl::StrCat(request, "page_size: ", size, " page_token: '", token, "'"));
      EXPECT_OK(page);
      if (!page.ok()) break;
      const auto* rows = (*page)->GetDescriptor()->field(0);
      const int count = (*page)->GetReflection()->FieldSize(**page, rows);
      for (int i = 0; i < count; ++i) {
        found.push_back(
            (*page)->GetReflection()->GetRepeatedMessage(**page, rows, i).ShortDebugString());
      }
      token = TextOf(**page, "next_page_token");
    } while (!token.empty() && found.size() < 1000);
    return found;
  }

  void CompareHistory() {
    watches_.AwaitLastChange(*service_);
    const std::vector<Change> changes = Changes();
    const size_t kept = model_.log().size() - model_.compacted();
    ASSERT_EQ(changes.size(), kept);
    for (size_t i = 0; i < kept; ++i) {
      ASSERT_EQ(LineOf(changes[i]), LineOf(model_.log()[model_.compacted() + i]));
    }
    ++done_["history"];
  }

  void KeepHouse() {
    ASSERT_OK(service_->engine().KeepHouse());
    if (clock_.Now() - started_ >= resource::ClockTrust::kFirstLook) {
      model_.Compact(clock_.Now() - kHistoryKept);
    }
    ++done_["housekeeping"];
  }

  // The service stops, if it runs, and starts on the same store. Watches go on where they were.
  void StartAgain() {
    watches_.Stop();
    service_.reset();
    service_ = std::make_unique<Service>(store_.Open(), clock_, kHistoryKept);
    age_ = 0;
    started_ = clock_.Now();
    watches_.GoOn(*service_);
    ++done_["start"];
  }

  const uint32_t seed_ = NumberFrom("BALI_SEED", std::random_device()());
  Random random_{seed_};
  Model model_;
  ModelWatches watches_{model_, random_};
  std::vector<Answered> answered_;
  std::vector<std::string> free_ids_;
  std::set<std::string> used_;  // etags
  std::set<std::string> uids_;
  std::map<std::string, int> done_;  // how often
  int age_ = 0;                      // steps since the service started
  absl::Time started_;
};

TEST_P(EngineModelTest, DoesAsTheModelDoes) {
  const uint32_t steps = NumberFrom("BALI_STEPS", kSteps);
  for (uint32_t step = 0; step < steps; ++step) {
    SCOPED_TRACE(absl::StrCat("BALI_SEED=", seed_, " step ", step));
    Step();
    if (++age_ == kLongestLife) StartAgain();
    if (HasFailure()) return;
  }
  CompareAll();
  for (const auto& [what, times] : watches_.done()) done_[what] += times;
  for (const auto& [what, times] : done_) std::cout << what << ": " << times << std::endl;
  std::cout << model_.log().size() << " changes" << std::endl;
}

INSTANTIATE_ON_ENGINES(EngineModelTest);

}  // namespace
}  // namespace baliprocess::membership
