"""Rules, dashboards and pages of deploy/monitoring: that the tools take them, that they hang together,
and that they speak of metrics and flags that there are."""

import json
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import yaml

from short_rules import shortened

TOP = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
MONITORING = TOP / 'deploy/monitoring'
RUNBOOKS = TOP / 'docs/operate/runbooks'
DASHBOARDS = sorted((MONITORING / 'dashboards').glob('*.json'))
# What Grafana puts in, as Prometheus may read it.
VARIABLES = (('$__rate_interval', '5m'), ('$__range', '1h'), ('$job', '.*'), ('$instance', '.*'),
             ('$gateway', '.*'), ('$namespace', '.*'))
RULES = yaml.safe_load((MONITORING / 'rules.yaml').read_text())
ALERTS = {rule['alert']: rule for group in RULES['groups'] for rule in group['rules']
          if 'alert' in rule}
RECORDED = {rule['record'] for group in RULES['groups'] for rule in group['rules']
            if 'record' in rule}


def listed_metrics():
    """The type of each metric that docs/operate/metrics.md lists."""
    page = (TOP / 'docs/operate/metrics.md').read_text()
    return dict(re.findall(r'^\| `(\w+)` \| (counter|gauge|histogram) \|', page, re.MULTILINE))


def listed_labels():
    """The labels of each metric, with those that Prometheus adds."""
    page = (TOP / 'docs/operate/metrics.md').read_text()
    rows = re.findall(r'^\| `(\w+)` \| (\w+) \|[^|]*\|([^|]*)\|', page, re.MULTILINE)
    return {name: {'namespace', 'job', 'instance', *re.findall(r'\w+', labels), *(['le'] if kind == 'histogram' else [])}
            for name, kind, labels in rows}


def metrics_in(text):
    """The metrics that a text, or an expression, names."""
    text = re.sub(r'"[^"]*"|\b(by|on|group_left) \([^)]*\)|\{[^}]*\}', ' ', text)
    return set(re.findall(r'(?<![\w:])(?:bali|gateway|grpc_server|process)_\w+(?![\w:*])', text))


def queries():
    """Where each expression of a dashboard stands, and the expression."""
    for path in DASHBOARDS:
        for panel in json.loads(path.read_text())['panels']:
            for target in panel.get('targets', []):
                yield '{}: {}'.format(path.name, panel['title']), target['expr']


class Run(unittest.TestCase):
    def run_tool(self, *command):
        """Its output; it must succeed."""
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        return result.stdout


class Tools(Run):
    def test_rules_are_read(self):
        self.run_tool('promtool', 'check', 'rules', MONITORING / 'rules.yaml')

    def test_rules_do_as_their_cases_say(self):
        self.run_tool('promtool', 'test', 'rules', MONITORING / 'rules_test.yaml')

    def test_the_example_for_prometheus(self):
        self.run_tool('promtool', 'check', 'config', MONITORING / 'prometheus.yaml')

    def test_the_example_for_alertmanager(self):
        self.run_tool('amtool', 'check-config', MONITORING / 'alertmanager.yaml')
        config = yaml.safe_load((MONITORING / 'alertmanager.yaml').read_text())
        for rule in config['inhibit_rules']:
            for matcher in rule['source_matchers'] + rule['target_matchers']:
                label, _, values = matcher.split()
                if label == 'alertname':
                    self.assertLessEqual(set(values.strip('"').split('|')), set(ALERTS))

    def test_queries_of_dashboards_are_read(self):
        rules = []
        for _, expression in queries():
            for name, value in VARIABLES:
                expression = expression.replace(name, value)
            rules.append({'record': 'query:{}'.format(len(rules)), 'expr': expression})
        self.check_rules(yaml.safe_dump({'groups': [{'name': 'dashboards', 'rules': rules}]}))

    def test_shortened_rules_are_read(self):
        self.check_rules(shortened((MONITORING / 'rules.yaml').read_text(), 100))

    def check_rules(self, text):
        with tempfile.NamedTemporaryFile('w', suffix='.yaml') as file:
            file.write(text)
            file.flush()
            self.run_tool('promtool', 'check', 'rules', file.name)


