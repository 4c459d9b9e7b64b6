// Practitioners that may be the same person: found by an index of hashes, against a naive search
// among all.

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

#include "tests/contract/capacity_fixture.h"

namespace baliprocess::capacity {
namespace {

using v1::Practitioner;

constexpr uint32_t kSeed = 20240502;
constexpr int kSteps = 400;

using Groups = std::vector<std::vector<std::string>>;

std::string PersonOf(const Practitioner& practitioner) {
  return practitioner.survivor().empty() ? practitioner.name() : practitioner.survivor();
}

class DuplicatesTest : public CapacityTest {
 protected:
  // Page after page.
  Groups Found(int page_size) {
    Groups groups;
    std::string token;
    do {
      const auto page = Call<v1::FindDuplicatePractitionersResponse>(
          "FindDuplicatePractitioners",
          absl::StrCat("page_size: ", page_size, " page_token: '", token, "'"));
      EXPECT_OK(page);
      if (!page.ok()) return {};
      EXPECT_LE(page->groups_size(), page_size);
      for (const auto& group : page->groups()) {
        groups.emplace_back();
        for (const auto& one : group.practitioners()) groups.back().push_back(one.name());
      }
      token = page->next_page_token();
    } while (!token.empty());
    return groups;
  }

  // Of each group every record of a person has the same number, the least of all that it is linked
  // with.
  Groups Searched() {
    const auto all = Call<v1::ListPractitionersResponse>("ListPractitioners", "page_size: 1000");
    EXPECT_OK(all);
    std::map<std::string, std::string> first_of;  // by person
    for (const Practitioner& one : all->practitioners()) first_of[PersonOf(one)] = PersonOf(one);
    for (bool changed = true; changed;) {
      changed = false;
      for (const Practitioner& a : all->practitioners()) {
        for (const Practitioner& b : all->practitioners()) {
          if (!Share(a, b) || first_of[PersonOf(a)] >= first_of[PersonOf(b)]) continue;
          first_of[PersonOf(b)] = first_of[PersonOf(a)];
          changed = true;
        }
      }
    }
    std::map<std::string, std::vector<std::string>> by_first;
    for (const auto& [person, first] : first_of) by_first[first].push_back(person);
    Groups groups;
    for (const auto& [first, group] : by_first) {
      if (group.size() > 1) groups.push_back(group);
    }
    return groups;
  }

 private:
  static bool Share(const Practitioner& a, const Practitioner& b) {
    return std::any_of(
        a.identity_hashes().begin(), a.identity_hashes().end(), [&](const std::string& hash) {
          return std::count(b.identity_hashes().begin(), b.identity_hashes().end(), hash) > 0;
        });
  }
};
INSTANTIATE_ON_ENGINES(DuplicatesTest);

TEST_P(DuplicatesTest, AreThoseOfANaiveSearchThroughAHistory) {
  std::mt19937 random(kSeed);
  const auto any = [&](int count) { return static_cast<int>(random() % count); };
  const auto identity = [&] {
    return absl::StrCat("identity { full_name: 'Person ", any(40), "' email: 'e", any(60),
                        "@example.org' }");
  };
  int created = 0;
  size_t most = 0;
  for (int step = 0; step < kSteps; ++step) {
    const std::string name = absl::StrCat("practitioners/p", any(std::max(created, 1)));
    const std::string other = absl::StrCat("practitioners/p", any(std::max(created, 1)));
    // What isn't possible is refused, which is as good a step.
    switch (any(10)) {
      case 0:
      case 1:
      case 2:
      case 3:
        AddPractitioner(absl::StrCat("p", created++), "members/aus", identity());
        break;
      case 4:
        (void)Try("MergePractitioner", absl::StrCat("name: '", name, "' into: '", other, "'"));
        break;
      case 5:
        (void)Try("UnmergePractitioner", absl::StrCat("name: '", name, "'"));
        break;
      case 6:
        (void)Try("DeletePractitioner", absl::StrCat("name: '", name, "'"));
        break;
      case 7:
        (void)Try("UndeletePractitioner", absl::StrCat("name: '", name, "'"));
        break;
      case 8:
        (void)Try("UpdatePractitioner",
                  absl::StrCat("practitioner { name: '", name, "' ", identity(), " }"));
        break;
      default:
        if (any(4) > 0) break;
        (void)Try("ErasePractitioner", absl::StrCat("name: '", name, "'"));
    }
    if (step % 10 != 9) continue;
    const Groups searched = Searched();
    ASSERT_EQ(Found(1000), searched) << "step " << step;
    ASSERT_EQ(Found(1 + any(4)), searched) << "step " << step;
    most = std::max(most, searched.size());
  }
  EXPECT_GT(most, 5);
}

// A store of before there was the index has no rows in it.
TEST_P(DuplicatesTest, AreFoundInAnOlderStore) {
  for (const char* id : {"a", "b", "c"}) {
    AddPractitioner(id, "members/aus", "identity { full_name: 'Somebody' }");
  }
  const Groups before = Found(10);
  ASSERT_OK(capacity_->database().Write([](storage::Transaction& tx) -> absl::Status {
    RETURN_IF_ERROR(tx.Execute("DELETE FROM identity_hashes").status());
    return tx.Execute("UPDATE practitioners SET layout = 1").status();
  }));
  ASSERT_EQ(Found(10), Groups());
  ASSERT_OK(capacity_->engine().KeepHouse());
  EXPECT_EQ(Found(10), before);
}

}  // namespace
}  // namespace baliprocess::capacity
