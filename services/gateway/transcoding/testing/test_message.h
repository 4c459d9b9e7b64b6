// The contract that the tests of requests and replies share: a field of every kind.

#ifndef BALIPROCESS_SERVICES_GATEWAY_TRANSCODING_TESTING_TEST_MESSAGE_H_
#define BALIPROCESS_SERVICES_GATEWAY_TRANSCODING_TESTING_TEST_MESSAGE_H_

namespace baliprocess::gateway {

inline constexpr char kTestMessage[] = R"(
  enum Color { COLOR_UNSPECIFIED = 0; RED = 1; GREEN = 2; }
  message Message {
    int32 f_int32 = 1; int64 f_int64 = 2; uint32 f_uint32 = 3; uint64 f_uint64 = 4;
    sint32 f_sint32 = 5; fixed64 f_fixed64 = 6;
    double f_double = 7; float f_float = 8; bool f_bool = 9; string f_string = 10; bytes f_bytes = 11;
    Color color = 12; optional int32 p_int32 = 13; optional string p_string = 14;
    repeated int32 r_int32 = 15; repeated string r_string = 16; repeated Color r_color = 17;
    Message sub = 18; repeated Message subs = 19;
    map<string, int32> counts = 20; map<int32, Message> by_number = 21; map<bool, string> by_bool = 22;
    google.protobuf.Timestamp time = 23; google.protobuf.Duration duration = 24;
    google.protobuf.FieldMask mask = 25; repeated google.protobuf.Timestamp times = 26;
    google.protobuf.Int32Value w_int32 = 27; google.protobuf.StringValue w_string = 28;
    google.protobuf.BoolValue w_bool = 29; google.protobuf.BytesValue w_bytes = 30;
    google.protobuf.Int64Value w_int64 = 31; google.protobuf.DoubleValue w_double = 32;
    google.protobuf.Struct struct = 33; google.protobuf.Value value = 34;
    google.protobuf.ListValue list = 35; google.protobuf.NullValue null = 36;
    google.protobuf.Empty empty = 37; google.protobuf.Any any = 38;
    oneof choice { string this = 39; int32 that = 40; Message other = 41; }
    string renamed = 42 [json_name = "other-name"];
    google.api.HttpBody file = 43; repeated google.protobuf.Value values = 44;
    map<string, google.protobuf.Value> value_map = 45; repeated google.protobuf.Any anys = 46;
  })";

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_TRANSCODING_TESTING_TEST_MESSAGE_H_
