/** A peer is a process that reads cases as lines of JSON and answers each with one line. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { mean } from '../statistics.ts';
import { findPeersPython } from './venv.ts';

export const PEERS = [
  { name: 'jax', label: 'JAX', about: 'JAX: vmap over trials, scan over steps, jit', program: 'jax_engine.py' },
  {
    name: 'jaxMap',
    label: 'JAX map',
    about: 'JAX map: a process per core, lax.map over trials, scan over steps',
    program: 'jax_map.py',
  },
  { name: 'torchEager', label: 'eager', about: 'PyTorch eager: a process per core', program: 'torch_eager.py' },
  { name: 'torchStacked', label: 'stacked', about: 'PyTorch stacked: baddbmm over trials', program: 'torch_stacked.py' },
  {
    name: 'torchCompiled',
    label: 'compiled',
    about: 'PyTorch compiled: stacked, a step in one graph of torch.compile',
    program: 'torch_compiled.py',
  },
  { name: 'tfjsNode', label: 'tfjs', about: 'TensorFlow.js: stacked, native library', program: 'tfjs-node.ts' },
] as const;
export type PeerName = (typeof PEERS)[number]['name'];

/** Request to a peer; trials and data as in problem.py. */
export interface PeerCase {
  readonly shape: readonly number[];
  /** Index of the layer that outputs the latents: linear, like the last. */
  readonly bottleneck: number;
  readonly batch: number;
  readonly trials: number;
  readonly epochs: number;
  readonly threads: number;
  /** A sequential peer may train one in so many trials: the first, at least one per process. */
  readonly trialsFraction: number;
}

const loss = z.number();
const answerSchema = z.object({
  seconds: z.number().positive(),
  compileSeconds: z.number(),
  version: z.string(),
  /** Losses of each trained trial on its first mini-batch, before and after the timed steps. */
  losses: z.array(z.tuple([loss, loss])).nonempty(),
});
export type PeerAnswer = z.infer<typeof answerSchema>;

/** Returns the mean losses before and after the timed steps. */
export const meanLosses = (losses: PeerAnswer['losses']): [number, number] => [
  mean(losses.map(([first]) => first)),
  mean(losses.map(([, last]) => last)),
];

/** Answer of a peer with a missing dependency; `fix` says how to install it. */
const unavailableSchema = z.object({ unavailable: z.string(), fix: z.string() });
export type PeerUnavailable = z.infer<typeof unavailableSchema>;

const interpreterOf = (program: string): string => (program.endsWith('.py') ? findPeersPython() : process.execPath);

/** A peer, whose process starts with the first request. */
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
   * Trains a case. Throws when the process has ended, when a dependency is missing, or when the
   * loss did not fall, since its time is then not that of a training.
   */
  async train(request: PeerCase): Promise<PeerAnswer> {
    const { process, lines } = await this.#start();
    process.stdin?.write(`${JSON.stringify(request)}\n`);
    const { value, done } = await lines.next();
    if (done) throw new Error('its process has ended');
    const reply: unknown = JSON.parse(value);
    const missing = unavailableSchema.safeParse(reply);
    if (missing.success) throw new Error(`${missing.data.unavailable}. ${missing.data.fix}`);
    const answer = answerSchema.parse(reply);
    const [first, last] = meanLosses(answer.losses);
    if (!(last < first)) throw new Error(`its loss did not fall: ${first} before, ${last} after`);
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
      // An ended process is noticed by the end of its output.
      child.stdin.on('error', () => {});
      this.#process = child;
      this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    }
    return { process: this.#process, lines: this.#lines };
  }
}
