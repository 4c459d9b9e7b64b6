// Pages of methods of its own end by bytes, and miss nothing.

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"

#include "common/resource/store/sizes.h"
#include "tests/contract/capacity_fixture.h"

namespace baliprocess::capacity {
namespace {

using testing::Wide;

constexpr auto kMostBytes = static_cast<size_t>(resource::kMaxPageBytes);

class CapacitySizesTest : public CapacityTest {
 protected:
  // A practitioner of about so many times 10 KB who may be the same as others of that name.
  void AddLarge(const std::string& id, const std::string& full_name, int citations) {
    v1::CreatePractitionerRequest request;
    request.set_practitioner_id(id);
    v1::Practitioner& practitioner = *request.mutable_practitioner();
    practitioner.set_member("members/aus");
    practitioner.mutable_identity()->set_full_name(full_name);
    for (int i = 0; i < citations; ++i) {
      practitioner.add_citations()->set_title(Wide(500));
      practitioner.mutable_citations(i)->set_note(Wide(1000));
    }
    ASSERT_OK(Call<v1::Practitioner>("CreatePractitioner", request));
  }
};
INSTANTIATE_ON_ENGINES(CapacitySizesTest);

TEST_P(CapacitySizesTest, PagesOfDuplicatesEndByBytes) {
  for (const char* id : {"a", "b", "c", "d", "e", "f"}) {
    AddLarge(absl::StrCat(id, "1"), absl::StrCat("Person ", id), 60);
    AddLarge(absl::StrCat(id, "2"), absl::StrCat("Person ", id), 60);
  }
  std::vector<std::string> seen;
  std::string token;
  int pages = 0;
  do {
    ASSERT_OK_AND_ASSIGN(const auto page, Call<v1::FindDuplicatePractitionersResponse>(
                                              "FindDuplicatePractitioners",
                                              absl::StrCat("page_token: '", token, "'")));
    EXPECT_LE(page.ByteSizeLong(), kMostBytes);
    for (const auto& group : page.groups()) {
      EXPECT_EQ(group.left_out(), 0);
      for (const auto& one : group.practitioners()) seen.push_back(one.name());
    }
    token = page.next_page_token();
    ++pages;
  } while (!token.empty());
  EXPECT_GT(pages, 1);
  EXPECT_EQ(seen.size(), 12);
  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
}

TEST_P(CapacitySizesTest, AGroupThatNoPageHoldsSaysWhatIsLeftOut) {
  for (int i = 0; i < 5; ++i) AddLarge(absl::StrCat("p", i), "Somebody", 90);
  AddLarge("x1", "Another", 1);
  AddLarge("x2", "Another", 1);
  ASSERT_OK_AND_ASSIGN(const auto page, Call<v1::FindDuplicatePractitionersResponse>(
                                            "FindDuplicatePractitioners", ""));
  ASSERT_EQ(page.groups_size(), 2);
  EXPECT_LE(page.ByteSizeLong(), kMostBytes);
  EXPECT_GT(page.groups(0).practitioners_size(), 1);
  EXPECT_EQ(page.groups(0).practitioners_size() + page.groups(0).left_out(), 5);
  EXPECT_GT(page.groups(0).left_out(), 0);
  EXPECT_EQ(page.groups(1).practitioners_size(), 2);
  EXPECT_EQ(page.groups(1).left_out(), 0);
}

TEST_P(CapacitySizesTest, PagesOfRecordsEndByBytes) {
  constexpr int kPublications = 1000;
  const std::string title = Wide(500);
  for (int i = 0; i < kPublications; ++i) {
    v1::CreatePublicationRequest request;
    request.set_publication_id(absl::StrCat("publication-with-a-name-of-some-length-", i));
    v1::Publication& publication = *request.mutable_publication();
    publication.set_display_name(title);
    publication.set_body("bodies/rso");
    publication.set_kind(v1::Publication::GUIDE);
    publication.mutable_publish_date()->set_year(2023);
    ASSERT_OK(Call<v1::Publication>("CreatePublication", request));
  }
  std::set<std::string> seen;
  std::string token;
  int pages = 0;
  do {
    ASSERT_OK_AND_ASSIGN(
        const auto page,
        Call<v1::ListFigureRecordsResponse>(
            "ListFigureRecords",
            absl::StrCat("measure: PUBLICATIONS body: 'bodies/rso' page_size: 1000 period { ",
                         PeriodText("2023", "2023"), " } page_token: '", token, "'")));
    EXPECT_LE(page.ByteSizeLong(), kMostBytes);
    for (const auto& record : page.records()) seen.insert(record.name());
    token = page.next_page_token();
    ++pages;
  } while (!token.empty());
  EXPECT_EQ(pages, 2);
  EXPECT_EQ(seen.size(), kPublications);
}

}  // namespace
}  // namespace baliprocess::capacity
