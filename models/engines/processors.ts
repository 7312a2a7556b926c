/**
 * Processors that this process may keep busy. Node respects affinity and, of the quotas of control
 * groups, those of version 2 alone and on systems without version 1: all are read here.
 */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';

/** Whole processors, at least one: a fraction would only be used in bursts. */
export const availableProcessors = (): number =>
  Math.max(1, Math.min(availableParallelism(), Math.floor(readProcessorQuota('/'))));

/** Hierarchy in which a group may have a quota. */
interface Hierarchy {
  readonly version: 1 | 2;
  /** Path of the group of this process, from the root of the hierarchy. */
  readonly group: string;
}

interface Mount {
  readonly version: 1 | 2;
  /** Group that is mounted. */
  readonly root: string;
  readonly point: string;
}

/**
 * Returns the processors that the groups of this process allow together, the smallest quota from
 * its own group up; Infinity without one. `root` holds `proc` and what is mounted.
 */
export function readProcessorQuota(root: string): number {
  const read = (path: string): string => {
    try {
      return readFileSync(join(root, path), 'utf8');
    } catch {
      return '';
    }
  };
  const mounts = parseMounts(read('/proc/self/mountinfo'));
  const quotas = parseHierarchies(read('/proc/self/cgroup')).flatMap(({ version, group }) => {
    const mount = mounts.find((one) => one.version === version);
    if (!mount) return [];
    return foldersFrom(mount, group).map((folder) =>
      version === 2
        ? parseQuota(read(join(folder, 'cpu.max')))
        : parseQuota(`${read(join(folder, 'cpu.cfs_quota_us'))} ${read(join(folder, 'cpu.cfs_period_us'))}`),
    );
  });
  return Math.min(...quotas, Number.POSITIVE_INFINITY);
}

/** Parses /proc/self/cgroup, with lines such as '4:cpu,cpuacct:/docker/3f2a' and '0::/system'. */
export function parseHierarchies(text: string): Hierarchy[] {
  return text.split('\n').flatMap((line): Hierarchy[] => {
    const [, id, controllers = '', group] = /^(\d+):([^:]*):(\/.*)$/.exec(line) ?? [];
    if (group === undefined) return [];
    if (id === '0') return [{ version: 2, group }];
    return controllers.split(',').includes('cpu') ? [{ version: 1, group }] : [];
  });
}

/**
 * Parses /proc/self/mountinfo: '33 32 0:30 ROOT POINT rw shared:1 - cgroup cgroup rw,cpu,cpuacct'.
 * Returns the mounts of the hierarchies that have quotas.
 */
export function parseMounts(text: string): Mount[] {
  return text.split('\n').flatMap((line): Mount[] => {
    const [left = '', right = ''] = line.split(' - ');
    const [, , , root, point] = left.split(' ').map(unescapePath);
    const [type, , options = ''] = right.split(' ');
    if (root === undefined || point === undefined) return [];
    if (type === 'cgroup2') return [{ version: 2, root, point }];
    return type === 'cgroup' && options.split(',').includes('cpu') ? [{ version: 1, root, point }] : [];
  });
}

/** The kernel writes blanks and backslashes of paths as '\040' and '\134'. */
const unescapePath = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));

/** Returns the folders of a group and of those that contain it, as far as they are mounted. */
function foldersFrom({ root, point }: Mount, group: string): string[] {
  // Within a container the group may be named as seen from outside, and be what is mounted.
  const below = root === '/' ? group : group === root || group.startsWith(`${root}/`) ? group.slice(root.length) : '/';
  const folders = [];
  for (let path = join('/', below); path !== '/'; path = dirname(path)) folders.push(join(point, path));
  return [...folders, point];
}

/** Parses '150000 100000', microseconds of a period of microseconds; Infinity without a quota. */
export function parseQuota(text: string): number {
  const [, quota, period] = /^(\d+)\s+(\d+)\s*$/.exec(text) ?? [];
  return Number(quota) > 0 && Number(period) > 0 ? Number(quota) / Number(period) : Number.POSITIVE_INFINITY;
}
