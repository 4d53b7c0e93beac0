// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/base/proc_image.h"

#include <cerrno>

namespace duostat {

const ProcImage::File* ProcImage::find(std::string_view relative, bool link, int& error) const {
  const auto at = files.find(relative);
  error = at == files.end() ? ENOENT : at->second.link != link ? EINVAL : at->second.error;
  return error == 0 ? &at->second : nullptr;
}

}  // namespace duostat
