import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseHierarchies, parseMounts, parseQuota, readProcessorQuota } from '../../../models/engines/processors.ts';
import { temporaryFolder } from '../../infra/folders.ts';

const MODULE = fileURLToPath(new URL('../../../models/engines/processors.ts', import.meta.url));

const MOUNTS = {
  unified: '31 23 0:28 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n',
  hybrid:
    '31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755\n' +
    '32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw shared:9 - cgroup cgroup rw,cpu,cpuacct\n' +
    '33 31 0:31 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset\n' +
    '41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n',
  container: '32 31 0:29 /docker/3f2a /sys/fs/cgroup/cpu\\040x rw - cgroup cgroup rw,cpu\n',
};

const cases: Readonly<Record<string, { mounts: string; cgroup: string; files: Record<string, string>; expected: number }>> = {
  'a group without a quota': {
    mounts: MOUNTS.unified,
    cgroup: '0::/user.slice\n',
    files: { 'sys/fs/cgroup/user.slice/cpu.max': 'max 100000\n' },
    expected: Number.POSITIVE_INFINITY,
  },
  'the smallest quota along the path, version 2': {
    mounts: MOUNTS.unified,
    cgroup: '0::/kubepods.slice/pod1/main\n',
    files: {
      'sys/fs/cgroup/kubepods.slice/cpu.max': 'max 100000\n',
      'sys/fs/cgroup/kubepods.slice/pod1/cpu.max': '250000 100000\n',
      'sys/fs/cgroup/kubepods.slice/pod1/main/cpu.max': '400000 100000\n',
    },
    expected: 2.5,
  },
  'a container whose group is the root of its namespace': {
    mounts: MOUNTS.unified,
    cgroup: '0::/\n',
    files: { 'sys/fs/cgroup/cpu.max': '50000 100000\n' },
    expected: 0.5,
  },
  'the smallest quota along the path, version 1 next to version 2': {
    mounts: MOUNTS.hybrid,
    cgroup: '4:cpu,cpuacct:/batch/job\n3:cpuset:/\n0::/\n',
    files: {
      'sys/fs/cgroup/cpu,cpuacct/batch/cpu.cfs_quota_us': '300000\n',
      'sys/fs/cgroup/cpu,cpuacct/batch/cpu.cfs_period_us': '100000\n',
      'sys/fs/cgroup/cpu,cpuacct/batch/job/cpu.cfs_quota_us': '-1\n',
      'sys/fs/cgroup/cpu,cpuacct/batch/job/cpu.cfs_period_us': '100000\n',
    },
    expected: 3,
  },
  'a container that sees its group by its name outside': {
    mounts: MOUNTS.container,
    cgroup: '1:cpu:/docker/3f2a\n',
    files: { 'sys/fs/cgroup/cpu x/cpu.cfs_quota_us': '150000\n', 'sys/fs/cgroup/cpu x/cpu.cfs_period_us': '100000\n' },
    expected: 1.5,
  },
  'a system without control groups': { mounts: '', cgroup: '', files: {}, expected: Number.POSITIVE_INFINITY },
};

for (const [title, { mounts, cgroup, files, expected }] of Object.entries(cases)) {
  test(`the quota of ${title}`, (t) => {
    const root = temporaryFolder(t);
    const all = { ...files, 'proc/self/mountinfo': mounts, 'proc/self/cgroup': cgroup };
    for (const [path, text] of Object.entries(all)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    assert.equal(readProcessorQuota(root), expected);
  });
}

test('lines that are no groups, mounts or quotas are left out', () => {
  assert.deepEqual(parseHierarchies('x\n1:name=systemd:/\n2:cpuset:/a\n'), []);
  assert.deepEqual(parseMounts('\n1 2\n31 23 0:28 / / rw - ext4 /dev/sda rw\n'), []);
  for (const text of ['', 'max 100000', '-1 100000', '0 100000', '100000 0', 'x y'])
    assert.equal(parseQuota(text), Number.POSITIVE_INFINITY, text);
});

/** Version 1, as the test changes nothing that others use there. */
const HIERARCHY = '/sys/fs/cgroup/cpu';
const GROUP = `${HIERARCHY}/narrows-test-${process.pid}`;
const removeGroups = () => {
  for (const group of [`${GROUP}/inner`, GROUP]) if (existsSync(group)) rmdirSync(group);
};

function withoutGroups(): string | false {
  if (availableParallelism() === 1) return 'the machine has one processor';
  if (!existsSync(`${HIERARCHY}/cpu.cfs_quota_us`)) return 'the machine has no control groups of version 1';
  try {
    mkdirSync(`${GROUP}/inner`, { recursive: true });
    writeFileSync(`${GROUP}/cpu.cfs_quota_us`, '100000');
    return false;
  } catch (error) {
    removeGroups();
    return `no control group can be made: ${(error as Error).message}`;
  }
}

test('a process in a group below one with a quota of one processor has one', { skip: withoutGroups() }, (t) => {
  t.after(removeGroups);
  const script = `import('${MODULE}').then(({ availableProcessors }) => console.log(availableProcessors()))`;
  const run = (group: string) =>
    execFileSync('/bin/sh', ['-c', `echo $$ > ${group}/cgroup.procs && exec "$0" -e "$1"`, process.execPath, script], {
      encoding: 'utf8',
    });
  assert.deepEqual([run(GROUP), run(`${GROUP}/inner`)], ['1\n', '1\n']);
});
