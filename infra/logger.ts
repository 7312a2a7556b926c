/**
 * Logs of long-running processes, on stderr and without secrets: JSON lines for collectors, text
 * for people. See docs/decisions/0046-operating.md.
 */
import { inspect } from 'node:util';
import { pino, stdSerializers, stdTimeFunctions } from 'pino';
import { NarrowsError } from '../errors.ts';
import type { LogFormat } from './log-formats.ts';
import { printNote } from './output.ts';
import { redactFields, redactText } from './redaction.ts';
import { currentTracing } from './tracing/tracing.ts';

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error';

/** Subject of a line, such as `sweep`, `trial`, `workflowId`; `error`: an Error. */
export type LogFields = Readonly<Record<string, unknown>>;

export interface Logger {
  log(level: LogLevel, message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

/** Creates the log of a process with this role. */
export function createLogger(role: string, format: LogFormat, print: (line: string) => void = printNote): Logger {
  const log = format === 'json' ? jsonLines(role, print) : textLines(print);
  return {
    log,
    info: (message, fields) => log('info', message, fields),
    warn: (message, fields) => log('warn', message, fields),
    error: (message, fields) => log('error', message, fields),
  };
}

function jsonLines(role: string, print: (line: string) => void): Logger['log'] {
  const logger = pino(
    {
      level: 'trace',
      base: { role },
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) },
    },
    { write: (line: string) => print(line.trimEnd()) },
  );
  // Before they are serialised: a line that is changed afterwards may not be JSON any more.
  return (level, message, fields = {}) =>
    logger[level](redactFields({ ...currentTracing()?.logFields(), ...fields }, stdSerializers.err), redactText(message));
}

/** Prints info messages verbatim, others with time and level. */
function textLines(print: (line: string) => void): Logger['log'] {
  return (level, message, fields = {}) => {
    const details = Object.keys(fields).length === 0 ? '' : ` ${inspect(fields)}`;
    const head = level === 'info' ? '' : `${new Date().toISOString()} [${level.toUpperCase()}] `;
    print(redactText(`${head}${message}${details}`));
  };
}

/** Returns a function that logs errors; those that a person can act on, without a stack. */
export const logErrors =
  (logger: Logger) =>
  (error: unknown): void => {
    if (error instanceof NarrowsError) {
      const { code, message, path, fix } = error;
      logger.error(message, { code, ...(path !== undefined && { path }), ...(fix !== undefined && { fix }) });
    } else logger.error(error instanceof Error ? error.message : String(error), { error });
  };
