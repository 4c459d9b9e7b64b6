"""Holds the ports for operators to one table, wherever they are written."""

import re
import unittest
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
# Where a process has a network of its own: a container, a pod.
ALONE = "9440"
# Where all share one: a machine, with deploy/up or the Debian package.
TOGETHER = {"gateway": "9440", "membership": "9441", "meetings": "9442", "capacity": "9443"}


def found(path, pattern):
    """What the groups of `pattern` match in a file; at least once."""
    matches = re.findall(pattern, (TOP / path).read_text())
    assert matches, f"{path} has nothing like {pattern}"
    return matches


class Ports(unittest.TestCase):
    def hold(self, path, pattern, port=ALONE):
        self.assertEqual(set(found(path, pattern)), {port}, path)

    def test_containers(self):
        compose = "deploy/compose.yaml"
        listeners = found(compose, r"--admin_listen=0\.0\.0\.0:(\d+)")
        self.assertEqual(listeners, [ALONE] * len(TOGETHER))
        self.hold(compose, r"--admin=127\.0\.0\.1:(\d+)")
        self.hold(compose, r"\$\{ADMIN_PORT-(\d+)\}:9440", TOGETHER["gateway"])
        self.hold("Dockerfile", r"EXPOSE .* (\d+)\n")
        self.hold("Dockerfile", r"127\.0\.0\.1:(\d+)")
        self.hold("deploy/postgres/haproxy.cfg", r"check port (\d+)")

    def test_pods(self):
        templates = TOP / "deploy/kubernetes/baliprocess/templates"
        written = [port for file in templates.rglob("*.*")
                   for port in re.findall(r"\b94\d\d\b", file.read_text())]
        self.assertEqual(set(written), {ALONE})

    def test_a_machine(self):
        for name, port in TOGETHER.items():
            self.hold(f"deploy/systemd/settings/{name}.conf", r"127\.0\.0\.1:(94\d\d)", port)
            variable = "ADMIN_PORT" if name == "gateway" else f"{name.upper()}_ADMIN_PORT"
            self.hold("deploy/up", rf"\n{variable}=\${{{variable}:-(\d+)}}", port)

    def test_monitoring(self):
        for job, target, port in found(
                "deploy/monitoring/prometheus.yaml",
                r'job_name: baliprocess-(\w+)\n.*targets: \["([\w.]+):(\d+)"\]'):
            self.assertEqual(port, TOGETHER[job] if target == "localhost" else ALONE, job)

    def test_pages(self):
        together = "`{gateway}` of the gateway, `{membership}` of membership, `{meetings}` of " \
                   "meetings, `{capacity}` of capacity".format(**TOGETHER)
        self.assertIn(f"`{ALONE}` in a container or pod, and on a machine {together}",
                      self.text("README.md"))
        self.assertIn(together.replace("`9440`", "`127.0.0.1:9440`"),
                      self.text("docs/operate/package.md"))

    @staticmethod
    def text(path):
        return " ".join((TOP / path).read_text().split())


if __name__ == "__main__":
    unittest.main()
