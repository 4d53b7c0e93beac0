// Value functions for the tables of columns.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "src/render/column.h"

namespace duostat {

/// A number in the fixed part of Socket.
template <Field field, auto member>
Value fixed(ColumnContext&, const Socket& s) {
  return s.has(field) ? Value::of(s.*member) : Value{};
}

/// A number in a group behind a pointer.
template <Field field, auto group, auto member>
Value in_group(ColumnContext&, const Socket& s) {
  return s.has(field) && s.*group != nullptr ? Value::of((s.*group)->*member) : Value{};
}

}  // namespace duostat
