/**
 * A peer is a process that reads cases as lines of JSON and answers each with one; between its
 * turns it waits and computes nothing.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { peersPython } from './venv.ts';

export const PEERS = [
  { name: 'jax', label: 'JAX', about: 'JAX: vmap over trials, scan over steps, jit', program: 'jax_engine.py' },
  { name: 'torchEager', label: 'eager', about: 'PyTorch eager: a process per core', program: 'torch_eager.py' },
  { name: 'torchStacked', label: 'stacked', about: 'PyTorch stacked: baddbmm over trials', program: 'torch_stacked.py' },
  { name: 'tfjsNode', label: 'tfjs', about: 'TensorFlow.js: stacked, native library', program: 'tfjs-node.ts' },
] as const;
export type PeerName = (typeof PEERS)[number]['name'];

/** What a peer is asked; trials and data as in problem.py. */
export interface PeerCase {
  readonly shape: readonly number[];
  /** Number of the layer that gives the latents: linear, as the last. */
  readonly bottleneck: number;
  readonly batch: number;
  readonly trials: number;
  readonly epochs: number;
  readonly threads: number;
  /**
   * A peer that trains one trial after another may train only one in so many, and says how many
   * those were.
   */
  readonly trialsFraction: number;
}

const loss = z.number();
const answerSchema = z.object({
  seconds: z.number().positive(),
  compileSeconds: z.number(),
  version: z.string(),
  trialsRun: z.number().int().positive().optional(),
  /** Mean loss at the start and at the end. */
  losses: z.tuple([loss, loss]),
});
export type PeerAnswer = z.infer<typeof answerSchema>;

/** What a peer answers that lacks something here; `fix` says how to get it. */
const lackSchema = z.object({ unavailable: z.string(), fix: z.string() });
export type PeerLack = z.infer<typeof lackSchema>;

const interpreterOf = (program: string): string => (program.endsWith('.py') ? peersPython() : process.execPath);

/** Starts a peer's process on the first question. */
export class Peer {
  readonly name: PeerName;
  readonly #program: string;
  #process: ChildProcess | null = null;
  #lines: AsyncIterator<string> | null = null;

  constructor(name: PeerName, program: string) {
    this.name = name;
    this.#program = fileURLToPath(new URL(`./${program}`, import.meta.url));
  }

  /**
   * Throws when the process is gone, when it says what it lacks, or when its losses did not fall:
   * then it did not do the work that its time is for.
   */
  async ask(question: PeerCase): Promise<PeerAnswer> {
    const { process, lines } = await this.#start();
    process.stdin?.write(`${JSON.stringify(question)}\n`);
    const { value, done } = await lines.next();
    if (done) throw new Error('its process ended');
    const said: unknown = JSON.parse(value);
    const lack = lackSchema.safeParse(said);
    if (lack.success) throw new Error(`${lack.data.unavailable}; ${lack.data.fix}`);
    const answer = answerSchema.parse(said);
    const [first, last] = answer.losses;
    if (!(last < first)) throw new Error(`its loss went from ${first} to ${last}`);
    return answer;
  }

  async close(): Promise<void> {
    const process = this.#process;
    this.#process = null;
    if (process === null || process.exitCode !== null || process.signalCode !== null) return;
    const ended = once(process, 'exit');
    process.stdin?.end();
    await ended;
  }

  async #start(): Promise<{ process: ChildProcess; lines: AsyncIterator<string> }> {
    if (this.#process === null || this.#lines === null) {
      const child = spawn(interpreterOf(this.#program), [this.#program], { stdio: ['pipe', 'pipe', 'inherit'] });
      await once(child, 'spawn');
      // A process that is gone says so by the end of its lines.
      child.stdin.on('error', () => {});
      this.#process = child;
      this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    }
    return { process: this.#process, lines: this.#lines };
  }
}
