/** Programs that tests build from Go modules, once for each version, in the user's cache. */
import { execFile, spawnSync } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { readEnvironment } from '../../infra/env.ts';
import { ROOT } from '../house/sources.ts';

const run = promisify(execFile);

const HELM = 'helm.sh/helm/v4/cmd/helm@v4.3.1';
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

interface Recipe {
  readonly name: string;
  /** Bytes on which the program depends. */
  readonly sources: readonly (string | Buffer)[];
  readonly cwd: string;
  /** Arguments of go that write the program to a file. */
  readonly build: (output: string) => { readonly args: readonly string[]; readonly env?: Record<string, string> };
}

type Note = (text: string) => void;

/** Returns the path of Helm. */
export const buildHelm = (note: Note): Promise<string> =>
  build(
    {
      name: 'helm',
      sources: [HELM],
      cwd: ROOT,
      // Go compares the module with its checksum database.
      build: (output) => ({ args: ['install', '-trimpath', HELM], env: { GOBIN: output, GOFLAGS: '-mod=mod' } }),
    },
    note,
  );

/** Returns the path of the program that is each part of Kubernetes' control plane, by its name. */
export const buildControlPlane = (note: Note): Promise<string> =>
  build(
    {
      name: 'control-plane',
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
    },
    note,
  );

/**
 * Returns the program of the cache, built where it is missing or its bytes are not those that were
 * built. A build may take a quarter of an hour of processor time, which it leaves to others.
 */
async function build({ name, sources, cwd, build: describe }: Recipe, note: Note): Promise<string> {
  const hash = createHash('sha256').update((await run('go', ['version'])).stdout);
  for (const source of sources) hash.update(source);
  const folder = join(readEnvironment().userCache, 'cluster', `${name}-${hash.digest('hex').slice(0, 12)}`);
  const [program, checksum] = [join(folder, name), join(folder, 'sha256')];
  if (existsSync(checksum) && readFileSync(checksum, 'utf8') === (await hashFile(program))) {
    note(`${name}: ${readFileSync(checksum, 'utf8').slice(0, 12)}, built before`);
    return program;
  }
  note(`${name} is being built, which takes minutes`);
  const draft = `${folder}.${randomUUID().slice(0, 8)}`;
  mkdirSync(draft, { recursive: true });
  try {
    const { args, env } = describe(`${draft}/`);
    await run('nice', ['-n', '15', 'go', ...args], { cwd, env: { ...process.env, ...env }, maxBuffer: 1 << 26 });
    writeFileSync(join(draft, 'sha256'), await hashFile(join(draft, name)));
    rmSync(folder, { recursive: true, force: true });
    renameSync(draft, folder);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  note(`${name}: ${readFileSync(checksum, 'utf8').slice(0, 12)}, built`);
  return program;
}

async function hashFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
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
