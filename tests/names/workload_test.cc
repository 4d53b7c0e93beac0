// The paths that systemd and container runtimes make, and the names read from them.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/names/workload.h"

#include <boost/test/unit_test.hpp>
#include <string>

namespace duostat {
namespace {

const std::string kId(64, 'a'), kOther = "0123456789abcdef" + std::string(48, 'b');
const std::string kUid = "aa112233-4455-6677-8899-aabbccddeeff", kSliceUid = "aa112233_4455_6677_8899_aabbccddeeff";

/// `path` with ID, OTHER, UID and SLICE_UID replaced.
std::string with_ids(std::string path) {
  const auto replace = [&](std::string_view word, const std::string& by) {
    for (auto at = path.find(word); at != std::string::npos; at = path.find(word, at + by.size()))
      path.replace(at, word.size(), by);
  };
  replace("SLICE_UID", kSliceUid);
  replace("UID", kUid);
  replace("OTHER", kOther);
  replace("ID", kId);
  return path;
}

struct Expected {
  std::string_view path;
  Runtime runtime;
  std::string_view container, pod, unit, shown;
};

void check(const Expected& e) {
  BOOST_TEST_CONTEXT(e.path) {
    const Workload w = workload_of("0::" + with_ids(std::string(e.path)) + "\n");
    BOOST_TEST((w.runtime == e.runtime));
    BOOST_TEST(w.container == with_ids(std::string(e.container)));
    BOOST_TEST(w.pod == with_ids(std::string(e.pod)));
    BOOST_TEST(w.unit == e.unit);
    BOOST_TEST(display_text(w) == with_ids(std::string(e.shown)));
  }
}

constexpr Runtime kNone = Runtime::none;

BOOST_AUTO_TEST_CASE(containers) {
  const Expected rows[] = {
      {"/system.slice/docker-ID.scope", Runtime::docker, "ID", "", "", "docker aaaaaaaaaaaa"},
      {"/docker/ID", Runtime::docker, "ID", "", "", "docker aaaaaaaaaaaa"},
      {"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-podSLICE_UID.slice/cri-containerd-ID.scope",
       Runtime::containerd, "ID", "UID", "", "pod UID/aaaaaaaaaaaa"},
      {"/kubepods.slice/kubepods-podSLICE_UID.slice/crio-ID.scope", Runtime::crio, "ID", "UID", "",
       "pod UID/aaaaaaaaaaaa"},
      {"/kubepods/besteffort/podUID/ID", Runtime::kubernetes, "ID", "UID", "", "pod UID/aaaaaaaaaaaa"},
      {"/kubepods/podUID/ID", Runtime::kubernetes, "ID", "UID", "", "pod UID/aaaaaaaaaaaa"},
      {"/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-burstable.slice/"
       "kubelet-kubepods-burstable-podSLICE_UID.slice/cri-containerd-ID.scope",
       Runtime::containerd, "ID", "UID", "", "pod UID/aaaaaaaaaaaa"},
      {"/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-pod0123456789abcdef0123456789abcdef.slice/"
       "cri-containerd-ID.scope",
       Runtime::containerd, "ID", "0123456789abcdef0123456789abcdef", "",
       "pod 0123456789abcdef0123456789abcdef/aaaaaaaaaaaa"},
      {"/system.slice/containerd.service/kubepods-burstable-podSLICE_UID.slice:cri-containerd:ID", Runtime::containerd,
       "ID", "UID", "", "pod UID/aaaaaaaaaaaa"},
      {"/machine.slice/libpod-ID.scope/container", Runtime::podman, "ID", "", "", "podman aaaaaaaaaaaa"},
      {"/user.slice/user-1000.slice/user@1000.service/user.slice/user-libpod_pod_OTHER.slice/libpod-ID.scope",
       Runtime::podman, "ID", "OTHER", "user@1000.service", "podman aaaaaaaaaaaa"},
      {"/system.slice/web.service/libpod-payload-ID", Runtime::podman, "ID", "", "web.service",
       "web.service (podman aaaaaaaaaaaa)"},
      {"/lxc.payload.web/system.slice/nginx.service", Runtime::lxc, "web", "", "nginx.service",
       "lxc web/nginx.service"},
      {"/lxc/web", Runtime::lxc, "web", "", "", "lxc web"},
      {"/machine.slice/machine-my\\x2dbox.scope", Runtime::nspawn, "my-box", "", "", "nspawn my-box"},
      {"/machine.slice/systemd-nspawn@my\\x2dbox.service/payload", Runtime::nspawn, "my-box", "", "", "nspawn my-box"},
      {"/ecs/task1/ID", Runtime::ecs, "ID", "task1", "", "pod task1/aaaaaaaaaaaa"},
      {"/ecstasks.slice/ecstasks-task1.slice/docker-ID.scope", Runtime::docker, "ID", "task1", "",
       "pod task1/aaaaaaaaaaaa"},
      {"/system.slice/nerdctl-ID.scope", Runtime::containerd, "ID", "", "", "containerd aaaaaaaaaaaa"},
      {"/default/ID", Runtime::containerd, "ID", "", "", "containerd aaaaaaaaaaaa"},
  };
  for (const Expected& e : rows) check(e);
}

BOOST_AUTO_TEST_CASE(nested_containers_are_named_by_the_leaf) {
  check({"/docker/OTHER/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-podSLICE_UID.slice/"
         "cri-containerd-ID.scope",
         Runtime::containerd, "ID", "UID", "", "pod UID/aaaaaaaaaaaa"});
  check({"/docker/OTHER/system.slice/kubelet.service", Runtime::docker, "OTHER", "", "kubelet.service",
         "docker 0123456789ab/kubelet.service"});
}

BOOST_AUTO_TEST_CASE(what_is_no_container) {
  const Expected rows[] = {
      {"/machine.slice/libpod-conmon-ID.scope", kNone, "", "", "libpod-conmon-ID.scope", "libpod-conmon-ID.scope"},
      {"/machine.slice/crio-conmon-ID.scope", kNone, "", "", "crio-conmon-ID.scope", "crio-conmon-ID.scope"},
      {"/lxc.monitor.web", kNone, "", "", "", ""},
      {"/machine.slice/machine-qemu\\x2d1\\x2dvm.scope", kNone, "", "", "machine-qemu\\x2d1\\x2dvm.scope",
       "machine-qemu\\x2d1\\x2dvm.scope"},
      {"/system.slice/docker-.scope", kNone, "", "", "docker-.scope", "docker-.scope"},
      {"/system.slice/docker-0123.scope", kNone, "", "", "docker-0123.scope", "docker-0123.scope"},
      {"/docker/short", kNone, "", "", "", ""},
  };
  for (Expected e : rows) {
    const std::string unit = with_ids(std::string(e.unit));
    e.unit = unit;
    check(e);
  }
}

BOOST_AUTO_TEST_CASE(units) {
  const Expected rows[] = {
      {"/system.slice/nginx.service", kNone, "", "", "nginx.service", "nginx.service"},
      {"/system.slice/system-getty.slice/getty@tty1.service", kNone, "", "", "getty@tty1.service",
       "getty@tty1.service"},
      {"/system.slice/a.service/worker/deep", kNone, "", "", "a.service", "a.service"},
      {"/system.slice/echo.socket", kNone, "", "", "echo.socket", "echo.socket"},
      {"/user.slice/user-1000.slice/session-3.scope", kNone, "", "", "session-3.scope", "session-3.scope"},
      {"/system.slice", kNone, "", "", "system.slice", "system.slice"},
      {"/../../system.slice/nginx.service", kNone, "", "", "nginx.service", "nginx.service"},
      {"/../nginx.service", kNone, "", "", "nginx.service", "nginx.service"},
      {"/system.slice/nginx.service (deleted)", kNone, "", "", "nginx.service", "nginx.service"},
      {"/", kNone, "", "", "", ""},
      {"/..", kNone, "", "", "", ""},
      {"/.service", kNone, "", "", "", ""},
      {"", kNone, "", "", "", ""},
  };
  for (const Expected& e : rows) check(e);
}

BOOST_AUTO_TEST_CASE(units_of_a_users_manager) {
  const std::string path = "/user.slice/user-1000.slice/user@1000.service/";
  const Workload app = workload_of_path(path + "app.slice/app-x.scope");
  BOOST_TEST(app.user_unit == "app-x.scope");
  BOOST_TEST(app.unit == "user@1000.service");
  BOOST_TEST(*app.user == 1000u);
  BOOST_TEST(!app.manager);
  BOOST_TEST(display_text(app) == "app-x.scope (user 1000)");
  BOOST_TEST(display_text(app, "ann") == "app-x.scope (user ann)");

  const Workload manager = workload_of_path(path + "init.scope");
  BOOST_TEST(manager.manager);
  BOOST_TEST(display_text(manager) == "systemd (user 1000)");

  const Workload quadlet = workload_of_path(path + "app.slice/web.service/libpod-payload-" + kId);
  BOOST_TEST(quadlet.user_unit == "web.service");
  BOOST_TEST(display_text(quadlet) == "web.service (podman aaaaaaaaaaaa) (user 1000)");

  BOOST_TEST(!workload_of_path("/user@x.service/a.service").user);
  BOOST_TEST(!workload_of_path("/user@.service/a.service").user);
  BOOST_TEST(!workload_of_path("/user@99999999999.service/a.service").user);
}

BOOST_AUTO_TEST_CASE(the_service_manager) {
  BOOST_TEST(workload_of_path("/init.scope").manager);
  BOOST_TEST(display_text(workload_of_path("/init.scope")) == "systemd");
  const Workload inner = workload_of_path("/lxc.payload.web/init.scope");
  BOOST_TEST(!inner.manager);
  BOOST_TEST(display_text(inner) == "lxc web/init.scope");
}

BOOST_AUTO_TEST_CASE(hierarchies_of_cgroup_v1) {
  const std::string v1 = "12:pids:/docker/" + kId + "\n11:memory:/docker/" + kId + "\n1:name=systemd:/docker/" + kId +
                         "\n0::/\n";
  BOOST_TEST(workload_of(v1).container == kId);
  BOOST_TEST(workload_of("3:cpu,cpuacct:/docker/" + kId + "\n0::/system.slice/docker.service\n").container == kId);
  // name=systemd counts before the others.
  BOOST_TEST(workload_of("9:memory:/b.service\n8:pids:/c.service\n1:name=systemd:/a.service\n").unit == "a.service");
  BOOST_TEST(workload_of("9:memory:/b.service\n1:name=systemd:/\n8:pids:/c.service\n").unit == "c.service");
  BOOST_TEST(workload_of("9:memory:/b.service\n0::/init.scope\n").manager);
  BOOST_TEST(workload_of("5:devices:/lxc/web\n").container == "web");
  for (const char* text : {"", "\n", "0::", "0:", "nonsense", "0::/\n", "1:a\n2:b:\n"})
    BOOST_TEST(workload_of(text).empty());
}

BOOST_AUTO_TEST_CASE(hostile_names) {
  BOOST_TEST(workload_of_path("/machine.slice/machine-a\\x1b[31m.scope").container == "a\x1b[31m");
  BOOST_TEST(workload_of_path("/machine.slice/machine-\\x.scope").container == "\\x");
  BOOST_TEST(workload_of_path("/machine.slice/machine-\\xzz\\x2.scope").container == "\\xzz\\x2");
  std::string deep;
  for (int i = 0; i < 2000; ++i) deep += "/kubepods-pod-pod-pod";
  BOOST_TEST(workload_of_path(deep).empty());
  std::string wide = "/";
  for (int i = 0; i < 31; ++i) wide += "kubepods-pod:";
  BOOST_TEST(workload_of_path(wide + ".slice:x:y").pod.empty());
}

BOOST_AUTO_TEST_CASE(the_last_unit_of_a_path) {
  BOOST_TEST(systemd_unit("/system.slice/docker-" + kId + ".scope") == "docker-" + kId + ".scope");
  BOOST_TEST(systemd_unit("/a.slice/b.service/c") == "b.service");
  BOOST_TEST(systemd_unit("/a/b").empty());
}

}  // namespace
}  // namespace duostat
