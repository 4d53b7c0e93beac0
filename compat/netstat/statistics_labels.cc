// The texts of netstat -s. Rows are in the order of the files of Linux 6.18, followed by counters of older kernels.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/netstat/statistics_labels.h"

#include <algorithm>
#include <iterator>

namespace duostat::netstat {
namespace {

using enum LabelClass;

constexpr CounterLabel kIp[] = {
    {"Forwarding", "Forwarding is {}", dormant},
    {"DefaultTTL", "", never},
    {"InReceives", "{} total packets received", always},
    {"InHdrErrors", "{} with invalid headers", nonzero},
    {"InAddrErrors", "{} with invalid addresses", nonzero},
    {"ForwDatagrams", "{} forwarded", always},
    {"InUnknownProtos", "{} with unknown protocol", nonzero},
    {"InDiscards", "{} incoming packets discarded", always},
    {"InDelivers", "{} incoming packets delivered", always},
    {"OutRequests", "{} requests sent out", always},
    {"OutDiscards", "{} outgoing packets dropped", nonzero},
    {"OutNoRoutes", "{} dropped because of missing route", nonzero},
    {"ReasmTimeout", "{} fragments dropped after timeout", nonzero},
    {"ReasmReqds", "{} reassemblies required", nonzero},
    {"ReasmOKs", "{} packets reassembled ok", nonzero},
    {"ReasmFails", "{} packet reassemblies failed", nonzero},
    {"FragOKs", "{} outgoing packets fragmented ok", nonzero},
    {"FragFails", "{} outgoing packets failed fragmentation", nonzero},
    {"FragCreates", "{} fragments created", nonzero},
};

constexpr CounterLabel kIcmp[] = {
    {"InMsgs", "{} ICMP messages received", always},
    {"InErrors", "{} input ICMP message failed", always},
    {"InDestUnreachs", "destination unreachable: {}", in_histogram},
    {"InTimeExcds", "timeout in transit: {}", in_histogram},
    {"InParmProbs", "wrong parameters: {}", in_histogram},
    {"InSrcQuenchs", "source quenches: {}", in_histogram},
    {"InRedirects", "redirects: {}", in_histogram},
    {"InEchos", "echo requests: {}", in_histogram},
    {"InEchoReps", "echo replies: {}", in_histogram},
    {"InTimestamps", "timestamp request: {}", in_histogram},
    {"InTimestampReps", "timestamp reply: {}", in_histogram},
    {"InAddrMasks", "address mask request: {}", in_histogram},
    {"InAddrMaskReps", "address mask replies: {}", in_histogram},
    {"OutMsgs", "{} ICMP messages sent", always},
    {"OutErrors", "{} ICMP messages failed", always},
    {"OutDestUnreachs", "destination unreachable: {}", out_histogram},
    {"OutTimeExcds", "time exceeded: {}", out_histogram},
    {"OutParmProbs", "wrong parameters: {}", out_histogram},
    {"OutSrcQuenchs", "source quench: {}", out_histogram},
    {"OutRedirects", "redirect: {}", out_histogram},
    {"OutEchos", "echo requests: {}", out_histogram},
    {"OutEchoReps", "echo replies: {}", out_histogram},
    {"OutTimestamps", "timestamp requests: {}", out_histogram},
    {"OutTimestampReps", "timestamp replies: {}", out_histogram},
    {"OutAddrMasks", "address mask requests: {}", out_histogram},
    {"OutAddrMaskReps", "address mask replies: {}", out_histogram},
};

constexpr CounterLabel kTcp[] = {
    {"RtoAlgorithm", "", never},
    {"RtoMin", "", never},
    {"RtoMax", "", never},
    {"MaxConn", "", never},
    {"ActiveOpens", "{} active connection openings", always},
    {"PassiveOpens", "{} passive connection openings", always},
    {"AttemptFails", "{} failed connection attempts", always},
    {"EstabResets", "{} connection resets received", always},
    {"CurrEstab", "{} connections established", always},
    {"InSegs", "{} segments received", always},
    {"OutSegs", "{} segments sent out", always},
    {"RetransSegs", "{} segments retransmitted", always},
    {"InErrs", "{} bad segments received", always},
    {"OutRsts", "{} resets sent", always},
};

constexpr CounterLabel kUdp[] = {
    {"InDatagrams", "{} packets received", always},
    {"NoPorts", "{} packets to unknown port received", always},
    {"InErrors", "{} packet receive errors", always},
    {"OutDatagrams", "{} packets sent", always},
    {"RcvbufErrors", "{} receive buffer errors", always},
    {"SndbufErrors", "{} send buffer errors", always},
};

constexpr CounterLabel kTcpExt[] = {
    {"SyncookiesSent", "{} SYN cookies sent", nonzero},
    {"SyncookiesRecv", "{} SYN cookies received", nonzero},
    {"SyncookiesFailed", "{} invalid SYN cookies received", nonzero},
    {"EmbryonicRsts", "{} resets received for embryonic SYN_RECV sockets", nonzero},
    {"PruneCalled", "{} packets pruned from receive queue because of socket buffer overrun", nonzero},
    {"RcvPruned", "{} packets pruned from receive queue", nonzero},
    {"OfoPruned", "{} packets dropped from out-of-order queue because of socket buffer overrun", nonzero},
    {"OutOfWindowIcmps", "{} ICMP packets dropped because they were out-of-window", nonzero},
    {"LockDroppedIcmps", "{} ICMP packets dropped because socket was locked", nonzero},
    {"TW", "{} TCP sockets finished time wait in fast timer", nonzero},
    {"TWRecycled", "{} time wait sockets recycled by time stamp", nonzero},
    {"TWKilled", "{} TCP sockets finished time wait in slow timer", dormant},
    {"PAWSActive", "{} active connections rejected because of time stamp", nonzero},
    {"PAWSEstab", "{} packets rejected in established connections because of timestamp", nonzero},
    {"DelayedACKs", "{} delayed acks sent", nonzero},
    {"DelayedACKLocked", "{} delayed acks further delayed because of locked socket", nonzero},
    {"DelayedACKLost", "Quick ack mode was activated {} times", nonzero},
    {"ListenOverflows", "{} times the listen queue of a socket overflowed", nonzero},
    {"ListenDrops", "{} SYNs to LISTEN sockets dropped", nonzero},
    {"TCPHPHits", "{} packet headers predicted", always},
    {"TCPPureAcks", "{} acknowledgments not containing data payload received", nonzero},
    {"TCPHPAcks", "{} predicted acknowledgments", nonzero},
    {"TCPRenoRecovery", "{} times recovered from packet loss due to fast retransmit", nonzero},
    {"TCPSackRecovery", "{} times recovered from packet loss by selective acknowledgements", dormant},
    {"TCPSACKReneging", "{} bad SACK blocks received", dormant},
    {"TCPSACKReorder", "Detected reordering {} times using SACK", nonzero},
    {"TCPRenoReorder", "Detected reordering {} times using reno fast retransmit", nonzero},
    {"TCPTSReorder", "Detected reordering {} times using time stamp", nonzero},
    {"TCPFullUndo", "{} congestion windows fully recovered without slow start", nonzero},
    {"TCPPartialUndo", "{} congestion windows partially recovered using Hoe heuristic", nonzero},
    {"TCPDSACKUndo", "{} congestion windows recovered without slow start by DSACK", dormant},
    {"TCPLossUndo", "{} congestion windows recovered without slow start after partial ack", nonzero},
    {"TCPRenoFailures", "{} timeouts after reno fast retransmit", nonzero},
    {"TCPSackFailures", "{} timeouts after SACK recovery", dormant},
    {"TCPLossFailures", "{} timeouts in loss state", nonzero},
    {"TCPFastRetrans", "{} fast retransmits", nonzero},
    {"TCPSlowStartRetrans", "{} retransmits in slow start", nonzero},
    {"TCPTimeouts", "{} other TCP timeouts", dormant},
    {"TCPRenoRecoveryFail", "{} classic Reno fast retransmits failed", dormant},
    {"TCPSackRecoveryFail", "{} SACK retransmits failed", dormant},
    {"TCPRcvCollapsed", "{} packets collapsed in receive queue due to low socket buffer", nonzero},
    {"TCPDSACKOldSent", "{} DSACKs sent for old packets", dormant},
    {"TCPDSACKOfoSent", "{} DSACKs sent for out of order packets", dormant},
    {"TCPDSACKRecv", "{} DSACKs received", dormant},
    {"TCPDSACKOfoRecv", "{} DSACKs for out of order packets received", dormant},
    {"TCPAbortOnData", "{} connections reset due to unexpected data", nonzero},
    {"TCPAbortOnClose", "{} connections reset due to early user close", nonzero},
    {"TCPAbortOnMemory", "{} connections aborted due to memory pressure", nonzero},
    {"TCPAbortOnTimeout", "{} connections aborted due to timeout", nonzero},
    {"TCPAbortOnLinger", "{} connections aborted after user close in linger timeout", nonzero},
    {"TCPAbortFailed", "{} times unable to send RST due to no memory", nonzero},
    {"TCPMemoryPressures", "TCP ran low on memory {} times", nonzero},
    {"PAWSPassive", "{} passive connections rejected because of time stamp", nonzero},
    {"SockMallocOOM", "Ran {} times out of system memory during packet sending", nonzero},
    {"TCPAbortOnSyn", "{} connections reset due to unexpected SYN", nonzero},
    {"TCPDirectCopyFromBacklog", "{} bytes directly in process context from backlog", nonzero},
    {"TCPDirectCopyFromPrequeue", "{} bytes directly received in process context from prequeue", dormant},
    {"TCPDSackUndo", "{} congestion window recovered without slow start using DSACK", dormant},
    {"TCPFACKReorder", "Detected reordering {} times using FACK", nonzero},
    {"TCPForwardRetrans", "{} forward retransmits", nonzero},
    {"TCPHPHitsToUser", "{} packet headers predicted and directly queued to user", nonzero},
    {"TCPLoss", "{} TCP data loss events", dormant},
    {"TCPLostRetransmits", "{} retransmits lost", nonzero},
    {"TCPPrequeued", "{} packets directly queued to recvmsg prequeue", nonzero},
    {"TCPPrequeueDropped", "{} packets dropped from prequeue", dormant},
    {"TCPRenoRecoveryFailed", "{} reno fast retransmits failed", dormant},
    {"TCPSchedulerFailed", "{} times receiver scheduled too late for direct processing", nonzero},
};

constexpr CounterLabel kIp6[] = {
    {"Ip6InReceives", "{} total packets received", always},
    {"Ip6InHdrErrors", "{} with invalid headers", nonzero},
    {"Ip6InTooBigErrors", "{} with packets too big", nonzero},
    {"Ip6InNoRoutes", "{} incoming packets with no route", nonzero},
    {"Ip6InAddrErrors", "{} with invalid addresses", nonzero},
    {"Ip6InUnknownProtos", "{} with unknown protocol", nonzero},
    {"Ip6InTruncatedPkts", "{} with truncated packets", nonzero},
    {"Ip6InDiscards", "{} incoming packets discarded", always},
    {"Ip6InDelivers", "{} incoming packets delivered", always},
    {"Ip6OutForwDatagrams", "{} forwarded", always},
    {"Ip6OutRequests", "{} requests sent out", always},
    {"Ip6OutDiscards", "{} outgoing packets dropped", nonzero},
    {"Ip6OutNoRoutes", "{} dropped because of missing route", nonzero},
    {"Ip6ReasmTimeout", "{} fragments dropped after timeout", nonzero},
    {"Ip6ReasmReqds", "{} reassemblies required", nonzero},
    {"Ip6ReasmOKs", "{} packets reassembled ok", nonzero},
    {"Ip6ReasmFails", "{} packet reassemblies failed", nonzero},
    {"Ip6FragOKs", "{} outgoing packets fragmented ok", nonzero},
    {"Ip6FragFails", "{} outgoing packets failed fragmentation", nonzero},
    {"Ip6FragCreates", "{} fragments created", nonzero},
    {"Ip6InMcastPkts", "{} incoming multicast packets", nonzero},
    {"Ip6OutMcastPkts", "{} outgoing multicast packets", nonzero},
};

constexpr CounterLabel kIcmp6[] = {
    {"Icmp6InMsgs", "{} ICMP messages received", always},
    {"Icmp6InErrors", "{} input ICMP message failed", always},
    {"Icmp6OutMsgs", "{} ICMP messages sent", always},
    {"Icmp6InDestUnreachs", "destination unreachable: {}", in_histogram},
    {"Icmp6InPktTooBigs", "packets too big: {}", in_histogram},
    {"Icmp6InTimeExcds", "received ICMPv6 time exceeded: {}", in_histogram},
    {"Icmp6InParmProblems", "parameter problem: {}", in_histogram},
    {"Icmp6InEchos", "echo requests: {}", in_histogram},
    {"Icmp6InEchoReplies", "echo replies: {}", in_histogram},
    {"Icmp6InGroupMembQueries", "group member queries: {}", in_histogram},
    {"Icmp6InGroupMembResponses", "group member responses: {}", in_histogram},
    {"Icmp6InGroupMembReductions", "group member reductions: {}", in_histogram},
    {"Icmp6InRouterSolicits", "router solicits: {}", in_histogram},
    {"Icmp6InRouterAdvertisements", "router advertisement: {}", in_histogram},
    {"Icmp6InNeighborSolicits", "neighbour solicits: {}", in_histogram},
    {"Icmp6InNeighborAdvertisements", "neighbour advertisement: {}", in_histogram},
    {"Icmp6InRedirects", "redirects: {}", in_histogram},
    {"Icmp6OutDestUnreachs", "destination unreachable: {}", out_histogram},
    {"Icmp6OutPktTooBigs", "packets too big: {}", out_histogram},
    {"Icmp6OutTimeExcds", "sent ICMPv6 time exceeded: {}", out_histogram},
    {"Icmp6OutParmProblems", "parameter problem: {}", out_histogram},
    {"Icmp6OutEchos", "echo requests: {}", out_histogram},
    {"Icmp6OutEchoReplies", "echo replies: {}", out_histogram},
    {"Icmp6OutGroupMembQueries", "group member queries: {}", out_histogram},
    {"Icmp6OutGroupMembResponses", "group member responses: {}", out_histogram},
    {"Icmp6OutGroupMembReductions", "group member reductions: {}", out_histogram},
    {"Icmp6OutRouterSolicits", "router solicits: {}", out_histogram},
    {"Icmp6OutNeighborSolicits", "neighbor solicits: {}", out_histogram},
    {"Icmp6OutNeighborAdvertisements", "neighbor advertisements: {}", out_histogram},
    {"Icmp6OutRedirects", "redirects: {}", out_histogram},
};

constexpr CounterLabel kUdp6[] = {
    {"Udp6InDatagrams", "{} packets received", always},
    {"Udp6NoPorts", "{} packets to unknown port received", always},
    {"Udp6InErrors", "{} packet receive errors", always},
    {"Udp6OutDatagrams", "{} packets sent", always},
};

constexpr CounterLabel kSctp[] = {
    {"SctpAborteds", "{} Number of Aborteds ", always},
    {"SctpActiveEstabs", "{} Active Associations", always},
    {"SctpChecksumErrors", "{} Number of Packets with invalid Checksum", always},
    {"SctpCurrEstab", "{} Current Associations", always},
    {"SctpFragUsrMsgs", "{} Number of messages fragmented", always},
    {"SctpInCtrlChunks", "{} Number of control chunks received", always},
    {"SctpInOrderChunks", "{} Number of ordered chunks received", always},
    {"SctpInSCTPPacks", "{} Number of SCTP packets received", always},
    {"SctpInUnorderChunks", "{} Number of Unordered chunks received", always},
    {"SctpOutCtrlChunks", "{} Number of control chunks sent", always},
    {"SctpOutOfBlues", "{} Number of Out of Blue packets", always},
    {"SctpOutOrderChunks", "{} Number of ordered chunks sent", always},
    {"SctpOutSCTPPacks", "{} Number of SCTP packets sent", always},
    {"SctpOutUnorderChunks", "{} Number of Unordered chunks sent", always},
    {"SctpPassiveEstabs", "{} Passive Associations", always},
    {"SctpReasmUsrMsgs", "{} Number of messages reassembled ", always},
    {"SctpShutdowns", "{} Number of Graceful Terminations", always},
};

constexpr LabelledSection kSections[] = {
    {"Ip", Protocol::raw, kIp},
    {"Icmp", Protocol::raw, kIcmp},
    {"Tcp", Protocol::tcp, kTcp},
    {"Udp", Protocol::udp, kUdp},
    {"TcpExt", Protocol::tcp, kTcpExt},
    {"Ip6", Protocol::raw, kIp6},
    {"Icmp6", Protocol::raw, kIcmp6},
    {"Udp6", Protocol::udp, kUdp6},
    {"Sctp", Protocol::sctp, kSctp},
};

}  // namespace

const LabelledSection* labelled_section(std::string_view name) {
  const auto* found = std::ranges::find(kSections, name, &LabelledSection::name);
  return found == std::end(kSections) ? nullptr : found;
}

const CounterLabel* label_of(const LabelledSection& section, std::string_view counter) {
  const auto found = std::ranges::find(section.labels, counter, &CounterLabel::name);
  return found == section.labels.end() ? nullptr : &*found;
}

}  // namespace duostat::netstat
