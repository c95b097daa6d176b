#include "load/code_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <string_view>

namespace kith::load {
namespace {

constexpr auto kPoll = std::chrono::milliseconds(2);
constexpr int kMaxPolls = 10'000;
// What the development sender of codes writes, in whichever field of its line.
constexpr std::string_view kBeforeAddress = "one-time code for ";
constexpr std::string_view kBeforeCode = ": ";

}  // namespace

CodeLog::CodeLog(Reactor& reactor, std::string path)
    : reactor_(reactor), path_(std::move(path)), fd_(open(path_.c_str(), O_RDONLY | O_CLOEXEC)) {
  if (fd_ >= 0) lseek(fd_, 0, SEEK_END);
}

CodeLog::~CodeLog() {
  if (fd_ >= 0) close(fd_);
}

Task<Result<std::string>> CodeLog::code_for(std::string address) {
  if (fd_ < 0) co_return fail(Errc::bad_state, "kithd's log cannot be read: " + path_);
  for (int i = 0; i < kMaxPolls; ++i) {
    read_new();
    if (const auto it = codes_.find(address); it != codes_.end()) {
      std::string code = std::move(it->second);
      codes_.erase(it);
      co_return code;
    }
    co_await reactor_.sleep_for(kPoll);
  }
  co_return fail(Errc::out_of_time, "kithd's log shows no code");
}

void CodeLog::read_new() {
  std::array<char, 65536> buffer;
  for (ssize_t size = 0; (size = read(fd_, buffer.data(), buffer.size())) > 0;) {
    partial_.append(buffer.data(), static_cast<std::size_t>(size));
  }
  std::size_t begin = 0;
  for (std::size_t end = 0; (end = partial_.find('\n', begin)) != std::string::npos; begin = end + 1) {
    take_line(std::string_view(partial_).substr(begin, end - begin));
  }
  partial_.erase(0, begin);
}

void CodeLog::take_line(std::string_view line) {
  const auto begin = line.find(kBeforeAddress);
  if (begin == std::string_view::npos) return;
  line.remove_prefix(begin + kBeforeAddress.size());
  const auto middle = line.find(kBeforeCode);
  if (middle == std::string_view::npos) return;
  const auto code = line.substr(middle + kBeforeCode.size());
  codes_[std::string(line.substr(0, middle))] = code.substr(0, code.find_first_not_of("0123456789"));
}

}  // namespace kith::load
