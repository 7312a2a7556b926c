/** How commands are declared: each is one value, from which its parsing and its help follow. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { readEnvironment } from '../infra/env.ts';
import { findClassFault } from '../search/trainer-classes.ts';
import { readDuration } from '../text/duration.ts';
import { type CliContext, createContext, type Output } from './context.ts';
import { formatTable, type TableColumns } from './output/table.ts';
import { traceCommand } from './tracing.ts';

/** A command with these inputs: its arguments and options by name. */
export interface CommandDefinition<Inputs> {
  readonly name: string;
  readonly description: string;
  /** Usage and description of each argument: `<sweep>`, `[run]`, `<sweeps...>`. */
  readonly arguments?: readonly (readonly [usage: string, description: string])[];
  readonly options?: readonly Option[];
  /** Calls that the help shows. */
  readonly examples: readonly string[];
  /** Whether it ends in order, e.g. stops its servers, when the reader of its output goes away. */
  readonly cleansUp?: boolean;
  /** Whether it runs until it is stopped. */
  readonly isService?: boolean;
  /** Returns the exit code; nothing: 0. */
  run(context: CliContext, inputs: Inputs): Promise<number | undefined> | Promise<void>;
}

/** Adds a command to the program, or to a command of several. */
export function addCommand<Inputs = object>(parent: Command, definition: CommandDefinition<Inputs>): void {
  const { name, description, examples, cleansUp, isService = false, run } = definition;
  const command = parent.command(name).description(description);
  for (const [usage, about] of definition.arguments ?? []) command.argument(usage, about);
  for (const one of definition.options ?? []) command.addOption(one);
  command.addHelpText('after', `\nExample:\n${examples.map((line) => `  $ ${line}`).join('\n')}`);
  command.action(async (...given: unknown[]) => {
    const options = command.optsWithGlobals<{ output: Output }>();
    const positional = command.registeredArguments.map((argument, i) => [argument.name(), given[i]]);
    const inputs = { ...options, ...Object.fromEntries(positional) } as Inputs;
    const words = parent.parent === null ? name : `${parent.name()} ${name}`;
    const code = await traceCommand(words, isService, async () =>
      run(createContext(options.output, readEnvironment(), { cleansUp }), inputs),
    );
    if (typeof code === 'number') process.exitCode = code;
  });
}

interface OptionSettings {
  readonly choices?: readonly string[];
  readonly parse?: (text: string) => unknown;
  readonly default?: unknown;
  readonly mandatory?: boolean;
}

/** Declares an option: `--name <value>`, or `--flag`. */
export function option(flags: string, description: string, settings: OptionSettings = {}): Option {
  const { choices, parse, default: preset, mandatory = false } = settings;
  const declared = new Option(flags, description).makeOptionMandatory(mandatory);
  if (choices) declared.choices(choices);
  if (parse) declared.argParser(parse);
  if (preset !== undefined) declared.default(preset);
  return declared;
}

/** Prints a list as a table; `empty` in place of a table without rows. */
export function printTable<Row>(context: CliContext, rows: readonly Row[], columns: TableColumns<Row>, empty?: string): void {
  context.printList(rows, () => (rows.length === 0 && empty !== undefined ? empty : formatTable(rows, columns)));
}

// ---- values of options

const invalid = (text: string, kind: string, fix: string) =>
  new InvalidArgumentError(`"${text}" is not a valid ${kind}. ${fix}.`);

/** Reads a whole number of at least 1. */
export function parseCount(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw invalid(text, 'count', 'Use a whole number of at least 1');
  return value;
}

/** Reads whole numbers of at least 1: '1,2,3'. */
export const parseCounts = (text: string): number[] => text.split(',').map(parseCount);

/** Reads seeds: '10' for 1 to 10, or '1,5,9'. */
export function parseSeeds(text: string): number[] {
  if (!text.includes(',')) return Array.from({ length: parseCount(text) }, (_, i) => i + 1);
  const parts = text.split(',');
  const seeds = parts.map(Number);
  if (!parts.every((part) => /^ *\d+ *$/.test(part)) || !seeds.every(Number.isSafeInteger))
    throw invalid(text, 'list of seeds', 'Use a number of seeds, or whole numbers such as 1,5,9');
  return seeds;
}

/** Reads the number of a partition: a whole number of at least 0. */
export function parsePartition(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw invalid(text, 'partition', 'Use a whole number of at least 0');
  return Number(text);
}

/** Reads a number of at least 0. */
export function parseMargin(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0)) throw invalid(text, 'number', 'Use a number of at least 0');
  return value;
}

/** Reads a probability, 0 and 1 excluded. */
export function parseProbability(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value < 1)) throw invalid(text, 'probability', 'Use a number between 0 and 1');
  return value;
}

/** Reads '90', '30s', '15m', '1h', '7d' as seconds. */
export function parseDuration(text: string): number {
  const seconds = readDuration(text);
  if (seconds === null) throw invalid(text, 'duration', 'Use one such as 30s, 15m, 1h or 7d');
  return seconds;
}

/** Whether a duration has no unit: where it is long, it may be meant as days. */
export const lacksUnit = (text: string): boolean => /\d\s*$/.test(text);

/** Reads '30d' as seconds. A number without a unit is refused. */
export function parseAge(text: string): number {
  if (lacksUnit(text)) throw invalid(text, 'age', 'Write its unit, as in 30d or 12h');
  return parseDuration(text);
}

/** Reads the name of a class of trainers. */
export function parseClass(text: string): string {
  const fault = findClassFault(text);
  if (fault !== null) throw invalid(text, 'class of trainers', `It ${fault}: for example gpu`);
  return text;
}

/** Reads a point in time, ISO 8601. */
export function parseTime(text: string): Date {
  const value = new Date(text);
  if (Number.isNaN(value.getTime())) throw invalid(text, 'time', 'Use one such as 2026-01-31T00:00:00Z');
  return value;
}

/** Reads a TCP port; 0: any that is free. */
export function parsePort(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > 65_535) throw invalid(text, 'port', 'Use a number from 0 to 65535');
  return value;
}
