/** Runs inputs, and keeps those at fault. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readersRunner } from './readers.ts';
import { ROUTES, routesRunner } from './routes.ts';
import type { Fault, FuzzRequest, Runner } from './runner.ts';
import { buildTargets, writeInput } from './targets.ts';

export interface Finding extends FuzzRequest {
  readonly kind: NonNullable<Fault>['kind'];
  readonly message: string;
  /** Folder with the files of the input. */
  readonly folder: string;
}

export interface Tally {
  readonly inputs: number;
  readonly findings: readonly Finding[];
  /** Largest resident memory of a box or the server, in bytes. */
  readonly peak: number;
}

export interface CampaignOptions {
  readonly seed: number;
  /** Number of inputs, shared among the targets by their weights. */
  readonly inputs: number;
  /** This target alone. */
  readonly target?: string | undefined;
  /** This input of the target alone. */
  readonly index?: number | undefined;
  /** Processes that read at once. */
  readonly processes: number;
  /** Folder for inputs at fault. */
  readonly kept: string;
  /** Called before each input. */
  onInput?(): void;
  onFinding?(finding: Finding): void;
}

/** One in six inputs is a request to a route. */
const ROUTES_SHARE = 1 / 6;

/** Runs a campaign. Throws RangeError where there is no such target. */
export async function runCampaign(options: CampaignOptions): Promise<Tally> {
  const { seed, inputs, target, index, processes } = options;
  const targets = (await buildTargets()).filter(({ name }) => target === undefined || name === target);
  if (targets.length === 0 && target !== ROUTES) throw new RangeError(`there is no target "${target}"`);
  const toRoutes = target === ROUTES ? inputs : target === undefined ? Math.ceil(inputs * ROUTES_SHARE) : 0;
  const requests = (names: readonly string[], count: number) =>
    (index === undefined ? requestsFor(names, count) : [{ target: names[0] as string, index }])[Symbol.iterator]();
  const toReaders = inputs - toRoutes;
  const names = targets.flatMap(({ name, weight }) => Array.from({ length: weight }, () => name));
  const queue = toReaders > 0 ? requests(names, toReaders) : null;
  const tallies = await Promise.all([
    ...(queue ? Array.from({ length: processes }, () => work(queue, readersRunner(seed, targets), options)) : []),
    ...(toRoutes > 0 ? [work(requests([ROUTES], toRoutes), routesRunner(seed), options)] : []),
  ]);
  return {
    inputs: tallies.reduce((sum, one) => sum + one.inputs, 0),
    findings: tallies.flatMap(({ findings }) => findings),
    peak: Math.max(...tallies.map(({ peak }) => peak)),
  };
}

/** Yields inputs of the named targets in turn, each with its own numbers. */
function* requestsFor(names: readonly string[], inputs: number): Generator<FuzzRequest> {
  const indices = new Map<string, number>();
  for (let i = 0; i < inputs; i++) {
    const target = names[i % names.length] as string;
    const index = indices.get(target) ?? 0;
    indices.set(target, index + 1);
    yield { target, index };
  }
}

async function work(
  queue: Iterator<FuzzRequest>,
  runner: Runner,
  { seed, kept, onInput, onFinding }: Pick<CampaignOptions, 'seed' | 'kept' | 'onInput' | 'onFinding'>,
): Promise<Tally> {
  const findings: Finding[] = [];
  let inputs = 0;
  try {
    for (let next = queue.next(); !next.done; next = queue.next()) {
      const { target, index } = next.value;
      inputs++;
      onInput?.();
      const fault = await runner.read(next.value);
      if (fault === null) continue;
      const finding = { ...next.value, ...fault, folder: join(kept, `${target}-${seed}-${index}`) };
      mkdirSync(finding.folder, { recursive: true });
      writeInput(await runner.files(index, target), finding.folder);
      writeFileSync(join(finding.folder, 'fault.log'), `${fault.message}\n`);
      findings.push(finding);
      onFinding?.(finding);
    }
  } finally {
    await runner.stop();
  }
  return { inputs, findings, peak: runner.peak() };
}
