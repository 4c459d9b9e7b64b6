// All pages of a list, one after the other:
//
//   ListSeatsRequest request;
//   request.set_parent("bodies/sg");
//   client::Pages seats(stub.get(), &MembershipService::Stub::ListSeats, request);
//   while (seats.Next()) {
//     for (const Seat& seat : seats.page().seats()) …
//   }
//   if (!seats.status().ok()) …

#ifndef BALIPROCESS_CLIENT_PAGES_H_
#define BALIPROCESS_CLIENT_PAGES_H_

#include <grpcpp/client_context.h>
#include <grpcpp/support/status.h>

#include <chrono>
#include <utility>

namespace baliprocess::client {

// For one thread. A page is asked for when it is wanted, and not again when its call fails.
template <typename Stub, typename Request, typename Page>
class Pages {
 public:
  using Method = grpc::Status (Stub::*)(grpc::ClientContext*, const Request&, Page*);

  // The stub must live longer. `request` may have a page token to go on from. Each page has
  // `timeout`.
  Pages(Stub* stub, Method method, Request request,
        std::chrono::seconds timeout = std::chrono::seconds(30))
      : stub_(stub), method_(method), request_(std::move(request)), timeout_(timeout) {}

  // Fetches the next page. False when there is none, or when it couldn't be had: status() tells.
  bool Next() {
    if (ended_) return false;
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + timeout_);
    Page page;
    status_ = (stub_->*method_)(&context, request_, &page);
    if (!status_.ok()) {
      ended_ = true;
      return false;
    }
    page_ = std::move(page);
    request_.set_page_token(page_.next_page_token());
    ended_ = request_.page_token().empty();
    return true;
  }

  // The page that Next fetched last.
  const Page& page() const { return page_; }

  // OK unless a page couldn't be had.
  const grpc::Status& status() const { return status_; }

 private:
  Stub* const stub_;
  const Method method_;
  Request request_;
  const std::chrono::seconds timeout_;
  Page page_;
  grpc::Status status_;
  bool ended_ = false;
};

}  // namespace baliprocess::client

#endif  // BALIPROCESS_CLIENT_PAGES_H_