class Alerts(unittest.TestCase):
    def test_each_says_what_it_must(self):
        for name, alert in ALERTS.items():
            with self.subTest(name):
                self.assertRegex(alert['for'], r'^\d+[mh]$')
                self.assertIn(alert['labels']['severity'],
                              ('none',) if name == 'Watchdog' else ('critical', 'warning'))
                self.assertEqual(set(alert['annotations']), {'summary', 'description', 'runbook_url'})
                self.assertEqual(alert['annotations']['runbook_url'],
                                 'docs/operate/runbooks/{}.md'.format(name))

    def test_each_has_its_page_and_each_page_its_alert(self):
        self.assertEqual({page.stem for page in RUNBOOKS.glob('*.md')}, set(ALERTS))

    def test_pages_have_one_form(self):
        for page in RUNBOOKS.glob('*.md'):
            with self.subTest(page.name):
                headings = re.findall(r'^#+ .*', page.read_text(), re.MULTILINE)
                self.assertEqual(headings, ['# ' + page.stem, '## How to see it', '## What to do',
                                            '## When it ends'])
                self.assertIn('](../ask-a-process.md)', page.read_text())

    def test_pages_name_alerts_that_there_are(self):
        kinds = r'\b((?:Calls|Peer|Pro[cg]|Replica|Start|Threads|Reload|Cert|Spans|Store|Watch|Back|No|Up' \
                r'|Repeats|Refusals|Conn|Hand|Loop)[a-z]*[A-Z]\w+)\b'
        for page in RUNBOOKS.glob('*.md'):
            for name in re.findall(kinds, re.sub(r'`[^`]*`', '', page.read_text())):
                self.assertIn(name, ALERTS, page.name)

    def test_each_has_a_case_that_fires_and_one_that_does_not(self):
        fires = {True: set(), False: set()}
        for case in yaml.safe_load((MONITORING / 'rules_test.yaml').read_text())['tests']:
            for test in case['alert_rule_test']:
                fires[bool(test.get('exp_alerts'))].add(test['alertname'])
        # It always does.
        self.assertEqual(fires, {True: set(ALERTS), False: set(ALERTS) - {'Watchdog'}})

    def test_each_fires_for_a_real_fault(self):
        """In alerts_test.py or more_alerts_test.py."""
        made = ''.join((TOP / 'tests/system' / name).read_text()
                       for name in ('alerts_test.py', 'more_alerts_test.py'))
        self.assertEqual([name for name in ALERTS if "'{}'".format(name) not in made], [])


class Names(unittest.TestCase):
    def hold(self, where, text):
        listed = listed_metrics()
        self.assertGreater(len(listed), 50)
        for name in metrics_in(text):
            family = re.sub(r'_(bucket|sum|count)$', '', name)
            if listed.get(family) == 'histogram':
                self.assertNotEqual(name, family, where)
            else:
                self.assertIn(name, listed, where)

    def test_rules(self):
        for group in RULES['groups']:
            for rule in group['rules']:
                self.hold(rule.get('alert', rule.get('record')), rule['expr'])

    def test_rates_are_of_counters(self):
        listed = listed_metrics()
        texts = [rule['expr'] for group in RULES['groups'] for rule in group['rules']]
        for text in texts + [expression for _, expression in queries()]:
            for name in re.findall(r'\b(?:rate|increase)\((\w+)', text):
                family = re.sub(r'_(bucket|sum|count)$', '', name)
                self.assertIn(listed.get(family), ('counter', 'histogram'), name)

    def test_labels(self):
        listed = listed_labels()
        texts = [rule['expr'] for group in RULES['groups'] for rule in group['rules']]
        for text in texts + [expression for _, expression in queries()]:
            for name, matchers in re.findall(r'\b(\w+)\{([^}]*)\}', text):
                family = re.sub(r'_(bucket|sum|count)$', '', name)
                labels = set(re.findall(r'(\w+)\s*[=!]', re.sub(r'"[^"]*"', '', matchers)))
                if family in listed:
                    self.assertLessEqual(labels, listed[family], text)
            sums = re.findall(r'sum by \(([^)]*)\) \((?:rate|increase)?\(?(\w+)', text)
            for by, name in sums:
                family = re.sub(r'_(bucket|sum|count)$', '', name)
                if family in listed:
                    self.assertLessEqual(set(by.split(', ')), listed[family], text)

    def test_dashboards(self):
        for where, expression in queries():
            self.hold(where, expression)
            for name in re.findall(r'\w+:\w+:\w+', expression):
                self.assertIn(name, RECORDED, where)

    def test_pages(self):
        for page in RUNBOOKS.glob('*.md'):
            text = page.read_text().replace('`', ' ')
            for name in re.findall(r'\b(?:bali|gateway|grpc_server|process)_[a-z_]+\b', text):
                family = re.sub(r'_(bucket|sum|count)$', '', name)
                self.assertIn(family, listed_metrics(), page.name)

    def test_pages_name_flags_that_there_are(self):
        flags = {name for folder in ('common', 'services')
                 for path in (TOP / folder).rglob('*.cc')
                 for name in re.findall(r'^ABSL_FLAG\(\s*[^,]+,\s*(\w+),', path.read_text(), re.MULTILINE)}
        for page in RUNBOOKS.glob('*.md'):
            for flag in re.findall(r'`--(\w+)`', page.read_text()):
                self.assertIn(flag, flags, page.name)


