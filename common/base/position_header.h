// How callers and services tell each other what a caller has seen of a store.
//
// With --store_read a service reads on standbys of its store, which may be behind by the time that
// --store_read_age says. Its replies then say how far the store was that they are of, and a caller
// that sends this along with its next call is answered by a store that is as far. The value is
// opaque, and of one service: each has a store of its own. A resume token of a change is such a
// value, too. Values of several replies are a list, `a,b`, or several fields: all of them are
// meant.

#ifndef BALIPROCESS_COMMON_BASE_POSITION_HEADER_H_
#define BALIPROCESS_COMMON_BASE_POSITION_HEADER_H_

namespace baliprocess {

// Of gRPC, a key of the request's metadata and of the reply's trailing metadata; of HTTP, a field
// of the request and of a reply that isn't a stream.
inline constexpr char kPositionHeader[] = "x-bali-position";

// Instead of a position: the newest there is. So is what a service can't read. The reply to a read
// that sends this has it again.
inline constexpr char kNewestPosition[] = "newest";

}  // namespace baliprocess

#endif  // BALIPROCESS_COMMON_BASE_POSITION_HEADER_H_
