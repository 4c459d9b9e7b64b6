"""Each way to install the suite has services keep a list of what they erase, where their stores are
files: a backup that is restored has who was erased after it."""

import re
import unittest
from pathlib import Path

import yaml

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
SERVICES = ("membership", "meetings", "capacity")


class ErasureLists(unittest.TestCase):
    def test_containers(self):
        compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
        for name in SERVICES:
            service = compose["services"][name]
            path = re.fullmatch(r"\$\{\w+:-(/.+)/[a-z]+\.erasures\}",
                                service["environment"]["BALI_ERASURE_LIST"]).group(1)
            mounts = [volume.split(":")[1] for volume in service["volumes"]]
            self.assertIn(path, mounts, "the list is lost with the container")
            self.assertIn(path.split("/")[-1], service["environment"]["BALI_STORE"])

    def test_pods(self):
        template = (DEPLOY / "kubernetes/baliprocess/templates/_settings.tpl").read_text()
        self.assertIn("\nerasure_list: /var/lib/baliprocess/{{ .name }}.erasures\n", template)

    def test_a_machine(self):
        for name in SERVICES:
            settings = (DEPLOY / f"systemd/settings/{name}.conf").read_text()
            self.assertRegex(settings, rf"\nerasure_list = /var/lib/baliprocess/{name}/\S+\n")
            self.assertIn(f'--erasure_list "$STATE_DIR/data/{name}.erasures"',
                          (DEPLOY / "up").read_text())


if __name__ == "__main__":
    unittest.main()
