// The keys of page and resume tokens change, and tokens stay good meanwhile.

#include <fstream>
#include <iterator>

#include "absl/strings/str_cat.h"

#include "common/resource/store/token_keys.h"
#include "tests/contract/membership_fixture.h"

namespace baliprocess::membership {
namespace {

using ::baliprocess::testing::HasReason;
using ::testing::SizeIs;

constexpr absl::Duration kAge = absl::Hours(24 * 30);

class TokenKeysTest : public MembershipTest {
 protected:
  // A service whose keys change, as a program has it.
  class Rotating : public testing::LocalService {
   public:
    Rotating(std::unique_ptr<storage::Database> database, const FakeClock& clock)
        : LocalService({kSchemaVersion, Resources, Methods}, std::move(database),
                       {.clock = &clock,
                        .since_start = &clock.since_start(),
                        .ask_peer = {},
                        .token_key_age = kAge}) {}
  };

  TokenKeysTest() {
    service_.reset();
    rotating_ = std::make_unique<Rotating>(store_.Open(), clock_);
    for (const char* id : {"a", "b", "c"}) AddBody(id);
  }

  testing::LocalService& tested() override { return *rotating_; }

  // The clock goes on until there is another key, and until it seals.
  void Rotate() {
    clock_.Advance(kAge + absl::Minutes(1));
    ASSERT_OK(rotating_->engine().KeepHouse());
    clock_.Advance(resource::kTokenKeyRipens);
    ASSERT_OK(rotating_->engine().KeepHouse());
  }

  std::string FirstPage() {
    const auto page = Call<v1::ListBodiesResponse>("ListBodies", "page_size: 1");
    EXPECT_OK(page);
    return page.ok() ? page->next_page_token() : "";
  }
  absl::Status NextPage(const std::string& token) {
    return Call<v1::ListBodiesResponse>("ListBodies",
                                        absl::StrCat("page_size: 1 page_token: '", token, "'"))
        .status();
  }

  std::unique_ptr<Rotating> rotating_;
};
INSTANTIATE_ON_ENGINES(TokenKeysTest);

TEST_P(TokenKeysTest, TokensOfOldKeysStayGoodForElevenMore) {
  const std::string token = FirstPage();
  for (size_t i = 1; i < resource::kMostTokenKeys; ++i) {
    Rotate();
    EXPECT_OK(NextPage(token)) << i;
  }
  Rotate();
  EXPECT_THAT(NextPage(token), HasReason(api::v1::Error::INVALID_PAGE_TOKEN));
  EXPECT_OK(NextPage(FirstPage()));
}

TEST_P(TokenKeysTest, AReplicaKnowsANewKeyBeforeItSeals) {
  clock_.Advance(kAge + absl::Minutes(1));
  ASSERT_OK(rotating_->engine().KeepHouse());
  // Sealed with the first key, as another replica may have that one alone.
  const std::string token = FirstPage();
  ASSERT_OK(rotating_->engine().database().Write([](storage::Transaction& tx) {
    return tx
        .Execute(
            "DELETE FROM engine_state WHERE key = "
            "(SELECT MAX(key) FROM engine_state WHERE key LIKE 'seal_key.%')")
        .status();
  }));
  rotating_ = nullptr;
  rotating_ = std::make_unique<Rotating>(store_.Open(), clock_);
  EXPECT_OK(NextPage(token));
}

// The statement for operators in docs/operate/keys.md, which begins with these words.
std::string StatementOfThePage() {
  std::ifstream page("docs/operate/keys.md");
  const std::string text{std::istreambuf_iterator<char>(page), {}};
  const size_t begin = text.find("DELETE FROM engine_state");
  const size_t end = text.find('\n', begin);
  return begin == std::string::npos ? "" : text.substr(begin, end - begin);
}

// Of a store that became known: tokens that were sealed with its keys open nothing any more.
TEST_P(TokenKeysTest, KeysThatBecameKnownAreReplacedAsThePageSays) {
  Rotate();
  const std::string token = FirstPage();
  ASSERT_OK_AND_ASSIGN(const auto known,
                       resource::KeepTokenKeys(rotating_->engine().database(), clock_.Now(), kAge));
  EXPECT_THAT(known, SizeIs(2));
  ASSERT_OK(rotating_->engine().database().Write(
      [](storage::Transaction& tx) { return tx.Execute(StatementOfThePage()).status(); }));
  rotating_ = nullptr;
  rotating_ = std::make_unique<Rotating>(store_.Open(), clock_);
  EXPECT_THAT(NextPage(token), HasReason(api::v1::Error::INVALID_PAGE_TOKEN));
  EXPECT_OK(NextPage(FirstPage()));
  ASSERT_OK_AND_ASSIGN(const auto keys,
                       resource::KeepTokenKeys(rotating_->engine().database(), clock_.Now(), kAge));
  ASSERT_THAT(keys, SizeIs(1));
  for (const resource::TokenKey& old : known) EXPECT_NE(keys[0].key, old.key);
}

TEST_P(TokenKeysTest, ManyReplicasMakeOneKey) {
  auto& database = rotating_->engine().database();
  clock_.Advance(kAge + absl::Minutes(1));
  for (int i = 0; i < 3; ++i) {
    ASSERT_OK_AND_ASSIGN(const auto keys, resource::KeepTokenKeys(database, clock_.Now(), kAge));
    EXPECT_THAT(keys, SizeIs(2));
  }
}

TEST_P(TokenKeysTest, WithoutAnAgeTheFirstIsForGood) {
  auto& database = rotating_->engine().database();
  ASSERT_OK_AND_ASSIGN(const auto keys,
                       resource::KeepTokenKeys(database, clock_.Now() + absl::Hours(1'000'000),
                                               absl::InfiniteDuration()));
  EXPECT_THAT(keys, SizeIs(1));
}

}  // namespace
}  // namespace baliprocess::membership