class Dashboards(Run):
    def judge(self, dashboards):
        """What the compiler says of dashboards, which are texts."""
        modules = HERE / 'node_modules'
        self.assertTrue(modules.exists(), 'run deploy/fetch-protos tests/monitoring')
        with tempfile.TemporaryDirectory() as folder:
            folder = Path(folder)
            (folder / 'node_modules').symlink_to(modules)
            (folder / 'types.ts').write_text((HERE / 'dashboard.ts').read_text())
            files = ['judged{}.ts'.format(i) for i in range(len(dashboards))]
            for name, text in zip(files, dashboards):
                (folder / name).write_text("import type { Dashboard } from './types';\n"
                                           'export const judged: Dashboard = ' + text)
            result = subprocess.run(
                [modules / '.bin/tsc', '--noEmit', '--strict', '--skipLibCheck', '--target', 'es2022',
                 '--module', 'nodenext', '--moduleResolution', 'nodenext', *files],
                cwd=folder, capture_output=True, text=True, check=False)
        said = [re.findall(r'^{}.*'.format(re.escape(name)), result.stdout, re.MULTILINE)
                for name in files]
        self.assertEqual(result.returncode != 0, any(said), result.stdout)  # nothing else is wrong
        return said

    def test_grafana_knows_their_fields(self):
        for path, said in zip(DASHBOARDS, self.judge([path.read_text() for path in DASHBOARDS])):
            self.assertEqual(said, [], path.name)

    def test_what_grafana_does_not_know_is_refused(self):
        good = DASHBOARDS[0].read_text()
        changes = (('"lineWidth"', '"linewidth"'), ('"graphMode": "area"', '"graphMode": "areas"'),
                   ('"justifyMode": "auto",', ''), ('"w": 24', '"w": 24, "width": 24'),
                   ('"legendFormat"', '"legend"'), ('"type": "table"', '"type": "tables"'),
                   ('"uid"', '"id_of_it"'), ('"refresh": 2', '"refresh": 9'))
        bad = [good.replace(before, after, 1) for before, after in changes]
        self.assertNotIn(good, bad)
        for change, said in zip(changes, self.judge(bad)):
            self.assertTrue(said, change)

    def test_panels_have_numbers_and_places_of_their_own(self):
        for path in DASHBOARDS:
            panels = json.loads(path.read_text())['panels']
            taken = [(x, y) for place in (panel['gridPos'] for panel in panels)
                     for x in range(place['x'], place['x'] + place['w'])
                     for y in range(place['y'], place['y'] + place['h'])]
            self.assertEqual(len(taken), len(set(taken)), path.name)
            self.assertEqual(max(x for x, _ in taken), 23, path.name)
            numbers = [panel['id'] for panel in panels]
            self.assertEqual(len(numbers), len(set(numbers)), path.name)


if __name__ == '__main__':
    sys.exit(unittest.main())
