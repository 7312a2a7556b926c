/** One long trial whose trainer is stopped again and again, as roll-outs and scale-ins do. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findSweep } from '../../db/queries/sweeps/sweeps.ts';
import { isFinished } from '../../search/states.ts';
import { sweepWorkflowId } from '../../workflows/sweep-input.ts';
import { type BareServers, startBareServers } from '../infra/bare-servers.ts';
import { BIN } from '../support/command.ts';
import { writeShard } from '../support/shards.ts';
import { until } from '../support/until.ts';

/** Epochs of a trial at a stop of its trainer. */
export interface HandBack {
  /** Last one that the stopped trainer reported. */
  readonly reached: number;
  /** That of the checkpoint it left. */
  readonly stored: number;
  /** First one that the next trainer reported. */
  readonly resumed: number;
}

export interface LongTrial extends AsyncDisposable {
  readonly servers: BareServers;
  readonly sweepId: string;
  /**
   * Stops the trainer once it trains the trial and starts another, which takes over. Resolves to
   * null where the trial ends before.
   */
  handBack(): Promise<HandBack | null>;
  /** Runs a command of the command line; returns its output. */
  narrows(...args: readonly string[]): Promise<string>;
}

interface Attempt {
  readonly id: string;
  readonly epoch: number;
}

/** Starts servers, an orchestrator, a trainer, and a sweep of one trial of so many epochs. */
export async function startLongTrial(epochs: number): Promise<LongTrial> {
  await using resources = new AsyncDisposableStack();
  const directory = mkdtempSync(join(tmpdir(), 'narrows-handbacks-'));
  resources.defer(() => rmSync(directory, { recursive: true, force: true }));
  const servers = await startBareServers();
  resources.use(servers);
  const env = { ...process.env, ...servers.variables, NARROWS_HOME: join(directory, '.narrows') };
  const start = (args: readonly string[]) =>
    spawn(process.execPath, [BIN, ...args], { cwd: directory, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const narrows = async (...args: readonly string[]) => {
    const child = start(args);
    const [output, errors] = [collect(child.stdout), collect(child.stderr)];
    const [code] = await once(child, 'close');
    if (code !== 0) throw new Error(`narrows ${args.join(' ')}: exit ${code}\n${output.text}\n${errors.text}`);
    return output.text;
  };
  const workers: ChildProcess[] = [];
  resources.defer(async () => void (await Promise.all(workers.map(stop))));
  const startWorker = async (role: string): Promise<ChildProcess> => {
    const child = start(['worker', '--role', role]);
    workers.push(child);
    const errors = collect(child.stderr);
    await until(() => /taking work/.test(errors.text) || child.exitCode !== null, `the ${role} starts`);
    if (child.exitCode !== null) throw new Error(`the ${role} ended: ${errors.text}`);
    return child;
  };

  await narrows('data', 'import', writeShard(join(directory, 'little'), { rows: 4000 }));
  writeFileSync(join(directory, 'long.yaml'), spec(epochs));
  const { sweepId } = JSON.parse(await narrows('sweep', 'start', 'long.yaml', '--output', 'json')) as { sweepId: string };
  await startWorker('orchestrator');
  let trainer = await startWorker('trainer');

  const sweep = await findSweep(servers.db.sql, sweepId);
  const workflow = servers.temporal.workflow.getHandle(sweepWorkflowId(sweep));
  const hasEnded = async () => isFinished((await findSweep(servers.db.sql, sweepId)).state);
  /** Returns the attempt under way: its activity, and the last epoch that it reported. */
  const readAttempt = async (): Promise<Attempt | null> => {
    const { pendingActivities } = (await workflow.describe()).raw;
    const found = pendingActivities?.find(({ activityType }) => activityType?.name === 'trainPack');
    const details = found?.heartbeatDetails?.payloads?.[0]?.data;
    if (!found?.activityId || !details) return null;
    const { epoch } = JSON.parse(new TextDecoder().decode(details)) as { epoch: number };
    return { id: `${found.activityId}/${found.attempt}`, epoch };
  };
  const readCheckpoint = async (): Promise<number> => {
    const [row] = await servers.db.sql<{ epoch: number }[]>`select epoch from checkpoints where sweep_id = ${sweepId}`;
    return row?.epoch ?? 0;
  };

  const kept = resources.move();
  return {
    servers,
    sweepId,
    narrows,
    async handBack() {
      /** Returns the attempt for which the condition holds; null where the trial has ended. */
      const find = async (holds: (attempt: Attempt) => boolean, what: string): Promise<Attempt | null> => {
        let found: Attempt | null = null;
        await until(async () => {
          const attempt = await readAttempt();
          if (attempt !== null && holds(attempt)) found = attempt;
          return found !== null || (await hasEnded());
        }, what);
        return found;
      };
      const first = await find(({ epoch }) => epoch > 0, 'the trial is trained');
      if (first === null) return null;
      trainer.kill('SIGTERM');
      trainer = await startWorker('trainer');
      let reached = first.epoch;
      const next = await find(({ id, epoch }) => {
        if (id === first.id) reached = Math.max(reached, epoch);
        return id !== first.id;
      }, 'the next trainer takes over');
      const stored = await readCheckpoint();
      const resumed = next && (await find(({ epoch }) => epoch > 0, 'the next trainer trains'));
      return resumed && { reached, stored, resumed: resumed.epoch };
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** A network whose epochs take some hundredths of a second. */
const spec = (epochs: number): string => `name: long
dataset: little
target: xes
methods: [ednn]
space: { k: 1, hidden: [96, 96, 96], learningRate: 0.001 }
seeds: 1
training: { epochs: ${epochs}, batch: 64 }
`;

function collect(stream: NodeJS.ReadableStream): { text: string } {
  const collected = { text: '' };
  stream.on('data', (chunk) => {
    collected.text += chunk;
  });
  return collected;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}
