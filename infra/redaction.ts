/**
 * Keeps secrets out of logs: those that this process has read are replaced wherever they occur, and
 * so is what looks like a secret, by its name or form.
 */

const MASK = '***';

/** Shorter secrets are parts of other words as well; they are found by name and form alone. */
const FEWEST_CHARACTERS = 8;

/** Forms in which secrets of this process may occur, longest first. */
let known: readonly string[] = [];

/** Has a secret of this process, and the password where it is a URL, replaced in all later logs. */
export function registerSecret(secret: string): void {
  const [, password = ''] = /^[a-z][a-z\d+.-]*:\/\/[^\s:/?#@]*:([^/?#]+)@/i.exec(secret) ?? [];
  const forms = [secret, password].flatMap((text) => [
    text,
    decode(text),
    encodeURIComponent(text),
    JSON.stringify(text).slice(1, -1),
  ]);
  const longEnough = forms.filter((form) => form.length >= FEWEST_CHARACTERS);
  known = [...new Set([...known, ...longEnough])].sort((a, b) => b.length - a.length);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const NAMES = '(?:password|passwd|passphrase|secret|token|api[-_]?key|private[-_]?key|access[-_]?key)';

/** Each takes time in proportion to the text: what may repeat before a match is bounded. */
const PATTERNS: readonly (readonly [RegExp, string])[] = [
  // Passwords of URLs, tokens of narrows and of HTTP.
  [/\b([a-z][a-z\d+.-]{0,30}:\/\/[^\s:/@"']{0,200}):[^\s/"]+@/gi, `$1:${MASK}@`],
  [/nrw_[\w-]+/g, `nrw_${MASK}`],
  [/\b(bearer +)[^\s"'\\]+/gi, `$1${MASK}`],
  [/(authorization\\*["']?\s?[:=]\s?\\*["']?)(?:[a-z]+ +)?[^\s"'\\]+/gi, `$1${MASK}`],
  // Named and in quotes, which are escaped in JSON within a string; without an end, all the rest.
  [new RegExp(`(${NAMES}\\\\*["'\`]?\\s?(?::|=>?)\\s?(\\\\*["'\`]))[^]*?(?:(?<!\\\\)\\2|$)`, 'gi'), `$1${MASK}$2`],
  [new RegExp(`(${NAMES}=)[^\\s"'\`&\\\\]+`, 'gi'), `$1${MASK}`],
];

/** Longest text of a log line, in UTF-16 units: more than anyone reads. */
const MAX_TEXT = 16_384;

/** Returns a text without secrets, whose end is left out where it is very long. */
export function redactText(text: string): string {
  const unknown = known.reduce((redacted, secret) => redacted.replaceAll(secret, MASK), text);
  // Longer than what is shown, so that a secret at the end of that is found whole.
  const examined = unknown.slice(0, 2 * MAX_TEXT);
  const redacted = PATTERNS.reduce((before, [pattern, replacement]) => before.replace(pattern, replacement), examined);
  const shown = redacted.slice(0, MAX_TEXT).toWellFormed();
  const cut = redacted.length - shown.length + unknown.length - examined.length;
  return cut > 0 ? `${shown}... (${cut} more characters)` : shown;
}

const SECRET_NAME = new RegExp(`(?:${NAMES}|authorization|cookie)$`, 'i');

/**
 * Returns plain data for JSON without secrets. `describeError` returns what is shown of an error.
 * An object that occurs again is shown once.
 */
export function redactFields(
  fields: Readonly<Record<string, unknown>>,
  describeError: (error: Error) => object,
): Record<string, unknown> {
  const seen = new WeakSet<object>();
  const entries = (value: object): Record<string, unknown> =>
    Object.fromEntries(Object.entries(value).map(([key, part]) => [key, SECRET_NAME.test(key) ? mask(part) : redact(part)]));
  const redact = (value: unknown): unknown => {
    if (typeof value === 'string') return redactText(value);
    if (typeof value !== 'object' || value === null) return value;
    if (seen.has(value)) return '[shown before]';
    seen.add(value);
    if (value instanceof Error) return entries(describeError(value));
    if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
    if (Array.isArray(value)) return value.map(redact);
    return 'toJSON' in value && typeof value.toJSON === 'function' ? redact(value.toJSON()) : entries(value);
  };
  return entries(fields);
}

/** That there is none is not a secret. */
const mask = (value: unknown): unknown => (value === null || value === undefined || typeof value === 'boolean' ? value : MASK);
