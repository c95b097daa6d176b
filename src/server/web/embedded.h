// The web client's files, as packed into this binary.
#pragma once

#include <span>

#include "server/edge/http/web_files.h"

namespace kith::server {

[[nodiscard]] std::span<const edge::WebFile> embedded_web_files();

}  // namespace kith::server
