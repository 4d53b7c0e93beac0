// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/ss/ulp.h"

#include <array>

#include "compat/ss/number_word.h"

namespace duostat::ss {
namespace {

/// struct tcp_diag_md5sig (include/uapi/linux/tcp.h).
struct Md5Key {
  std::uint8_t family, prefix_length;
  std::uint16_t key_length;
  Address address;
  std::uint8_t key[80];
};
static_assert(sizeof(Md5Key) == 100);

/// struct nlattr.
struct AttributeHead {
  std::uint16_t length, type;
};
constexpr std::uint16_t kTypeMask = 0x3fff;  // without NLA_F_NESTED and NLA_F_NET_BYTEORDER
constexpr std::uint16_t kUlpName = 1, kUlpTls = 2, kUlpMptcp = 3;
constexpr std::uint16_t kTlsVersion = 1, kTlsCipher = 2, kTlsTx = 3, kTlsRx = 4, kTlsZeroCopy = 5, kTlsNoPad = 6;
constexpr std::uint16_t kMptcpTokenRemote = 1, kMptcpTokenLocal = 2, kMptcpMapSequence = 4, kMptcpMapSubflow = 5,
                        kMptcpOffset = 6, kMptcpLength = 7, kMptcpFlags = 8, kMptcpIdRemote = 9, kMptcpIdLocal = 10;
constexpr std::size_t kAttributes = 16;

/// Nested attributes by type; of two of a type the last one counts.
class Attributes {
 public:
  explicit Attributes(Bytes bytes) {
    AttributeHead head;
    while (read_at(bytes, 0, head) && head.length >= sizeof head && head.length <= bytes.size()) {
      const std::uint16_t type = head.type & kTypeMask;
      if (type < kAttributes) {
        present_[type] = true;
        values_[type] = bytes.subspan(sizeof head, head.length - sizeof head);
      }
      bytes = bytes.subspan(std::min<std::size_t>(bytes.size(), (head.length + 3u) & ~3u));
    }
  }
  bool has(std::uint16_t type) const { return present_[type]; }
  Bytes operator[](std::uint16_t type) const { return values_[type]; }
  template <class T>
  bool read(std::uint16_t type, T& value) const {
    return present_[type] && read_at(values_[type], 0, value);
  }

 private:
  std::array<Bytes, kAttributes> values_{};
  std::array<bool, kAttributes> present_{};
};

constexpr NumberWord kTlsVersions[] = {{0x0303, "1.2"}, {0x0304, "1.3"}};
constexpr NumberWord kTlsCiphers[] = {{51, "aes-gcm-128"}, {52, "aes-gcm-256"}};
constexpr NumberWord kTlsConfigs[] = {{1, "none"}, {2, "sw"}, {3, "hw"}, {4, "hw-record"}};

template <std::size_t N>
void word_or_number(Layout& layout, std::string_view label, const NumberWord (&table)[N], unsigned number) {
  Piece piece(layout, label);
  if (const std::string_view word = word_of(table, number, {}); !word.empty()) {
    piece.text(word);
  } else {
    piece.text("unknown(").dec(number).text(')');
  }
}

void print_tls(Layout& layout, const Attributes& tls) {
  std::uint16_t number;
  if (tls.read(kTlsVersion, number)) word_or_number(layout, " version: ", kTlsVersions, number);
  if (tls.read(kTlsCipher, number))
    if (const std::string_view word = word_of(kTlsCiphers, number, {}); !word.empty())
      Piece(layout, " cipher: ").text(word);
  if (tls.read(kTlsRx, number)) word_or_number(layout, " rxconf: ", kTlsConfigs, number);
  if (tls.read(kTlsTx, number)) word_or_number(layout, " txconf: ", kTlsConfigs, number);
  if (tls.has(kTlsZeroCopy)) layout.put(" zc_ro_tx");
  if (tls.has(kTlsNoPad)) layout.put(" no_pad_rx");
}

void print_subflow(Layout& layout, const Attributes& subflow) {
  constexpr char kFlagLetters[] = "MmJjBbecv";
  std::uint32_t flags = 0;
  if (subflow.read(kMptcpFlags, flags) && flags != 0) {
    Piece piece(layout, " flags:");
    for (unsigned i = 0; kFlagLetters[i] != '\0'; ++i)
      if ((flags >> i & 1) != 0) piece.text(kFlagLetters[i]);
  }
  std::uint32_t remote = 0, local = 0, word = 0;
  std::uint8_t remote_id = 0, local_id = 0;
  if (subflow.read(kMptcpTokenRemote, remote) && subflow.read(kMptcpTokenLocal, local) &&
      subflow.read(kMptcpIdRemote, remote_id) && subflow.read(kMptcpIdLocal, local_id))
    Piece(layout, " token:")
        .hex(remote, 4)
        .text("(id:")
        .dec(remote_id)
        .text(")/")
        .hex(local, 4)
        .text("(id:")
        .dec(local_id)
        .text(')');
  std::uint64_t sequence = 0;
  if (subflow.read(kMptcpMapSequence, sequence)) Piece(layout, " seq:").dec(sequence);
  if (subflow.read(kMptcpMapSubflow, word)) Piece(layout, " sfseq:").dec(word);
  if (subflow.read(kMptcpOffset, word)) Piece(layout, " ssnoff:").dec(word);
  std::uint16_t length = 0;
  if (subflow.read(kMptcpLength, length)) Piece(layout, " maplen:").dec(length);
}

void print_key_byte(Layout& layout, std::uint8_t byte) {
  const bool plain = byte > ' ' && byte < 0x7f && byte != '\\' && byte != ',';
  Piece piece(layout);
  if (plain) {
    piece.text(static_cast<char>(byte));
  } else {
    piece.text('\\').text(static_cast<char>('0' + (byte >> 6))).text(static_cast<char>('0' + (byte >> 3 & 7)))
        .text(static_cast<char>('0' + (byte & 7)));
  }
}

}  // namespace

void print_md5_keys(View& view, Bytes keys) {
  view.layout.put(" md5keys:");
  Md5Key key;
  for (std::size_t at = 0; read_at(keys, at, key); at += sizeof key) {
    if (at != 0) view.layout.put(",");
    {
      Piece piece(view.layout);
      view.labels.address(piece, static_cast<Family>(key.family), key.address);
      piece.text('/').dec(key.prefix_length).text('=');
    }
    for (std::size_t i = 0; i < std::min<std::size_t>(key.key_length, sizeof key.key); ++i)
      print_key_byte(view.layout, key.key[i]);
  }
}

void print_ulp(View& view, Bytes bytes) {
  const Attributes ulp(bytes);
  if (ulp.has(kUlpName)) {
    const Bytes value = ulp[kUlpName];
    const std::string_view name(reinterpret_cast<const char*>(value.data()), value.size());
    Piece(view.layout, " tcp-ulp-").text(view.labels.harmless(name.substr(0, name.find('\0'))));
  }
  if (ulp.has(kUlpTls)) print_tls(view.layout, Attributes(ulp[kUlpTls]));
  if (ulp.has(kUlpMptcp)) print_subflow(view.layout, Attributes(ulp[kUlpMptcp]));
}

}  // namespace duostat::ss
