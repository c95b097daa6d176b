// What is behind a Loop. For the files of this room that speak Asio.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/signal_set.hpp>
#include <map>
#include <memory>

#include "client/native/loop.h"

namespace kith::client::native {

struct Loop::Context {
  struct Watch {
    boost::asio::posix::stream_descriptor descriptor;
    std::function<void()> readable;
  };
  boost::asio::io_context io{1};
  std::map<int, std::shared_ptr<Watch>> watches;
  std::unique_ptr<boost::asio::signal_set> signals;

  void wait_for(const std::shared_ptr<Watch>& watch);
  void wait_for_signal(const std::shared_ptr<std::function<void(int)>>& received);
};

}  // namespace kith::client::native
