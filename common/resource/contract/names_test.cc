#include "common/resource/contract/names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "common/base/descriptors.h"
#include "common/testing/matchers.h"

namespace baliprocess::resource {
namespace {

using ::testing::Contains;
using ::testing::Eq;
using ::testing::IsNull;
using ::testing::Not;

NamePattern PatternOf(std::string_view text) {
  auto pattern = NamePattern::Parse(text);
  EXPECT_OK(pattern);
  return *std::move(pattern);
}

NamePattern Seats() { return PatternOf("bodies/{body}/seats/{seat}"); }

TEST(IdTest, FollowsTheRules) {
  for (const char* id : {"a", "aus", "aus-2004", "a--b", "z9"}) {
    EXPECT_EQ(WhyInvalidId(id), std::nullopt) << id;
  }
  EXPECT_EQ(WhyInvalidId(std::string(63, 'a')), std::nullopt);
  for (const char* id :
       {"", "-", "9a", "-a", "a-", "Aus", "a_b", "a.b", "a/b", "a b", "\xc3\xa4"}) {
    EXPECT_NE(WhyInvalidId(id), std::nullopt) << id;
  }
  EXPECT_NE(WhyInvalidId(std::string(64, 'a')), std::nullopt);
  EXPECT_NE(WhyInvalidId(std::string_view("a\0b", 3)), std::nullopt);
}

TEST(IdTest, NewIdsAreValidAndDiffer) {
  std::set<std::string> ids;
  for (int i = 0; i < 1000; ++i) ids.insert(NewId());
  EXPECT_EQ(ids.size(), 1000u);
  for (const std::string& id : ids) EXPECT_EQ(WhyInvalidId(id), std::nullopt) << id;
}

TEST(NamePatternTest, RefusesWhatIsNoPattern) {
  for (const char* text :
       {"", "/", "bodies", "bodies/", "bodies/body", "{body}/seats", "bodies/{}", "bodies/{body}/",
        "bodies/{body}/seats", "/bodies/{body}", "bodies//{body}", "Bodies/{body}"}) {
    EXPECT_THAT(NamePattern::Parse(text), Not(testing::IsOk())) << text;
  }
}

TEST(NamePatternTest, MatchesNames) {
  EXPECT_TRUE(Seats().Matches("bodies/ahg/seats/aus-2004"));
  EXPECT_TRUE(PatternOf("externalForums/{external_forum}").Matches("externalForums/un"));
  for (const char* name :
       {"", "/", "bodies/ahg", "bodies/ahg/seats", "bodies/ahg/seats/", "/bodies/ahg/seats/aus",
        "bodies/ahg/seats/aus/", "bodies//seats/aus", "bodies/ahg/seats/-", "bodies/-/seats/aus",
        "bodies/ahg/chairs/aus", "bodies/ahg/seats/aus/x/y", "bodies/AHG/seats/aus",
        "bodies/ahg//seats/aus", "bodies/ahg/seats/aus\n"}) {
    EXPECT_FALSE(Seats().Matches(name)) << name;
  }
}

TEST(NamePatternTest, TakesNamesApartAndMakesThem) {
  EXPECT_EQ(Seats().Collection(), "seats");
  EXPECT_EQ(Seats().Parent("bodies/ahg/seats/aus"), "bodies/ahg");
  EXPECT_EQ(Seats().Make("bodies/ahg", "aus"), "bodies/ahg/seats/aus");
  EXPECT_FALSE(Seats().IsTopLevel());
  EXPECT_EQ(Seats().ParentPattern()->pattern(), "bodies/{body}");
  EXPECT_TRUE(Seats().ParentPattern()->Matches("bodies/ahg"));

  const NamePattern bodies = PatternOf("bodies/{body}");
  EXPECT_EQ(bodies.Parent("bodies/ahg"), "");
  EXPECT_EQ(bodies.Make("", "ahg"), "bodies/ahg");
  EXPECT_TRUE(bodies.IsTopLevel());
  EXPECT_EQ(bodies.ParentPattern(), std::nullopt);
}

TEST(NamePatternTest, MatchesParents) {
  EXPECT_TRUE(Seats().MatchesParent("bodies/ahg", false));
  EXPECT_FALSE(Seats().MatchesParent("bodies/-", false));
  EXPECT_TRUE(Seats().MatchesParent("bodies/-", true));
  EXPECT_FALSE(Seats().MatchesParent("", true));
  EXPECT_FALSE(Seats().MatchesParent("-", true));
  EXPECT_FALSE(Seats().MatchesParent("bodies/ahg/seats/aus", true));
  EXPECT_TRUE(PatternOf("bodies/{body}").MatchesParent("", false));
  EXPECT_FALSE(PatternOf("bodies/{body}").MatchesParent("bodies/ahg", false));
}

TEST(NamePatternTest, AnyParentStandsForAll) {
  EXPECT_EQ(PatternOf("bodies/{body}").AnyParent(), "");
  EXPECT_EQ(Seats().AnyParent(), "bodies/-");
  const NamePattern deep = PatternOf("a/{a}/b/{b}/c/{c}");
  EXPECT_EQ(deep.AnyParent(), "a/-/b/-");
  EXPECT_TRUE(deep.MatchesParent(deep.AnyParent(), true));
  EXPECT_EQ(deep.ScopeOf(deep.AnyParent()).kind, ParentScope::Kind::kAll);
}

TEST(NamePatternTest, ScopesFollowWildcards) {
  using Kind = ParentScope::Kind;
  EXPECT_EQ(Seats().ScopeOf("bodies/-").kind, Kind::kAll);
  EXPECT_TRUE(Seats().ScopeOf("bodies/-").Contains("bodies/ahg"));
  EXPECT_EQ(Seats().ScopeOf("bodies/ahg").kind, Kind::kExact);
  EXPECT_EQ(Seats().ScopeOf("bodies/ahg").text, "bodies/ahg");
  EXPECT_TRUE(Seats().ScopeOf("bodies/ahg").Contains("bodies/ahg"));
  EXPECT_FALSE(Seats().ScopeOf("bodies/ahg").Contains("bodies/ahg2"));
  EXPECT_EQ(PatternOf("bodies/{body}").ScopeOf("").kind, Kind::kAll);

  const NamePattern deep = PatternOf("a/{a}/b/{b}/c/{c}");
  EXPECT_EQ(deep.ScopeOf("a/-/b/-").kind, Kind::kAll);
  EXPECT_EQ(deep.ScopeOf("a/-/b/x").kind, Kind::kSome);
  EXPECT_EQ(deep.ScopeOf("a/-/b/x").text, "a/%/b/x");
  EXPECT_TRUE(deep.ScopeOf("a/-/b/x").Contains("a/y/b/x"));
  EXPECT_FALSE(deep.ScopeOf("a/-/b/x").Contains("a/y/b/xx"));
  EXPECT_FALSE(deep.ScopeOf("a/x/b/-").Contains("a/y/b/z"));
}

TEST(NamesTest, ParentsAreWhatNamesBeginWith) {
  EXPECT_EQ(ParentOf("bodies/ahg/seats/aus-2004"), "bodies/ahg");
  EXPECT_EQ(ParentOf("a/x/b/y/c/z"), "a/x/b/y");
}

TEST(TypesTest, KnowsTheLinkedContracts) {
  ASSERT_NE(PatternOfType("baliprocess.net/Seat"), nullptr);
  EXPECT_EQ(PatternOfType("baliprocess.net/Seat")->pattern(), "bodies/{body}/seats/{seat}");
  EXPECT_THAT(PatternOfType("baliprocess.net/Nothing"), IsNull());
  EXPECT_TRUE(MatchesAnyType("members/aus"));
  EXPECT_TRUE(MatchesAnyType("bodies/ahg/seats/aus"));
  EXPECT_FALSE(MatchesAnyType("nothing/aus"));
  std::set<std::string> names;
  for (const auto* type : LinkedMessages()) names.insert(type->full_name());
  EXPECT_THAT(names, Contains(Eq("baliprocess.membership.v1.Official.Contact")));
}

}  // namespace
}  // namespace baliprocess::resource
