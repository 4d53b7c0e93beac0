// The only file that compiles fmt's formatting. All others include fmt/core.h, which compiles in a third of the time.
//
// SPDX-License-Identifier: GPL-2.0-or-later

// No output depends on the locale. With this macro fmt leaves out the C++ locales and their tables.
#define FMT_STATIC_THOUSANDS_SEPARATOR ','
#include <fmt/format-inl.h>

// fmt/format.h declares these as instantiated elsewhere, which is here.
template auto fmt::detail::thousands_sep_impl<char>(locale_ref) -> thousands_sep_result<char>;
template auto fmt::detail::decimal_point_impl<char>(locale_ref) -> char;
// fmt 10 leaves this instantiation, which all formatting uses, to its own library. Earlier versions instantiate it
// anyway.
template void fmt::detail::vformat_to<char>(buffer<char>&, string_view, basic_format_args<format_context>, locale_ref);
