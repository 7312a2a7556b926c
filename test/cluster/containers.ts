/** Images and containers for tests, by buildah and podman of the machine, without a registry. */
import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempDisposableSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { checkoutFiles, ROOT, readSource } from '../house/sources.ts';

const run = promisify(execFile);

const PROGRAMS = ['buildah', 'podman', 'debootstrap', 'ip'] as const;
const missing = PROGRAMS.filter((program) => spawnSync('which', [program]).status !== 0);

/** Reason to skip tests that need containers; false where none is needed. */
export const withoutContainers: string | false =
  process.getuid?.() !== 0
    ? 'only root makes networks for containers'
    : missing.length > 0 && `${missing.join(', ')} missing (apt-get install buildah podman debootstrap runc iproute2)`;

/** The drivers that work everywhere, also within a container. */
const STORAGE = ['--storage-driver', process.env.STORAGE_DRIVER ?? 'vfs'];
const RUNTIME = ['--runtime', 'runc', '--cgroup-manager', 'cgroupfs'];

/** Options of `podman run`: its defaults are more than a sandbox may set. */
export const LIMITS = ['--ulimit', 'nofile=1024:1024', '--ulimit', 'nproc=1024:1024'] as const;

const LONGEST_OUTPUT = { maxBuffer: 1 << 28 };

export async function buildah(...args: readonly string[]): Promise<string> {
  return (await run('buildah', [...STORAGE, ...args], LONGEST_OUTPUT)).stdout.trim();
}

export async function podman(...args: readonly string[]): Promise<string> {
  return (await run('podman', [...STORAGE, ...RUNTIME, ...args], LONGEST_OUTPUT)).stdout.trim();
}

const hasImage = (name: string): boolean => spawnSync('podman', [...STORAGE, 'image', 'exists', name]).status === 0;

/** Returns the bytes of an image, with those of its base. */
export const imageBytes = async (name: string): Promise<number> =>
  Number(await podman('image', 'inspect', '--format', '{{.Size}}', name));

export interface Bases {
  readonly base: string;
  readonly buildBase: string;
}

/**
 * Returns the images that NARROWS_BASE and NARROWS_BUILD_BASE name; else makes them once, of
 * Debian's packages, Node and npm of this machine.
 */
export async function prepareBases(): Promise<Bases> {
  const { base, buildBase } = nameBases();
  if (!hasImage(base)) await makeBase(base);
  if (!hasImage(buildBase)) await makeBuildBase(base, buildBase);
  return { base, buildBase };
}

const nameBases = (): Bases => ({
  base: process.env.NARROWS_BASE ?? 'localhost/narrows-base:bookworm',
  buildBase: process.env.NARROWS_BUILD_BASE ?? `localhost/narrows-build-base:${process.version}`,
});

/** Returns in words which images are kept from before, and which have to be built. */
export function describeImages(): string[] {
  if (withoutContainers) return [`images: ${withoutContainers}`];
  const bases = nameBases();
  const names = [bases.base, bases.buildBase, ...TARGETS.map((target) => nameImage(target, bases))];
  return names.map((name) => `${name}: ${hasImage(name) ? 'built before' : 'to be built, minutes'}`);
}

async function makeBase(name: string): Promise<void> {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'narrows-base-'));
  const root = join(folder.path, 'root');
  await run('debootstrap', ['--variant=minbase', '--include=ca-certificates', 'bookworm', root, debianMirror()], LONGEST_OUTPUT);
  await commit('scratch', name, [[`${root}/`, '/']]);
}

/** Returns the mirror from which this machine installs packages. */
function debianMirror(): string {
  const targets = execFileSync('apt-get', ['indextargets', '--format', '$(SITE) $(RELEASE)'], { encoding: 'utf8' });
  const line = targets.split('\n').find((text) => text.includes(' bookworm')) ?? '';
  return line.split(' ')[0] || 'http://deb.debian.org/debian';
}

async function makeBuildBase(base: string, name: string): Promise<void> {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'narrows-base-'));
  const command = join(folder.path, 'npm');
  writeFileSync(command, '#!/bin/sh\nexec node /usr/local/lib/node_modules/npm/bin/npm-cli.js "$@"\n', { mode: 0o755 });
  const npm = dirname(dirname(realpathSync(execFileSync('which', ['npm'], { encoding: 'utf8' }).trim())));
  await commit(base, name, [
    [process.execPath, '/usr/local/bin/node'],
    [`${npm}/`, '/usr/local/lib/node_modules/npm/'],
    [command, '/usr/local/bin/npm'],
  ]);
}

/** Copies files and folders onto an image. */
async function commit(from: string, name: string, copies: readonly (readonly [from: string, to: string])[]): Promise<void> {
  const container = await buildah('from', from);
  try {
    for (const [source, target] of copies) await buildah('copy', container, source, target);
    await buildah('commit', '--quiet', container, name);
  } finally {
    await buildah('rm', container);
  }
}

/** Targets of the Containerfile that are tested. */
const TARGETS = ['server', 'trainer'] as const;
type Target = (typeof TARGETS)[number];

/** Returns the name of a target's image, with a tag that changes with its sources. */
const nameImage = (target: Target, { base, buildBase }: Bases): string =>
  `localhost/narrows-${target}:${hashContext(base, buildBase)}`;

/** Builds a target of the Containerfile, unless an image of the same sources exists. */
export async function buildImage(target: Target, bases: Bases): Promise<string> {
  const { base, buildBase } = bases;
  const name = nameImage(target, bases);
  if (hasImage(name)) return name;
  using folder = mkdtempDisposableSync(join(tmpdir(), 'narrows-image-'));
  const authorities = process.env.NODE_EXTRA_CA_CERTS;
  const npmrc = join(folder.path, 'npmrc');
  const ownSettings = join(homedir(), '.npmrc');
  const settings = existsSync(ownSettings) ? readFileSync(ownSettings, 'utf8') : '';
  writeFileSync(npmrc, `${settings}\n${authorities ? 'cafile=/run/authorities.pem\n' : ''}`);
  await buildah(
    ...['bud', '--isolation', 'chroot', '--network', 'host', '--layers', '--format', 'docker'],
    ...['--file', 'infra/images/Containerfile', '--target', target, '--tag', name],
    ...['--build-arg', `BASE=${base}`, '--build-arg', `BUILD_BASE=${buildBase}`],
    ...['--secret', `id=npmrc,src=${npmrc}`],
    ...(authorities ? ['--volume', `${authorities}:/run/authorities.pem:ro`] : []),
    ROOT,
  );
  await removeOthers(name);
  return name;
}

/** Removes images of the same name with other tags, and the layers that only they use. */
async function removeOthers(name: string): Promise<void> {
  const listed = await podman(
    'images',
    '--filter',
    `reference=${name.replace(/:.*/, '')}`,
    '--format',
    '{{.Repository}}:{{.Tag}}',
  );
  const others = listed.split('\n').filter((other) => other !== '' && other !== name);
  if (others.length > 0) await podman('rmi', '--force', ...others);
}

/** Returns a key that changes with what the images are built from. */
function hashContext(...bases: readonly string[]): string {
  const ignored = readSource('.dockerignore')
    .split('\n')
    .filter((line) => /^[\w./-]+$/.test(line));
  const hash = createHash('sha256').update(bases.join('\n'));
  for (const path of checkoutFiles().toSorted()) {
    if (ignored.some((folder) => path === folder || path.startsWith(`${folder}/`))) continue;
    hash
      .update(path)
      .update('\0')
      .update(readFileSync(join(ROOT, path)));
  }
  return hash.digest('hex').slice(0, 12);
}
