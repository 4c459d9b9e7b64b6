#include "common/telemetry/admin_server.h"

#include <chrono>
#include <memory>
#include <optional>
#include <string_view>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>

#include "common/base/host_port.h"
#include "common/base/loopback.h"
#include "common/base/status_macros.h"
#include "common/telemetry/log.h"

namespace baliprocess::telemetry {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;
using Error = boost::system::error_code;

// What the connections have in common.
struct Common {
  const AdminOptions options;
  const AdminServer::Answer answer;
  const bool local;  // listens on loopback
  int connections = 0;
};

AdminPage Text(int status, std::string text) {
  return {.status = status, .content_type = "text/plain", .body = absl::StrCat(text, "\n")};
}

// The host that `Host` names, without its port (RFC 9110 7.2). Empty when the port isn't one.
std::string_view HostIn(std::string_view field) {
  const size_t colon = field.rfind(':');
  if (colon == std::string_view::npos || field.ends_with(']')) return field;
  const bool has_port = field.find_first_not_of("0123456789", colon + 1) == std::string_view::npos;
  return has_port ? field.substr(0, colon) : std::string_view();
}

// On one connection: who holds one makes room for others from time to time.
constexpr int kMostRequests = 100;

class AdminConnection : public std::enable_shared_from_this<AdminConnection> {
 public:
  AdminConnection(tcp::socket socket, Common& common)
      : common_(common), stream_(std::move(socket)), buffer_(common.options.max_head_bytes) {
    ++common_.connections;
  }
  ~AdminConnection() { --common_.connections; }

  void Read() {
    request_.emplace();
    request_->header_limit(static_cast<std::uint32_t>(common_.options.max_head_bytes));
    request_->body_limit(0);
    Restrict();
    http::async_read(stream_, buffer_, *request_,
                     [self = shared_from_this()](Error error, size_t) { self->OnRead(error); });
  }

 private:
  // The time for what is next.
  void Restrict() { stream_.expires_after(absl::ToChronoNanoseconds(common_.options.timeout)); }

  void OnRead(Error error) {
    if (!error) return Reply(PageOf(request_->get()), request_->keep_alive());
    // What can't be read as a request is told so; who says nothing, or left, isn't.
    if (error == http::error::header_limit || error == http::error::buffer_overflow) {
      Reply(Text(431, "the head of the request is too large"), false);
    } else if (error == http::error::body_limit || error == http::error::unexpected_body) {
      Reply(Text(413, "requests have no body here"), false);
    } else if (error.category() == make_error_code(http::error::bad_method).category() &&
               error != http::error::end_of_stream && error != http::error::partial_message) {
      Reply(Text(400, "this isn't a request of HTTP/1.1"), false);
    }
  }

  AdminPage PageOf(const http::request<http::empty_body>& request) const {
    if (request.method() != http::verb::get && request.method() != http::verb::head) {
      return Text(405, "only GET and HEAD");
    }
    if (request.count(http::field::host) > 1) return Text(400, "a request has one Host");
    // A page of the web must not reach through a browser what listens beside it, by a name that it
    // has had resolved to loopback.
    const auto field = request[http::field::host];
    if (common_.local && !IsLoopbackHost(HostIn({field.data(), field.size()}))) {
      return Text(403, "this is only for who calls it by a loopback address");
    }
    const std::string_view target(request.target().data(), request.target().size());
    return common_.answer(std::string(target.substr(0, target.find('?'))));
  }

  void Reply(AdminPage page, bool keep_alive) {
    reply_ = {};
    reply_.version(11);
    reply_.result(static_cast<unsigned>(page.status));
    reply_.set(http::field::content_type, page.content_type);
    reply_.set(http::field::cache_control, "no-store");
    reply_.set("X-Content-Type-Options", "nosniff");
    if (page.status == 405) reply_.set(http::field::allow, "GET, HEAD");
    ++answered_;
    reply_.keep_alive(keep_alive && answered_ < kMostRequests);
    reply_.body() = std::move(page.body);
    reply_.prepare_payload();
    if (request_->get().method() == http::verb::head) reply_.body().clear();
    Restrict();
    http::async_write(stream_, reply_, [self = shared_from_this()](Error error, size_t) {
      if (!error && self->reply_.keep_alive()) return self->Read();
      Error ignored;
      self->stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
    });
  }

