/** How a failed command ends: one message, one exit code. */
import { CommanderError } from 'commander';
import { NarrowsError } from '../errors.ts';
import { type LocatedFault, LocatedSpecError } from '../search/fault.ts';
import { escapeLine } from '../text/controls.ts';
import { Interrupted, type Output, OutputClosed } from './context.ts';
import { EXIT, EXIT_BY_KIND, type ExitCode } from './exit-codes.ts';

export interface Ending {
  readonly exit: ExitCode;
  /** Text for stderr; empty where everything has been printed. */
  readonly text: string;
}

export function describeExit(error: unknown, output: Output, debug: boolean): Ending {
  if (error instanceof CommanderError) return usage(error, output);
  if (error instanceof OutputClosed || (error instanceof Error && error.cause instanceof OutputClosed)) {
    return { exit: EXIT.ok, text: '' };
  }
  if (error instanceof Interrupted || (error instanceof Error && error.cause instanceof Interrupted)) {
    return { exit: EXIT.interrupted, text: formatError({ code: 'interrupted', message: 'interrupted' }, output) };
  }
  if (error instanceof NarrowsError) {
    const { code, message, path, fix } = error;
    const errors = error instanceof LocatedSpecError ? error.faults : undefined;
    return { exit: EXIT_BY_KIND[error.kind], text: formatError({ code, message, path, fix, errors }, output) };
  }
  const { message, stack } = error instanceof Error ? error : { message: String(error), stack: undefined };
  const fix = 'this is a fault of narrows: run it again with NARROWS_DEBUG=1 and report what it prints';
  const text = formatError({ code: 'internal', message, fix: debug ? undefined : fix }, output);
  return { exit: EXIT.failure, text: debug && stack ? `${text}\n${stack}` : text };
}

/** --help and --version are successes; all else of commander is a usage error. */
function usage(error: CommanderError, output: Output): Ending {
  if (error.exitCode === 0) return { exit: EXIT.ok, text: '' };
  // Called without a subcommand: commander has printed the help.
  if (error.code === 'commander.help') return { exit: EXIT.invalid, text: '' };
  const [message = '', ...hint] = error.message.replace(/^error: /, '').split('\n');
  const fix =
    hint
      .join(' ')
      .replace(/^\((.*)\)$/, '$1')
      .trim() || 'see --help';
  return { exit: EXIT.invalid, text: formatError({ code: 'usage', message, fix }, output) };
}

interface ErrorReport {
  readonly code: string;
  readonly message: string;
  readonly path?: string | undefined;
  readonly fix?: string | undefined;
  /** Faults of a spec. */
  readonly errors?: readonly LocatedFault[] | undefined;
}

function formatError(report: ErrorReport, output: Output): string {
  if (output !== 'text') return JSON.stringify({ error: report });
  const { code, message, path, fix, errors = [] } = onOneLineEach(report);
  if (errors.length > 1) {
    const each = errors.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0)).flatMap(linesOf);
    return [`error: the spec has ${errors.length} faults`, ...each].join('\n');
  }
  const line = errors[0]?.line;
  const lines = [code === 'interrupted' ? message : `error: ${message}`];
  const places = [
    ...(path !== undefined && !message.includes(path) ? [path] : []),
    ...(line === undefined ? [] : [`line ${line}`]),
  ];
  if (places.length > 0) lines.push(`  at: ${places.join(', ')}`);
  if (fix !== undefined) lines.push(`  fix: ${fix}`);
  return lines.join('\n');
}

/** Returns the report with each text on one line: no quoted value looks like a line of ours. */
function onOneLineEach<Texts extends Omit<ErrorReport, 'code'>>(report: Texts): Texts {
  const line = (text: string | undefined) => (text === undefined ? undefined : escapeLine(text));
  const { message, path, fix, errors } = report;
  return { ...report, message: escapeLine(message), path: line(path), fix: line(fix), errors: errors?.map(onOneLineEach) };
}

/** Formats one fault of several. */
function linesOf({ line, path, message, fix }: LocatedFault): string[] {
  const said = path === '' || message.includes(path) ? message : `${path}: ${message}`;
  return [`  ${line === undefined ? '' : `line ${line}: `}${said}`, ...(fix === undefined ? [] : [`    fix: ${fix}`])];
}
