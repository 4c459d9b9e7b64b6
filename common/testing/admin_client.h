// An operator for tests: asks the listener of --admin_listen.

#ifndef BALIPROCESS_COMMON_TESTING_ADMIN_CLIENT_H_
#define BALIPROCESS_COMMON_TESTING_ADMIN_CLIENT_H_

#include <functional>
#include <map>
#include <string>

namespace baliprocess::testing {

// A connection to a port of loopback; reads and writes give up after half a minute.
class AdminSocket {
 public:
  explicit AdminSocket(int port);
  ~AdminSocket();
  AdminSocket(const AdminSocket&) = delete;
  AdminSocket& operator=(const AdminSocket&) = delete;

  // False when the connection is over.
  bool Send(const std::string& bytes);
  // What comes until the other side closes.
  std::string ReadAll();

 private:
  int fd_;
};

struct AdminReply {
  int status = 0;
  std::string head;
  std::string body;
};

// The reply to a whole request, such as `GET /metrics HTTP/1.1`, with these lines of header.
AdminReply AskAdmin(int port, const std::string& request, const std::string& header = "");

inline AdminReply GetPage(int port, const std::string& path) {
  return AskAdmin(port, "GET " + path + " HTTP/1.1");
}

// The lines of /metrics: `name{label="value"}` and the number behind it.
std::map<std::string, double> Scrape(int port);

// Whether it comes true soon.
bool Soon(const std::function<bool()>& condition);

}  // namespace baliprocess::testing

#endif  // BALIPROCESS_COMMON_TESTING_ADMIN_CLIENT_H_
