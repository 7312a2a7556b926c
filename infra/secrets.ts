/**
 * Secrets in variables and in files, as Kubernetes, Docker and systemd hand them to a process. All
 * that are read here are kept out of logs.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { NarrowsError } from '../errors.ts';
import { registerSecret } from './redaction.ts';

const MOST_BYTES = 65_536;

/**
 * Returns the value of a variable, or the content of the file that NAME_FILE names; null where
 * neither is set. Throws NarrowsError `environment-invalid`, without values.
 */
export function readSecret(variables: Readonly<Record<string, string | undefined>>, name: string): string | null {
  const value = variables[name] || null;
  const file = variables[`${name}_FILE`] || null;
  if (file === null) {
    if (value !== null) registerSecret(value);
    return value;
  }
  if (value !== null) throw secretError(`${name}_FILE`, `${name} and ${name}_FILE are both set`, 'unset one of them');
  // Processes of the embedded stack have another working directory.
  if (!isAbsolute(file))
    throw secretError(`${name}_FILE`, `${name}_FILE is not an absolute path: ${file}`, 'write one that starts with /');
  return readSecretFile(file, `${name}_FILE`);
}

/**
 * Returns the one line of a file, without its end. `source`: what names the file. Throws
 * NarrowsError `environment-invalid`, without the content.
 */
export function readSecretFile(file: string, source: string): string {
  const text = readText(file, source).replace(/\r?\n$/, '');
  if (text === '') throw secretError(source, `the file of ${source} is empty: ${file}`, 'write the secret to it');
  if (text.length >= MOST_BYTES || /[\r\n\0]/.test(text))
    throw secretError(source, `the file of ${source} is not one line of text: ${file}`, 'write the secret alone to it');
  registerSecret(text);
  return text;
}

/** Reads at most MOST_BYTES. */
function readText(file: string, source: string): string {
  try {
    const open = openSync(file, 'r');
    try {
      const bytes = Buffer.alloc(MOST_BYTES);
      let length = 0;
      for (let read = 1; read > 0 && length < MOST_BYTES; length += read)
        read = readSync(open, bytes, length, MOST_BYTES - length, null);
      return bytes.toString('utf8', 0, length);
    } finally {
      closeSync(open);
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw secretError(source, `the file of ${source} cannot be read (${code}): ${file}`, 'name a file that this user can read');
  }
}

const secretError = (source: string, message: string, fix: string): NarrowsError =>
  new NarrowsError('environment-invalid', message, { path: source, fix });