  Common& common_;
  beast::tcp_stream stream_;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::empty_body>> request_;
  http::response<http::string_body> reply_;
  int answered_ = 0;
};

class RunningAdminServer final : public AdminServer {
 public:
  RunningAdminServer(AdminOptions options, Answer answer, bool local)
      : common_{.options = std::move(options), .answer = std::move(answer), .local = local} {}

  ~RunningAdminServer() override {
    context_.stop();
    if (thread_.joinable()) thread_.join();
  }

  absl::Status Listen(HostPort address) {
    if (address.host == "localhost") address.host = "127.0.0.1";
    Error error;
    const auto host = asio::ip::make_address(address.host, error);
    if (error) {
      return absl::InvalidArgumentError(absl::StrCat(
          "can't listen for operators at ", common_.options.listen, ": not a numeric address"));
    }
    const tcp::endpoint endpoint(host, address.port);
    if (!acceptor_.open(endpoint.protocol(), error) &&
        !acceptor_.set_option(tcp::acceptor::reuse_address(true), error) &&
        !acceptor_.bind(endpoint, error) && !acceptor_.listen(kBacklog, error)) {
      port_ = acceptor_.local_endpoint(error).port();
    }
    if (error) {
      return absl::FailedPreconditionError(absl::StrCat(
          "can't listen for operators at ", common_.options.listen, ": ", error.message()));
    }
    Accept();
    thread_ = std::thread([this] { context_.run(); });
    return absl::OkStatus();
  }

  int port() const override { return port_; }

 private:
  static constexpr int kBacklog = 16;

  void Accept() {
    acceptor_.async_accept([this](Error error, tcp::socket socket) {
      if (error == asio::error::operation_aborted) return;
      if (error) return AcceptLater(error);
      if (common_.connections < common_.options.max_connections) {
        std::make_shared<AdminConnection>(std::move(socket), common_)->Read();
      } else {
        LogRefusal("too many connections");
      }
      Accept();
    });
  }

  // Such as out of file descriptors: it would fail again at once.
  void AcceptLater(Error error) {
    LogRefusal(error.message());
    retry_.expires_after(std::chrono::milliseconds(100));
    retry_.async_wait([this](Error stopped) {
      if (!stopped) Accept();
    });
  }

  // Now and then.
  void LogRefusal(const std::string& why) {
    const auto now = std::chrono::steady_clock::now();
    if (now < next_line_) return;
    next_line_ = now + std::chrono::seconds(10);
    Log(Level::kWarn, "operate", "an operator's connection was refused")
        .Field("reason", std::string_view(why));
  }

  Common common_;
  int port_ = 0;
  std::chrono::steady_clock::time_point next_line_;
  asio::io_context context_{1};
  tcp::acceptor acceptor_{context_};
  asio::steady_timer retry_{context_};
  std::thread thread_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<AdminServer>> AdminServer::Start(AdminOptions options,
                                                                Answer answer) {
  ASSIGN_OR_RETURN(HostPort address, SplitHostPort(options.listen));
  const bool local = IsLoopback(options.listen);
  if (!local && !options.allow_remote) {
    return absl::InvalidArgumentError(
        absl::StrCat("won't listen for operators at ", options.listen,
                     ", where anyone may ask without TLS or a password: use loopback, or allow "
                     "remote operators"));
  }
  auto server = std::make_unique<RunningAdminServer>(std::move(options), std::move(answer), local);
  RETURN_IF_ERROR(server->Listen(std::move(address)));
  return server;
}

}  // namespace baliprocess::telemetry
