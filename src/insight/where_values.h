// The right side of a comparison in --where: numbers, words, addresses, ports, users, or another column.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/insight/where.h"
#include "src/insight/where_lexer.h"

namespace duostat {

/// Reads one value at a time. A bare word is a value of the column on the left, or else a column; a quoted word is
/// always a value.
class WhereValues {
 public:
  WhereValues(WhereLexer& lexer, const ColumnSet& set, const Where::Reading& reading)
      : lexer_(lexer), set_(set), reading_(reading) {}

  /// Appends the literals that the token stands for, and advances: a word may have several values.
  void read(const ColumnName& column, Where::Op op, std::vector<Where::Literal>& literals);

 private:
  using Literal = Where::Literal;
  using Literals = std::vector<Literal>;

  bool value_of_word(const ColumnName& column, Where::Op op, Literals& literals);
  bool numbers(const ColumnName& column, Where::Op op, Literals& literals);
  std::optional<Decimal> number(const ColumnName& column, std::string_view text) const;
  bool range(const ColumnName& column, Where::Op op, Literals& literals);
  bool services(std::string_view name, Literals& literals);
  bool text(const Column& column, Literals& literals);
  bool words(const Column& column, Literals& literals);
  bool user(Literals& literals);
  bool address(Literals& literals);
  bool other_column(const ColumnName& column, Where::Op op, Literals& literals);
  [[noreturn]] void refuse(const Column& column) const;

  WhereLexer& lexer_;
  const ColumnSet& set_;
  const Where::Reading& reading_;
};

}  // namespace duostat
