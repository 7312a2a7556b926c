/**
 * How commands are declared: an example in every --help, one context per call, one way to the
 * servers.
 */
import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import { readEnvironment } from '../infra/env.ts';
import { type CliContext, createContext, type Output } from './context.ts';

/** Adds an example to a command's help. */
export function example(command: Command, ...lines: string[]): Command {
  return command.addHelpText('after', `\nExample:\n${lines.map((line) => `  $ ${line}`).join('\n')}`);
}

/** Wraps an action: it gets its arguments, its options and a context. */
export function action<Options>(
  run: (context: CliContext, options: Options, ...positional: string[]) => Promise<number | undefined> | Promise<void>,
): (...given: unknown[]) => Promise<void> {
  return async (...given) => {
    const command = given.at(-1) as Command;
    const positional = given.slice(0, -2) as string[];
    const options = command.optsWithGlobals() as Options & { output: Output };
    const code = await run(createContext(options.output, readEnvironment()), options, ...positional);
    if (typeof code === 'number') process.exitCode = code;
  };
}

/** A whole number of at least 1, for an option. */
export function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError(`"${text}" is no whole number of at least 1.`);
  return value;
}
