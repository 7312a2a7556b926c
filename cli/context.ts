/** The context of a command: where and how to write, and when to stop. */
import { setTimeout } from 'node:timers/promises';
import { createColors } from 'picocolors';
import { EXIT } from './exit-codes.ts';

export const OUTPUTS = ['text', 'json', 'jsonl'] as const;
export type Output = (typeof OUTPUTS)[number];

/** Thrown after Ctrl-C: exit 130. */
export class Interrupted extends Error {
  constructor() {
    super('interrupted');
    this.name = 'Interrupted';
  }
}

export interface CliContext {
  readonly output: Output;
  /** Colours for stderr and text output; none where they are unwanted. */
  readonly colors: ReturnType<typeof createColors>;
  /** True on a terminal: lines may be redrawn. */
  readonly interactive: boolean;
  readonly width: number;
  /** Aborted by Ctrl-C and by a request to end. */
  readonly signal: AbortSignal;
  /** Prints one object as data, on stdout. */
  print(value: unknown, text: () => string): void;
  /** Prints a list as data, on stdout; with jsonl one line each. */
  printList(values: readonly unknown[], text: () => string): void;
  /** Prints a line of data as it comes: for streams. */
  line(text: string): void;
  /** Prints everything else, on stderr. */
  note(text: string): void;
}

export function createContext(output: Output, environment: { readonly noColor: boolean; readonly ci: boolean }): CliContext {
  const abort = interruptible();
  const stdout = (text: string) => {
    process.stdout.write(`${text}\n`);
  };
  return {
    output,
    colors: createColors(!environment.noColor && process.stderr.isTTY === true && process.stdout.isTTY === true),
    interactive: process.stderr.isTTY === true && !environment.ci && output === 'text',
    width: Math.max(40, Math.min(process.stderr.columns ?? 80, 120)),
    signal: abort,
    print: (value, text) => stdout(output === 'text' ? text() : JSON.stringify(value)),
    printList(values, text) {
      if (output === 'text') stdout(text());
      else if (output === 'json') stdout(JSON.stringify(values));
      else for (const value of values) stdout(JSON.stringify(value));
    },
    line: stdout,
    note(text) {
      process.stderr.write(`${text}\n`);
    },
  };
}

/** Time within which several interrupts are one Ctrl-C, which npm or another parent may repeat. */
const SAME_INTERRUPTION_MILLISECONDS = 1500;

/** Aborts at the first Ctrl-C or request to end; a later one ends the process at once. */
function interruptible(): AbortSignal {
  const abort = new AbortController();
  let since = 0;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (!abort.signal.aborted) {
        since = performance.now();
        abort.abort(new Interrupted());
      } else if (performance.now() - since > SAME_INTERRUPTION_MILLISECONDS) process.exit(EXIT.interrupted);
    });
  }
  return abort.signal;
}

/** Waits for an interrupt, and throws Interrupted. The timers keep the process alive meanwhile. */
export async function waitForInterrupt(signal: AbortSignal): Promise<never> {
  for (;;) await pause(2 ** 30, signal);
}

/** Waits this long. Throws Interrupted on an interrupt. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await setTimeout(milliseconds, undefined, { signal }).catch(() => signal.throwIfAborted());
}
