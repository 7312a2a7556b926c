/**
 * The only way to stdout and stderr: control characters of the text, whose names and reasons may
 * come from outside, are escaped.
 */
import { escapeControls } from '../text/controls.ts';

/** A part of a text in a colour. */
export interface Painted {
  readonly text: string;
  /** Adds the sequences of a colour. */
  readonly paint: (text: string) => string;
}

/** Text for a terminal: only painted parts bring control sequences, which are ours. */
export type TerminalText = string | Painted | readonly TerminalText[];

/** Prints data, on stdout. */
export function printData(text: TerminalText): void {
  process.stdout.write(`${render(text)}\n`);
}

/** Prints everything else, on stderr. */
export function printNote(text: TerminalText): void {
  process.stderr.write(`${render(text)}\n`);
}

/** Calls `then` once all data are written. */
export function flushData(then: () => void): void {
  process.stdout.write('', then);
}

/** Erases the last lines of stderr, a terminal. */
export function eraseNotes(lines: number): void {
  if (lines > 0) process.stderr.write(`\u001b[${lines}A\u001b[J`);
}

/** Returns a text without its colours. */
export const toPlainText = (text: TerminalText): string =>
  typeof text === 'string' ? text : 'text' in text ? text.text : text.map(toPlainText).join('');

function render(text: TerminalText): string {
  if (typeof text === 'string') return escapeControls(text);
  return 'paint' in text ? text.paint(escapeControls(text.text)) : text.map(render).join('');
}
