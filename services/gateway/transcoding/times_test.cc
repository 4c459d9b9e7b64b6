#include "services/gateway/transcoding/times.h"

#include <gtest/gtest.h>

#include "services/gateway/transcoding/decimal.h"

namespace baliprocess::gateway {
namespace {

// As seconds and nanoseconds, such as `5.000000500`; or `no`.
std::string Told(const std::optional<SecondsAndNanos>& time) {
  return time ? std::to_string(time->seconds) + " " + std::to_string(time->nanos) : "no";
}

TEST(TimesTest, ReadsTimestamps) {
  const std::pair<const char*, const char*> rows[] = {
      {"1970-01-01T00:00:00Z", "0 0"},
      {"2024-05-02T09:30:00Z", "1714642200 0"},
      {"2024-05-02T11:30:00+02:00", "1714642200 0"},
      {"2024-05-02T04:00:00-05:30", "1714642200 0"},
      {"2024-02-29T00:00:00Z", "1709164800 0"},
      {"1969-12-31T23:59:59.5Z", "-1 500000000"},
      {"2024-05-02T09:30:00.123456789Z", "1714642200 123456789"},
      {"0001-01-01T00:00:00Z", "-62135596800 0"},
      {"9999-12-31T23:59:59.999999999Z", "253402300799 999999999"},
      {"0001-01-01T00:00:00+00:01", "no"},
      {"9999-12-31T23:59:59-00:01", "no"},
      {"0000-12-31T23:59:59Z", "no"},
      {"2023-02-29T00:00:00Z", "no"},
      {"2024-13-01T00:00:00Z", "no"},
      {"2024-00-01T00:00:00Z", "no"},
      {"2024-01-00T00:00:00Z", "no"},
      {"2024-01-01T24:00:00Z", "no"},
      {"2024-01-01T00:60:00Z", "no"},
      {"2024-01-01T00:00:60Z", "no"},
      {"2024-01-01T00:00:00.1234567890Z", "no"},
      {"2024-01-01T00:00:00.Z", "no"},
      {"2024-01-01T00:00:00+24:00", "no"},
      {"2024-01-01T00:00:00+0100", "no"},
      {"2024-01-01T00:00:00", "no"},
      {"2024-01-01T00:00:00Zx", "no"},
      {" 2024-01-01T00:00:00Z", "no"},
      {"2024-1-1T0:0:0Z", "no"},
      {"2024-01-01 00:00:00Z", "no"},
      {"2024-01-01", "no"},
      {"", "no"},
  };
  for (const auto& [text, expected] : rows) EXPECT_EQ(Told(ReadTimestamp(text)), expected) << text;
}

TEST(TimesTest, ReadsDurations) {
  const std::pair<const char*, const char*> rows[] = {
      {"0s", "0 0"},
      {"1s", "1 0"},
      {"-1.5s", "-1 -500000000"},
      {"-0.000000001s", "0 -1"},
      {"315576000000s", "315576000000 0"},
      {"-315576000000s", "-315576000000 0"},
      {"315576000000.1s", "no"},
      {"315576000001s", "no"},
      {"9223372036854775808s", "no"},
      {"1", "no"},
      {"s", "no"},
      {"", "no"},
      {".5s", "no"},
      {"1.s", "no"},
      {"+1s", "no"},
      {" 1s", "no"},
      {"1s ", "no"},
      {"1.-5s", "no"},
      {"--1s", "no"},
      {"1e3s", "no"},
      {"1.0000000001s", "no"},
  };
  for (const auto& [text, expected] : rows) EXPECT_EQ(Told(ReadDuration(text)), expected) << text;
}

TEST(TimesTest, WritesWhatItReads) {
  for (const char* text :
       {"1970-01-01T00:00:00Z", "2024-05-02T09:30:00.500Z", "1969-12-31T23:59:59.000001Z",
        "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999Z", "2024-02-29T12:34:56Z"}) {
    std::string written = ">";
    EXPECT_TRUE(AppendTimestamp(*ReadTimestamp(text), written));
    EXPECT_EQ(written, std::string(">") + text);
  }
  for (const char* text : {"0s", "1.500s", "-1.500s", "-0.000001s", "315576000000s"}) {
    std::string written = ">";
    EXPECT_TRUE(AppendDuration(*ReadDuration(text), written));
    EXPECT_EQ(written, std::string(">") + text);
  }
  std::string written;
  for (const SecondsAndNanos& time : {SecondsAndNanos{-62'135'596'801, 0},
                                      {253'402'300'800, 0},
                                      {INT64_MIN, 0},
                                      {INT64_MAX, 0},
                                      {0, -1},
                                      {0, 1'000'000'000}}) {
    EXPECT_FALSE(AppendTimestamp(time, written)) << time.seconds;
  }
  for (const SecondsAndNanos& time :
       {SecondsAndNanos{315'576'000'001, 0}, {INT64_MIN, 0}, {1, -1}, {-1, 1}, {0, INT32_MIN}}) {
    EXPECT_FALSE(AppendDuration(time, written)) << time.seconds;
  }
  EXPECT_EQ(written, "");
}

std::string Told(const std::optional<WholeNumber>& number) {
  return number ? (number->negative ? "-" : "") + std::to_string(number->magnitude) : "no";
}

TEST(DecimalTest, ReadsWholeNumbers) {
  const std::pair<const char*, const char*> rows[] = {
      {"0", "0"},
      {"-0", "0"},
      {"0.000e5", "0"},
      {"12", "12"},
      {"-12", "-12"},
      {"1.50e2", "150"},
      {"1500e-2", "15"},
      {"1.0", "1"},
      {"1E+2", "100"},
      {"18446744073709551615", "18446744073709551615"},
      {"18446744073709551615.0", "18446744073709551615"},
      {"9007199254740993.0", "9007199254740993"},
      {"18446744073709551616", "no"},
      {"1e20", "no"},
      {"1e99999999999", "no"},
      {"1e-99999999999", "no"},
      {"1.9", "no"},
      {"1e-1", "no"},
      {"", "no"},
      {"-", "no"},
      {"1.", "no"},
      {".1", "no"},
      {"1e", "no"},
      {"1e+", "no"},
      {"+1", "no"},
      {"01", "no"},
      {" 1", "no"},
      {"1 ", "no"},
      {"0x1", "no"},
      {"1_0", "no"},
  };
  for (const auto& [text, expected] : rows)
    EXPECT_EQ(Told(ReadWholeNumber(text)), expected) << text;
}

TEST(DecimalTest, ReadsFloatingPoint) {
  EXPECT_EQ(ReadDouble("0.1"), 0.1);
  EXPECT_EQ(ReadDouble("1.7976931348623157e308"), 1.7976931348623157e308);
  EXPECT_EQ(ReadDouble("1.8e308"), std::nullopt);
  EXPECT_EQ(ReadDouble("0.001e400"), std::nullopt);
  EXPECT_EQ(ReadDouble(std::string(400, '9') + "e-5"), std::nullopt);
  EXPECT_EQ(ReadDouble("1e-400"), 0.0);
  EXPECT_EQ(ReadDouble("0." + std::string(400, '0') + "1"), 0.0);
  EXPECT_EQ(ReadFloat("3.4028235e38"), 3.4028235e38F);
  EXPECT_EQ(ReadFloat("3.5e38"), std::nullopt);
  EXPECT_EQ(ReadFloat("1e-60"), 0.0F);
  for (const char* text : {"", "inf", "nan", "0x1p3", "1e", ".5", "5.", "+1", " 1"}) {
    EXPECT_EQ(ReadDouble(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace baliprocess::gateway
