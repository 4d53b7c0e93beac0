// Several lambdas as one callable, for std::visit.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

namespace duostat {

template <class... Callables>
struct Overloaded : Callables... {
  using Callables::operator()...;
};
template <class... Callables>
Overloaded(Callables...) -> Overloaded<Callables...>;

}  // namespace duostat
