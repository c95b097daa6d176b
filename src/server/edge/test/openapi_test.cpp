// schema/openapi.yaml and the registry name the same requests.
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <string>

#include "server/edge/http/registry.h"

namespace kith::server::edge {
namespace {

std::string name_of(Method method) {
  switch (method) {
    case Method::get:
      return "get";
    case Method::post:
      return "post";
    case Method::put:
      return "put";
    default:
      return "?";
  }
}

// The file is written by us in one style: paths at two spaces, methods at four.
std::set<std::string> described() {
  std::ifstream file(KITH_SOURCE "/schema/openapi.yaml");
  std::set<std::string> all;
  std::string line;
  std::string path;
  while (std::getline(file, line) && line != "components:") {
    if (line.starts_with("  /")) path = line.substr(2, line.size() - 3);
    if (line.starts_with("    ") && line[4] != ' ' && line.ends_with(":") && line != "    parameters:") {
      all.insert(line.substr(4, line.size() - 5) + " " + path);
    }
  }
  return all;
}

TEST(OpenApi, describes_every_route_and_no_other) {
  std::set<std::string> served;
  for (const Route& route : routes()) served.insert(name_of(route.method) + " " + std::string(route.pattern));
  EXPECT_EQ(served.size(), routes().size()) << "a route is listed twice";
  EXPECT_EQ(described(), served);
}

TEST(Routes, match_their_pattern_only) {
  EXPECT_EQ(match("/v1/me", "/v1/me"), "");
  EXPECT_EQ(match("/v1/me", "/v1/me/"), std::nullopt);
  EXPECT_EQ(match("/v1/users/{user}", "/v1/users/abc"), "abc");
  EXPECT_EQ(match("/v1/users/{user}", "/v1/users/"), std::nullopt);
  EXPECT_EQ(match("/v1/users/{user}", "/v1/users/abc/devices"), std::nullopt);
  EXPECT_EQ(match("/v1/users/{user}/devices", "/v1/users/abc/devices"), "abc");
  EXPECT_EQ(match("/v1/users/{user}/devices", "/v1/users//devices"), std::nullopt);
  EXPECT_EQ(match("/v1/users/{user}/devices", "/v1/users/devices"), std::nullopt);
}

}  // namespace
}  // namespace kith::server::edge
