// Filters of lists of references, which may be looked up by an index of who refers to what, against
// a naive evaluation.

#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "tests/contract/meetings_fixture.h"

namespace baliprocess::meetings {
namespace {

constexpr uint32_t kSeed = 20241127;
constexpr int kItems = 40;
constexpr int kFilters = 150;
const char* const kMembers[] = {"members/aus", "members/idn", "members/nzl", "members/fji"};

using Members = std::set<std::string>;

// A filter, and which of the items it selects.
struct Filter {
  std::string text;
  std::vector<bool> selects;
};

class ReferenceFilterTest : public MeetingsTest {
 protected:
  void SetUp() override {
    AddMeeting("m");
    for (int i = 0; i < kItems; ++i) {
      v1::CreateActionItemRequest request;
      request.set_action_item_id(absl::StrCat("i", 100 + i));
      v1::ActionItem& item = *request.mutable_action_item();
      item.set_body("bodies/ahg");
      item.set_display_name("Item");
      for (const char* member : kMembers) {
        if (Any(3) == 0) item.add_supporting_members(member);
      }
      items_.emplace_back(item.supporting_members().begin(), item.supporting_members().end());
      ASSERT_OK(Call<v1::ActionItem>("CreateActionItem", request));
      deleted_.push_back(Any(4) == 0);
      if (deleted_.back()) {
        ASSERT_OK(Try("DeleteActionItem", absl::StrCat("name: 'actionItems/i", 100 + i, "'")));
      }
    }
  }

  int Any(int count) { return static_cast<int>(random_() % static_cast<uint32_t>(count)); }

  Filter AnyFilter(int depth) {
    Filter filter;
    if (depth == 0 || Any(4) == 0) {
      const std::string member = kMembers[Any(4)];
      filter.text = absl::StrCat("supporting_members:\"", member, "\"");
      for (const Members& members : items_) filter.selects.push_back(members.contains(member));
      return filter;
    }
    filter = AnyFilter(depth - 1);
    if (Any(3) == 0) {
      filter.text = absl::StrCat("NOT (", filter.text, ")");
      filter.selects.flip();
      return filter;
    }
    const Filter other = AnyFilter(depth - 1);
    const bool both = Any(2) == 0;
    filter.text = absl::StrCat("(", filter.text, both ? " AND " : " OR ", other.text, ")");
    for (int i = 0; i < kItems; ++i) {
      filter.selects[i] =
          both ? filter.selects[i] && other.selects[i] : filter.selects[i] || other.selects[i];
    }
    return filter;
  }

  void Expect(const Filter& filter, const std::vector<bool>& show) {
    for (const bool show_deleted : show) {
      std::vector<std::string> expected;
      for (int i = 0; i < kItems; ++i) {
        if (!filter.selects[i] || (deleted_[i] && !show_deleted)) continue;
        expected.push_back(absl::StrCat("actionItems/i", 100 + i));
      }
      v1::ListActionItemsRequest request;
      request.set_filter(filter.text);
      request.set_show_deleted(show_deleted);
      ASSERT_OK_AND_ASSIGN(const auto page,
                           Call<v1::ListActionItemsResponse>("ListActionItems", request));
      std::vector<std::string> found;
      for (const auto& item : page.action_items()) found.push_back(item.name());
      EXPECT_EQ(found, expected) << filter.text << (show_deleted ? ", deleted too" : "");
    }
  }

  std::mt19937 random_{kSeed};
  std::vector<Members> items_;
  std::vector<bool> deleted_;
};
INSTANTIATE_ON_ENGINES(ReferenceFilterTest);

TEST_P(ReferenceFilterTest, SelectsWhatANaiveEvaluationDoes) {
  for (int i = 0; i < kFilters; ++i) Expect(AnyFilter(4), {false, true});
}

TEST_P(ReferenceFilterTest, HasTwoHundredComparisonsAtMost) {
  Filter filter;
  std::vector<std::string> comparisons;
  for (int i = 0; i < 200; ++i) {
    comparisons.push_back(absl::StrCat("supporting_members:\"", kMembers[i % 2], "\""));
  }
  filter.text = absl::StrJoin(comparisons, " OR ");
  for (const Members& members : items_) {
    filter.selects.push_back(members.contains(kMembers[0]) || members.contains(kMembers[1]));
  }
  Expect(filter, {false});
  const auto refused = [&](const v1::ListActionItemsRequest& request) {
    return BadFields(Call<v1::ListActionItemsResponse>("ListActionItems", request).status());
  };
  v1::ListActionItemsRequest request;
  request.set_filter(filter.text + " OR " + comparisons[0]);
  EXPECT_THAT(refused(request), ::testing::ElementsAre("filter"));
  // Deleted ones aren't in the index: each comparison looks through all rows.
  request.set_filter(filter.text);
  request.set_show_deleted(true);
  EXPECT_THAT(refused(request), ::testing::ElementsAre("filter"));
}

}  // namespace
}  // namespace baliprocess::meetings
