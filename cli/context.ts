/** The context of a command: where and how to write, and when to stop. */
import { setTimeout } from 'node:timers/promises';
import { createColors } from 'picocolors';
import type { Logger } from '../infra/logger.ts';
import { printData, printNote, type TerminalText, toPlainText } from '../infra/output.ts';
import { escapeLine } from '../text/controls.ts';
import { EXIT } from './exit-codes.ts';

export const OUTPUTS = ['text', 'json', 'jsonl'] as const;
export type Output = (typeof OUTPUTS)[number];

/** Thrown after Ctrl-C or a request to end: exit 130, unless a service ends so. */
export class Interrupted extends Error {
  readonly signal: 'SIGINT' | 'SIGTERM';

  constructor(signal: Interrupted['signal'] = 'SIGINT') {
    super('interrupted');
    this.name = 'Interrupted';
    this.signal = signal;
  }
}

/** Thrown after the reader of the output has gone away (head, less): not a failure. */
export class OutputClosed extends Interrupted {}

/** Calls `onClosed` when the reader of the output goes away; ends where it cannot be written. */
export function handleOutputErrors(onClosed: () => void): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.removeAllListeners('error').on('error', ({ code }: NodeJS.ErrnoException) => {
      if (code === 'EPIPE') return onClosed();
      if (stream === process.stdout) printNote(`error: the output cannot be written (${code})`);
      process.exit(EXIT.failure);
    });
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
  print(value: unknown, text: () => TerminalText): void;
  /** Prints a list as data, on stdout; with jsonl one line each. */
  printList(values: readonly unknown[], text: () => TerminalText): void;
  /** Prints a line of data as it comes: for streams. */
  line(text: string): void;
  /** Prints everything else, on stderr. */
  note(text: TerminalText): void;
  /** Prints a warning, on stderr and on one line. */
  warn(text: string): void;
}

/** Creates the context; with `cleansUp`, the loss of the output's reader interrupts the command. */
export function createContext(
  output: Output,
  environment: { readonly noColor: boolean; readonly ci: boolean },
  { cleansUp = false }: { readonly cleansUp?: boolean | undefined } = {},
): CliContext {
  const abort = interruptible(cleansUp);
  const colors = createColors(!environment.noColor && process.stderr.isTTY === true && process.stdout.isTTY === true);
  return {
    output,
    colors,
    interactive: process.stderr.isTTY === true && !environment.ci && output === 'text',
    width: Math.max(40, Math.min(process.stderr.columns ?? 80, 120)),
    signal: abort,
    print: (value, text) => printData(output === 'text' ? text() : JSON.stringify(value)),
    printList(values, text) {
      if (output === 'text') printData(text());
      else if (output === 'json') printData(JSON.stringify(values));
      else for (const value of values) printData(JSON.stringify(value));
    },
    line: printData,
    note: printNote,
    warn: (text) => printNote([{ text: 'warning', paint: colors.yellow }, `: ${escapeLine(text)}`]),
  };
}

/** Returns the context of a service: its notes are logged. */
export const withLogger = (context: CliContext, logger: Logger): CliContext => ({
  ...context,
  note: (text) => logger.info(toPlainText(text)),
  warn: (text) => logger.warn(escapeLine(text)),
});

/** Time within which several interrupts are one Ctrl-C, which npm or another parent may repeat. */
const SAME_INTERRUPTION_MILLISECONDS = 1500;

/** Aborts at the first Ctrl-C or request to end; a later one ends the process at once. */
function interruptible(cleansUp: boolean): AbortSignal {
  const abort = new AbortController();
  if (cleansUp) handleOutputErrors(() => abort.abort(new OutputClosed()));
  let since = 0;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (!abort.signal.aborted) {
        since = performance.now();
        abort.abort(new Interrupted(signal));
      } else if (performance.now() - since > SAME_INTERRUPTION_MILLISECONDS) process.exit(EXIT.interrupted);
    });
  }
  return abort.signal;
}

/**
 * Runs a service until it is stopped, and returns its value; undefined after a request to end
 * (SIGTERM), which is its normal end. Throws what `work` throws otherwise, Interrupted after
 * Ctrl-C.
 */
export async function runService<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    const [interruption] = [error, (error as Error).cause].filter((one) => one instanceof Interrupted);
    if (interruption?.signal !== 'SIGTERM') throw error;
    return undefined;
  }
}

/** Waits for an interrupt, and throws Interrupted. The timers keep the process alive meanwhile. */
export async function waitForInterrupt(signal: AbortSignal): Promise<never> {
  for (;;) await pause(2 ** 30, signal);
}

/** Waits this long. Throws Interrupted on an interrupt. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await setTimeout(milliseconds, undefined, { signal }).catch(() => signal.throwIfAborted());
}
