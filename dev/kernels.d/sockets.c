// The sockets that a recorded kernel has: a few of each kind and state, held until a signal ends this program. Prints
// "ready" when all of them exist. A kind that the kernel lacks is left out.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#ifndef IPPROTO_MPTCP
enum { IPPROTO_MPTCP = 262 };
#endif

struct name {
  struct sockaddr_storage storage;
  socklen_t length;
};

static struct name inet(const char* address, int port) {
  struct name name = {.length = sizeof(struct sockaddr_in)};
  struct sockaddr_in* four = (struct sockaddr_in*)&name.storage;
  four->sin_family = AF_INET;
  four->sin_port = htons(port);
  if (inet_pton(AF_INET, address, &four->sin_addr) == 1) return name;
  struct sockaddr_in6* six = (struct sockaddr_in6*)&name.storage;
  six->sin6_family = AF_INET6;
  inet_pton(AF_INET6, address, &six->sin6_addr);
  name.length = sizeof *six;
  return name;
}

static struct name local(const char* path) {
  struct name name = {.length = offsetof(struct sockaddr_un, sun_path) + strlen(path)};
  struct sockaddr_un* address = (struct sockaddr_un*)&name.storage;
  address->sun_family = AF_UNIX;
  strcpy(address->sun_path, path);
  if (path[0] == '@') address->sun_path[0] = '\0';
  else ++name.length;
  return name;
}

static int bound(int type, int protocol, struct name name) {
  const int s = socket(name.storage.ss_family, type, protocol), on = 1;
  if (s < 0) return -1;
  setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(s, (struct sockaddr*)&name.storage, name.length) != 0) perror("bind");
  return s;
}

static int listening(int type, int protocol, struct name name, int backlog) {
  const int s = bound(type, protocol, name);
  if (listen(s, backlog) != 0) perror("listen");
  return s;
}

static int connecting(int type, int protocol, struct name name) {
  const int s = socket(name.storage.ss_family, type, protocol);
  connect(s, (struct sockaddr*)&name.storage, name.length);
  return s;
}

/// Both ends of a connection; unread data in one of them, read data in the other.
static void connected(int protocol, struct name name, int ends[2]) {
  char text[700];
  memset(text, 'x', sizeof text);
  const int listener = listening(SOCK_STREAM, protocol, name, 5);
  ends[0] = connecting(SOCK_STREAM, protocol, name);
  ends[1] = accept(listener, NULL, NULL);
  if (write(ends[0], text, sizeof text) < 0 || write(ends[1], text, 300) < 0 || read(ends[0], text, 300) < 0)
    perror("connection");
}

static void tcp(void) {
  int ends[2];
  connected(0, inet("127.0.0.1", 8001), ends);
  connected(0, inet("::1", 8002), ends);
  connected(0, inet("127.0.0.1", 8003), ends);  // CLOSE-WAIT and FIN-WAIT-2
  shutdown(ends[0], SHUT_WR);
  connected(0, inet("192.0.2.1", 8004), ends);  // with keepalive and another congestion control
  const int on = 1;
  setsockopt(ends[1], SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  setsockopt(ends[0], IPPROTO_TCP, TCP_CONGESTION, "bbr", 3);
  connected(0, inet("127.0.0.1", 8005), ends);  // TIME-WAIT
  char rest[700];
  if (read(ends[1], rest, sizeof rest) < 0) perror("read");
  close(ends[1]);
  close(ends[0]);
  const int mptcp = socket(AF_INET, SOCK_STREAM, IPPROTO_MPTCP);
  if (mptcp >= 0) {
    close(mptcp);
    connected(IPPROTO_MPTCP, inet("127.0.0.1", 8008), ends);
  }
  const int unanswered = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);  // SYN-SENT
  const struct name nobody = inet("192.0.2.77", 9);
  connect(unanswered, (const struct sockaddr*)&nobody.storage, nobody.length);
  const int full = listening(SOCK_STREAM, 0, inet("::", 8006), 1);  // an accept queue with one connection
  (void)full;
  connecting(SOCK_STREAM, 0, inet("::1", 8006));
  bound(SOCK_STREAM, 0, inet("127.0.0.1", 8007));  // bound, not used
}

static void datagrams(void) {
  const int server = bound(SOCK_DGRAM, 0, inet("127.0.0.1", 8010));
  const int client = connecting(SOCK_DGRAM, 0, inet("127.0.0.1", 8010));
  if (server < 0 || send(client, "unread", 6, 0) != 6) perror("send");
  bound(SOCK_DGRAM, 0, inet("::", 8011));
  bound(SOCK_DGRAM, 136, inet("127.0.0.1", 8012));  // UDP-Lite
  bound(SOCK_RAW, 1, inet("127.0.0.1", 0));
  bound(SOCK_RAW, 58, inet("::1", 0));
  struct sockaddr_ll link = {.sll_family = AF_PACKET, .sll_protocol = htons(0x88cc)};
  link.sll_ifindex = if_nametoindex("v0");
  const int packet = socket(AF_PACKET, SOCK_RAW, htons(0x88cc));
  bind(packet, (struct sockaddr*)&link, sizeof link);
  socket(AF_PACKET, SOCK_DGRAM, 0);
}

static void unix_domain(void) {
  const struct name stream = local("/run/stream.sock"), abstract = local("@kernels");
  listening(SOCK_STREAM, 0, stream, 5);
  connecting(SOCK_STREAM, 0, stream);
  const int many = listening(SOCK_SEQPACKET, 0, abstract, 3);
  const int client = connecting(SOCK_SEQPACKET, 0, abstract);
  if (many < 0 || send(client, "unread", 6, 0) != 6) perror("send");
  bound(SOCK_DGRAM, 0, local("/run/datagram.sock"));
  connecting(SOCK_DGRAM, 0, local("/run/datagram.sock"));
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0) perror("socketpair");
}

int main(void) {
  tcp();
  datagrams();
  unix_domain();
  sleep(2);  // delayed acknowledgements are sent
  puts("ready");
  fflush(stdout);
  for (;;) pause();
}
