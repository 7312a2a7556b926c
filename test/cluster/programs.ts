/** Programs that tests build from Go modules, once for each version, in the user's cache. */
import { execFile, spawnSync } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { readEnvironment } from '../../infra/env.ts';
import { ROOT } from '../house/sources.ts';

const run = promisify(execFile);

const HELM = 'helm.sh/helm/v4/cmd/helm@v4.3.1';
const TEMPORAL = { module: 'go.temporal.io/server', version: 'v1.31.2' } as const;
const CONTROL_PLANE = join(ROOT, 'test/cluster/control-plane');
/** Clients compare it with their own; it follows from the module's requirements. */
export const KUBERNETES_VERSION =
  /k8s\.io\/kubernetes (v\S+)/.exec(readFileSync(join(CONTROL_PLANE, 'go.mod'), 'utf8'))?.[1] ?? '';

/** Modules that hold the custom resources of others, with the folder of their definitions. */
const DEFINITIONS = {
  keda: { module: 'github.com/kedacore/keda/v2@v2.21.0', folder: 'config/crd/bases' },
  prometheus: { module: 'github.com/prometheus-operator/prometheus-operator@v0.85.0', folder: 'example/prometheus-operator-crd' },
} as const;

/** Reason to skip what has to be built; false where it can be. */
export const withoutGo: string | false = spawnSync('go', ['version']).status !== 0 && 'go is not installed';

interface Recipe<Name extends string = string> {
  /** Programs that are built together. */
  readonly programs: readonly [Name, ...Name[]];
  /** Name of their folder in the cache. */
  readonly folder: string;
  /** Processor time of the first build, in words. */
  readonly cost: string;
  /** Bytes on which the programs depend. */
  readonly sources: readonly (string | Buffer)[];
  readonly cwd: string;
  /** Arguments of go that write the programs to a folder. */
  readonly build: (output: string) => { readonly args: readonly string[]; readonly env?: Record<string, string> };
}

type Note = (text: string) => void;

/** Installs programs of a module, which Go compares with its checksum database. */
const install = (packages: readonly string[]) => (output: string) => ({
  args: ['install', '-trimpath', ...packages],
  env: { GOBIN: output, GOFLAGS: '-mod=mod' },
});

const HELM_RECIPE: Recipe<'helm'> = {
  programs: ['helm'],
  folder: 'helm',
  cost: 'five minutes',
  sources: [HELM],
  cwd: ROOT,
  build: install([HELM]),
};

const CONTROL_PLANE_RECIPE: Recipe<'control-plane'> = {
  programs: ['control-plane'],
  folder: 'control-plane',
  cost: 'a quarter of an hour',
  sources: readdirSync(CONTROL_PLANE).map((file) => readFileSync(join(CONTROL_PLANE, file))),
  cwd: CONTROL_PLANE,
  build: (output) => ({
    args: [
      'build',
      '-trimpath',
      '-ldflags',
      `-s -w -X k8s.io/component-base/version.gitVersion=${KUBERNETES_VERSION}`,
      '-o',
      output,
    ],
  }),
};

const TEMPORAL_RECIPE: Recipe<'server' | 'sql'> = {
  programs: ['server', 'sql'],
  folder: 'temporal',
  cost: 'seven minutes',
  sources: [`${TEMPORAL.module}@${TEMPORAL.version}`],
  cwd: ROOT,
  build: install(['cmd/server', 'cmd/tools/sql'].map((one) => `${TEMPORAL.module}/${one}@${TEMPORAL.version}`)),
};

/** Returns the path of Helm. */
export const buildHelm = async (note: Note): Promise<string> => (await build(HELM_RECIPE, note)).helm;

/** Returns the path of the program that is each part of Kubernetes' control plane, by its name. */
export const buildControlPlane = async (note: Note): Promise<string> =>
  (await build(CONTROL_PLANE_RECIPE, note))['control-plane'];

/** Returns the paths of Temporal's server, and of the tool that makes its tables. */
export const buildTemporal = (note: Note): Promise<Readonly<Record<'server' | 'sql', string>>> => build(TEMPORAL_RECIPE, note);

/** Returns for each program, in words, whether it is in the cache or has to be built. */
export async function describeBuilds(): Promise<string[]> {
  if (withoutGo) return [withoutGo];
  const described: string[] = [];
  for (const recipe of [HELM_RECIPE, CONTROL_PLANE_RECIPE, TEMPORAL_RECIPE]) {
    const folder = await folderOf(recipe);
    const isBuilt = (await findChecksum(recipe, folder)) !== null;
    described.push(`${recipe.folder}: ${isBuilt ? 'built before' : `to be built, about ${recipe.cost} of processor time`}`);
  }
  return described;
}

async function folderOf({ folder, sources }: Recipe): Promise<string> {
  const hash = createHash('sha256').update((await run('go', ['version'])).stdout);
  for (const source of sources) hash.update(source);
  return join(readEnvironment().userCache, 'cluster', `${folder}-${hash.digest('hex').slice(0, 12)}`);
}

/** Returns the checksum of programs that were built; null where one is missing or has changed. */
async function findChecksum({ programs }: Recipe, folder: string): Promise<string | null> {
  const file = join(folder, 'sha256');
  if (!existsSync(file)) return null;
  const recorded = readFileSync(file, 'utf8');
  return recorded === (await hashFiles(folder, programs)) ? recorded : null;
}

/**
 * Returns the programs of the cache, built where one is missing or has other bytes than those that
 * were built. A build may take a quarter of an hour of processor time, which it leaves to others.
 */
async function build<Name extends string>(recipe: Recipe<Name>, note: Note): Promise<Readonly<Record<Name, string>>> {
  const { programs, folder: name, cwd, build: describe } = recipe;
  const folder = await folderOf(recipe);
  const paths = Object.fromEntries(programs.map((program) => [program, join(folder, program)])) as Record<Name, string>;
  const known = await findChecksum(recipe, folder);
  if (known !== null) {
    note(`${name}: ${known.slice(0, 12)}, built before`);
    return paths;
  }
  note(`${name} is being built, which takes minutes`);
  const draft = `${folder}.${randomUUID().slice(0, 8)}`;
  mkdirSync(draft, { recursive: true });
  try {
    const { args, env } = describe(`${draft}/`);
    await run('nice', ['-n', '15', 'go', ...args], { cwd, env: { ...process.env, ...env }, maxBuffer: 1 << 26 });
    const built = await hashFiles(draft, programs);
    writeFileSync(join(draft, 'sha256'), built);
    rmSync(folder, { recursive: true, force: true });
    renameSync(draft, folder);
    note(`${name}: ${built.slice(0, 12)}, built`);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  return paths;
}

/** Returns the SHA-256 of the bytes of files that exist, one after another. */
async function hashFiles(folder: string, names: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const file of names.map((name) => join(folder, name)).filter(existsSync))
    for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** Returns the definitions of the custom resources of a project, as YAML. */
export async function readDefinitions(project: keyof typeof DEFINITIONS): Promise<string[]> {
  const { module, folder } = DEFINITIONS[project];
  const { stdout } = await run('go', ['mod', 'download', '-json', module], { cwd: CONTROL_PLANE, maxBuffer: 1 << 26 });
  const files = join((JSON.parse(stdout) as { Dir: string }).Dir, folder);
  return readdirSync(files)
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => readFileSync(join(files, file), 'utf8'));
}
