// Typed tables of settings. A table is about a plain struct; it has one entry for each member, or
// it does not compile. An entry is a row, which describes a setting and fills the member, or the
// table of a member that is a struct itself. A row's default is what the struct begins with.
//     table<Limits>(row<&Limits::max_message>("max_message", bytes(1, gibibyte), "a longer ..."),
//     ...)
// Tables are built when they are first asked for; any thread may read them.
#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/base/clock.h"
#include "core/base/enum_names.h"
#include "core/base/members.h"
#include "core/config/resolve.h"
#include "core/config/setting.h"
#include "core/config/value.h"
#include "core/text/text.h"

namespace asyncd {

template <class S>
using Fill = std::function<void(S&, const Value&)>;

template <class S>
struct Table {
  std::vector<Setting> settings;
  std::vector<Fill<S>> fills;  // one for each of the settings

  void append(Setting setting, Fill<S> fill) {
    settings.push_back(std::move(setting));
    fills.push_back(std::move(fill));
  }
  void append(const Table& rows) {
    settings.insert(settings.end(), rows.settings.begin(), rows.settings.end());
    fills.insert(fills.end(), rows.fills.begin(), rows.fills.end());
  }
  // `value` is of one of this table's settings.
  void fill(S& into, const Resolved& value) const {
    fills[static_cast<std::size_t>(value.setting - settings.data())](into, value.value);
  }
};

template <auto member>
struct MemberOf;
template <class S, class T, T S::*member>
struct MemberOf<member> {
  using Struct = S;
  using Type = T;
};

// What a table has for one member.
template <auto member>
struct Entry {
  Table<typename MemberOf<member>::Struct> rows;
};

// A value as a member of the struct has it, and back.
inline void assign(std::string& to, const Value& value) { to = std::get<std::string>(value); }
inline void assign(bool& to, const Value& value) { to = std::get<std::int64_t>(value) != 0; }
inline void assign(Duration& to, const Value& value) {
  to = Duration(std::get<std::int64_t>(value));
}
template <std::unsigned_integral Number>
void assign(Number& to, const Value& value) {
  const std::int64_t number = std::get<std::int64_t>(value);
  const bool is_unlimited = number == unlimited_value;
  to = is_unlimited ? std::numeric_limits<Number>::max() : static_cast<Number>(number);
}
template <class E>
requires std::is_enum_v<E>
void assign(E& to, const Value& value) { to = *value_named<E>(std::get<std::string>(value)); }

inline Value value_of(const std::string& text) { return text; }
inline Value value_of(bool yes) { return std::int64_t{yes}; }
inline Value value_of(Duration time) { return std::int64_t{time.count()}; }
template <std::unsigned_integral Number>
Value value_of(Number number) {
  const bool is_unlimited = number == std::numeric_limits<Number>::max();
  return is_unlimited ? unlimited_value : static_cast<std::int64_t>(number);
}
template <class E>
requires std::is_enum_v<E> Value value_of(E value) { return std::string(name_of(value)); }

// What a row takes where the type tells: text is a path or a name, the words of an enum are its
// names.
template <class T>
Setting any() {
  if constexpr (std::is_same_v<T, bool>) {
    return {.type = SettingType::boolean};
  } else if constexpr (std::is_enum_v<T>) {
    const auto names = names_of<T>();
    return {.type = SettingType::choice, .choices = text::join({names.begin(), names.end()}, "|")};
  } else {
    static_assert(std::is_same_v<T, std::string>, "a number needs bounds: give the row a Setting");
    return {.plain = true};
  }
}

template <auto member>
Entry<member> row(std::string key, Setting setting, std::string doc) {
  using S = typename MemberOf<member>::Struct;
  setting.key = std::move(key);
  setting.doc = std::move(doc);
  setting.fallback = default_text(setting, value_of(S{}.*member));
  Entry<member> entry;
  entry.rows.append(std::move(setting),
                    [](S& into, const Value& value) { assign(into.*member, value); });
  return entry;
}

template <auto member>
Entry<member> row(std::string key, std::string doc) {
  return row<member>(std::move(key), any<typename MemberOf<member>::Type>(), std::move(doc));
}

template <auto member>
Entry<member> part(const Table<typename MemberOf<member>::Type>& rows) {
  using S = typename MemberOf<member>::Struct;
  Entry<member> entry;
  for (std::size_t i = 0; i < rows.settings.size(); ++i)
    entry.rows.append(rows.settings[i], [fill = rows.fills[i]](S& into, const Value& value) {
      fill(into.*member, value);
    });
  return entry;
}

// The same entry, with all its rows changed.
template <class Change, auto member>
Entry<member> with(Entry<member> entry, Change change) {
  for (Setting& setting : entry.rows.settings) change(setting);
  return entry;
}

template <auto member>
Entry<member> in(std::string_view section, Entry<member> entry) {
  return with(std::move(entry), [&](Setting& setting) { setting.section = section; });
}

template <auto member>
Entry<member> begins_anew(Entry<member> entry) {
  return with(std::move(entry), [](Setting& setting) { setting.reload = Reload::listener; });
}

template <auto member, auto... all>
inline constexpr int times_in = (0 + ... + int{std::is_same_v<Entry<member>, Entry<all>>});

template <class S, auto... members>
Table<S> table(Entry<members>... entries) {
  static_assert(sizeof...(members) == member_count<S>, "each member of the struct has an entry");
  static_assert(((times_in<members, members...> == 1) && ...), "no member has two entries");
  Table<S> result;
  for (const Table<S>& rows : std::array{std::move(entries.rows)...}) result.append(rows);
  return result;
}

}  // namespace asyncd
