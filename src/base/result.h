// What an outsider can cause is a value: Result<T, Code>. Each room has a small enum of codes and an alias of its own.
#pragma once

#include <expected>
#include <string>
#include <utility>

namespace kith {

// A code to act on and a sentence for people. The sentence never carries a message, number, token or key.
template <class Code>
struct Failure {
  Code code;
  std::string detail;
};

template <class T, class Code>
using ResultOf = std::expected<T, Failure<Code>>;

template <class Code>
std::unexpected<Failure<Code>> fail(Code code, std::string detail = {}) {
  return std::unexpected(Failure<Code>{code, std::move(detail)});
}

}  // namespace kith

#define KITH_CONCAT_INNER(a, b) a##b
#define KITH_CONCAT(a, b) KITH_CONCAT_INNER(a, b)

// KITH_TRY(auto x, f()): x is f()'s value, or the function returns f()'s failure.
#define KITH_TRY(declaration, expression) KITH_TRY_WITH(return, declaration, expression)
// The same for a Result without a value.
#define KITH_TRY_VOID(expression)                               \
  do {                                                          \
    if (auto&& result_of_try = (expression); !result_of_try) {  \
      return std::unexpected(std::move(result_of_try).error()); \
    }                                                           \
  } while (false)
// The same inside a coroutine; the expression may co_await.
#define KITH_CO_TRY(declaration, expression) KITH_TRY_WITH(co_return, declaration, expression)
#define KITH_CO_TRY_VOID(expression)                               \
  do {                                                             \
    if (auto result_of_try = (expression); !result_of_try) {       \
      co_return std::unexpected(std::move(result_of_try).error()); \
    }                                                              \
  } while (false)

#define KITH_TRY_WITH(leave, declaration, expression)                      \
  auto KITH_CONCAT(try_, __LINE__) = (expression);                         \
  if (!KITH_CONCAT(try_, __LINE__)) {                                      \
    leave std::unexpected(std::move(KITH_CONCAT(try_, __LINE__)).error()); \
  }                                                                        \
  declaration = *std::move(KITH_CONCAT(try_, __LINE__))
