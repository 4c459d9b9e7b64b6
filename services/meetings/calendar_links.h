// Links by which calendar programs subscribe to meetings.

#ifndef BALIPROCESS_SERVICES_MEETINGS_CALENDAR_LINKS_H_
#define BALIPROCESS_SERVICES_MEETINGS_CALENDAR_LINKS_H_

#include <cstddef>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "baliprocess/meetings/v1/calendar_link.pb.h"
#include "common/resource/engine/scope.h"
#include "common/resource/query/filter.h"

namespace baliprocess::meetings {

// The most links that an owner has, revoked ones not counted: each is open to whoever has it, so
// that somebody should know what all of them are for.
inline constexpr size_t kMostLinks = 20;

// Makes a link. Its secret is 256 random bits; what is kept is its hash, by which it is found.
absl::Status CreateCalendarLink(resource::Scope& scope,
                                const v1::CreateCalendarLinkRequest& request,
                                v1::CalendarLink& reply);

// Which meetings a link selects, by what any member may filter on.
absl::StatusOr<resource::Condition> CompileLinkFilter(const resource::Scope& scope,
                                                      const v1::CalendarLink& link);

}  // namespace baliprocess::meetings

#endif  // BALIPROCESS_SERVICES_MEETINGS_CALENDAR_LINKS_H_
