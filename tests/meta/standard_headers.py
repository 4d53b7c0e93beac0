#!/usr/bin/env python3
"""Every file that uses a name of the standard library includes its header, itself or through headers of this project.
Without that a file compiles only because another standard header of one release happens to include it. Speaks TAP.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import glob
import os
import re
import sys

ROOT = os.environ.get("top_srcdir", ".")
# The header, and the names that it declares.
NAMES = {
    "algorithm": r"std::(clamp|copy|sort|stable_sort|find_if|any_of|all_of|none_of|count_if|lower_bound|upper_bound"
                 r"|min_element|max_element|equal|reverse|rotate)\(|std::(min|max)\(|std::ranges::"
                 r"(sort|stable_sort|find|find_if|any_of|all_of|none_of|count|count_if|copy|max_element|min_element"
                 r"|lower_bound|upper_bound|is_sorted|equal|replace|reverse|for_each|max|min)\b",
    "array": r"std::array\b",
    "atomic": r"std::atomic\b",
    "charconv": r"std::(from_chars|to_chars)\b",
    "chrono": r"std::chrono\b",
    "cmath": r"std::(pow|floor|ceil|log10|round|sqrt|fabs|isfinite|isnan|log2|lround)\b",
    "condition_variable": r"std::condition_variable\b",
    "cstdint": r"std::u?int(8|16|32|64|ptr|max)_t\b",
    "cstring": r"std::(memcpy|memcmp|memset|memmove|memchr|strlen|strcmp|strchr|strerror)\b",
    "functional": r"std::function\b",
    "limits": r"std::numeric_limits\b",
    "map": r"std::(multi)?map\b",
    "memory": r"std::(unique_ptr|shared_ptr|make_unique|make_shared)\b",
    "mutex": r"std::(mutex|lock_guard|unique_lock|scoped_lock|call_once)\b",
    "new": r"std::(bad_alloc|nothrow|set_new_handler)\b",
    "optional": r"std::(optional|nullopt)\b",
    "set": r"std::(multi)?set\b",
    "span": r"std::(span|as_bytes|as_writable_bytes)\b",
    "string": r"std::(string|to_string)\b",
    "string_view": r"std::string_view\b",
    "thread": r"std::(jthread|thread|this_thread)\b",
    "tuple": r"std::(tuple|tie|make_tuple)\b",
    "unordered_map": r"std::unordered_(multi)?map\b",
    "unordered_set": r"std::unordered_(multi)?set\b",
    "utility": r"std::(exchange|move|forward|pair|swap|as_const)\b",
    "variant": r"std::(variant|visit|get_if|holds_alternative)\b",
    "vector": r"std::vector\b",
}
# A standard header that is guaranteed to include another, or to declare its names ([iterator.range], [string.syn]).
GUARANTEED = {"string": {"string_view"}, "map": {"initializer_list"}}
INCLUDE = re.compile(r'^#include ([<"])([^>"]+)[>"]', re.M)
texts, closures = {}, {}


def text_of(path):
    if path not in texts:
        with open(os.path.join(ROOT, path), encoding="utf-8") as file:
            texts[path] = file.read()
    return texts[path]


def standard_headers(path, above=()):
    """Those that the file includes, itself or through headers of this project."""
    if path in closures or path in above:
        return closures.get(path, set())
    found = set()
    for kind, name in INCLUDE.findall(text_of(path)):
        if kind == "<":
            found |= {name} | GUARANTEED.get(name, set())
        elif os.path.exists(os.path.join(ROOT, name)):
            found |= standard_headers(name, above + (path,))
    closures[path] = found
    return found


def missing(path):
    code = re.sub(r'"(\\.|[^"\\])*"', '""', re.sub(r"//[^\n]*", "", text_of(path)))
    headers = standard_headers(path)
    return sorted(header for header, names in NAMES.items() if header not in headers and re.search(names, code))


def main():
    paths = sorted(os.path.relpath(path, ROOT) for folder in ("src", "compat", "tests")
                   for ending in ("h", "cc") for path in glob.glob(os.path.join(ROOT, folder, "**", "*." + ending),
                                                                   recursive=True))
    bad = {path: lacks for path in paths if (lacks := missing(path))}
    print("1..2")
    print(f"{'' if len(paths) > 100 else 'not '}ok 1 - {len(paths)} files are read")
    print(f"{'not ' if bad else ''}ok 2 - every file includes the standard headers that it uses")
    for path, lacks in bad.items():
        print(f"#   {path}: <{'>, <'.join(lacks)}>")


if __name__ == "__main__":
    main()
