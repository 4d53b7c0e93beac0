// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/collect/capture_format.h"

#include <cstring>

#include "src/base/crc32.h"
#include "src/base/error.h"

namespace duostat::capture {
namespace {

struct TypeRow {
  Type type;
  std::string_view word;
};
constexpr TypeRow kTypes[] = {
    {Type::host, "host"},
    {Type::file, "file"},
    {Type::file_data, "more of a file"},
    {Type::task, "task"},
    {Type::request, "request"},
    {Type::reply, "reply"},
    {Type::interface_names, "interface names"},
    {Type::interface, "interface"},
    {Type::name, "name"},
    {Type::end, "end"},
    {Type::descriptors, "descriptors"},
};

constexpr std::size_t padding(std::size_t size) { return (4 - size % 4) % 4; }

std::uint32_t checksum(const RecordHeader& header, Bytes payload) {
  const Bytes fields = std::as_bytes(std::span(&header, 1)).first(offsetof(RecordHeader, crc));
  return crc32(payload, crc32(fields));
}

}  // namespace

std::string_view word_of(Type type) {
  for (const TypeRow& row : kTypes)
    if (row.type == type) return row.word;
  return "unknown";
}

Writer::Writer(ByteSink& sink) : sink_(sink) {
  write(kMagic);
  write(Payload().u32(kVersion).u32(kByteOrder).bytes());
}

void Writer::write(std::string_view bytes) {
  if (error_ == 0) error_ = sink_.write(bytes);
  bytes_ += bytes.size();
}

void Writer::add(Type type, std::string_view payload) {
  RecordHeader header{static_cast<std::uint32_t>(type), static_cast<std::uint32_t>(payload.size()), 0};
  header.crc = checksum(header, bytes_of(payload));
  write({reinterpret_cast<const char*>(&header), sizeof header});
  write(payload);
  constexpr std::string_view kZeros("\0\0\0", 3);
  write(kZeros.substr(0, padding(payload.size())));
  ++records_;
}

void Writer::end() { add(Type::end, Payload().u64(records_)); }

Reader::Reader(Bytes file, std::string_view source) : file_(file), source_(source), payload_(file) {
  if (left() < kMagic.size() || take(kMagic.size()) != kMagic) {
    at_ = 0;
    fail("not a capture");
  }
  const std::uint32_t version = u32(), order = u32();
  at_ = kMagic.size();
  if (order != kByteOrder) fail("made on a host with the other byte order");
  if (version != kVersion) fail("unsupported version " + std::to_string(version));
  position_ = kMagic.size() + 8;
}

void Reader::fail(std::string_view what) const {
  std::string place = "byte " + std::to_string(start_ + at_);
  if (record_ != 0) place += ", record " + std::to_string(record_) + " (" + std::string(word_of(type_)) + ")";
  throw FormatError(source_, 0, place + ": " + std::string(what));
}

void Reader::read_record() {
  ++record_;
  type_ = {};
  start_ = position_;
  at_ = 0;
  payload_ = file_.subspan(position_);
  RecordHeader header;
  if (payload_.empty()) fail("truncated: the end record is missing");
  if (!read_at(payload_, 0, header)) fail("truncated in the header of a record");
  type_ = static_cast<Type>(header.type);
  if (header.length > kPayloadMax) fail("record too long: " + std::to_string(header.length) + " bytes");
  const Bytes rest = payload_.subspan(sizeof header);
  const std::size_t whole = header.length + padding(header.length);
  if (whole > rest.size())
    fail("truncated: " + std::to_string(rest.size()) + " of " + std::to_string(whole) + " bytes");
  if (checksum(header, rest.first(header.length)) != header.crc) fail("damaged: wrong checksum");
  for (const std::byte zero : rest.subspan(header.length, whole - header.length))
    if (zero != std::byte{0}) fail("damaged: nonzero padding");
  start_ += sizeof header;
  position_ = start_ + whole;
  payload_ = rest.first(header.length);
}

bool Reader::next() {
  do {
    if (ended_) return false;
    read_record();
  } while (optional() && word_of(type_) == "unknown");
  if (word_of(type_) == "unknown") fail("unknown record type " + std::to_string(static_cast<std::uint32_t>(type_)));
  if (record_ == 1 && type_ != Type::host) fail("the first record is not the host record");
  if (record_ != 1 && type_ == Type::host) fail("a second host record");
  if (type_ != Type::end) return true;
  if (const std::uint64_t records = u64(); records != record_ - 1)
    fail("records are missing: the end record counts " + std::to_string(records));
  finish();
  ended_ = true;
  if (position_ != file_.size()) fail("data after the end record");
  return false;
}

std::string_view Reader::take(std::size_t size) {
  if (size > left()) fail("a part exceeds the record");
  const char* from = reinterpret_cast<const char*>(payload_.data()) + at_;
  at_ += size;
  return {from, size};
}

std::uint32_t Reader::u32() {
  std::uint32_t value;
  std::memcpy(&value, take(sizeof value).data(), sizeof value);
  return value;
}

std::uint64_t Reader::u64() {
  std::uint64_t value;
  std::memcpy(&value, take(sizeof value).data(), sizeof value);
  return value;
}

std::string_view Reader::text() { return take(u32()); }

void Reader::finish() {
  if (left() != 0) fail("data after the last part of the record");
}

}  // namespace duostat::capture
