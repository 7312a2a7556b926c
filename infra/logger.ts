/**
 * Logs of long-running processes, on stderr and without secrets: JSON lines for collectors, text
 * for people. See docs/decisions/0046-operating.md.
 */
import { inspect } from 'node:util';
import { pino, stdSerializers, stdTimeFunctions } from 'pino';
import { NarrowsError } from '../errors.ts';
import type { LogFormat } from './log-formats.ts';
import { printNote } from './output.ts';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

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
      serializers: { error: stdSerializers.err },
    },
    { write: (line: string) => print(redactSecrets(line.trimEnd())) },
  );
  return (level, message, fields = {}) => logger[level](fields, message);
}

/** News are printed as they are; what went wrong, with its time and level. */
function textLines(print: (line: string) => void): Logger['log'] {
  return (level, message, fields = {}) => {
    const details = Object.keys(fields).length === 0 ? '' : ` ${inspect(fields)}`;
    const head = level === 'info' ? '' : `${new Date().toISOString()} [${level.toUpperCase()}] `;
    print(redactSecrets(`${head}${message}${details}`));
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

/** Passwords of URLs, tokens of narrows and of HTTP, and what is named as a secret. */
const SECRETS: readonly (readonly [RegExp, string])[] = [
  [/([a-z][a-z\d+.-]*:\/\/[^\s:/@"']*):[^\s/"']+@/gi, '$1:***@'],
  [/\bnrw_[\w-]+/g, 'nrw_***'],
  [/\b(bearer +)[^\s"']+/gi, '$1***'],
  [/("\w*(?:password|secret|token|api_?key)":")(?:[^"\\]|\\.)*"/gi, '$1***"'],
  [/(\b\w*(?:password|secret|token|api_?key): ')[^']*'/gi, "$1***'"],
  [/(\b(?:password|secret|token|api_?key)=)[^\s"'&]+/gi, '$1***'],
];

/** Returns a text in which what looks like a secret is ***. */
export const redactSecrets = (text: string): string =>
  SECRETS.reduce((redacted, [pattern, replacement]) => redacted.replace(pattern, replacement), text);
