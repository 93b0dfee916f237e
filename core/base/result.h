// Result<T>: a value, or an Error that already says what happened, where, and what to do.
// For start-up, configuration and loading; nothing on the way of a message uses it.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "core/base/exit_code.h"

namespace asyncd {

struct Error {
  ExitCode code = ExitCode::failure;
  std::string message;  // for people: one line, or several where the place is shown
};

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::move(value)) {}
  Result(Error error) : state_(std::move(error)) {}

  explicit operator bool() const { return state_.index() == 0; }
  T& operator*() { return std::get<0>(state_); }
  const T& operator*() const { return std::get<0>(state_); }
  T* operator->() { return &std::get<0>(state_); }
  const T* operator->() const { return &std::get<0>(state_); }
  Error& error() { return std::get<1>(state_); }
  const Error& error() const { return std::get<1>(state_); }

 private:
  std::variant<T, Error> state_;
};

// Success has nothing to give.
template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}

  explicit operator bool() const { return !error_.has_value(); }
  Error& error() { return *error_; }
  const Error& error() const { return *error_; }

 private:
  std::optional<Error> error_;
};

}  // namespace asyncd
