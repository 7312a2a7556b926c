/** Documents as YAML in a person's manner: a line per key, short lists and maps in the line. */

/** Maximum columns; longer lines are spread over several. */
const WIDEST = 110;

/** Formats a document as YAML that parses to the same. */
export function formatSpec(document: Readonly<Record<string, unknown>>): string {
  return linesOf(document, '').join('\n').concat('\n');
}

type Mapping = Readonly<Record<string, unknown>>;

const isMapping = (value: unknown): value is Mapping => value !== null && typeof value === 'object' && !Array.isArray(value);

function linesOf(mapping: Mapping, indent: string): string[] {
  return entriesOf(mapping).flatMap(([key, value]) => {
    const name = `${indent}${word(key)}:`;
    const line = `${name} ${inLine(value)}`;
    // The search space is read and edited most: one parameter per line.
    const isSpread = key === 'space' && indent === '' && isMapping(value);
    if (!isSpread && line.length <= WIDEST) return [line];
    if (isMapping(value) && entriesOf(value).length > 0) return [name, ...linesOf(value, `${indent}  `)];
    if (Array.isArray(value) && value.some((one) => one !== null && typeof one === 'object'))
      return [name, ...value.map((one) => `${indent}  - ${inLine(one)}`)];
    return [line];
  });
}

function inLine(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inLine).join(', ')}]`;
  if (isMapping(value)) {
    const entries = entriesOf(value).map(([key, one]) => `${word(key)}: ${inLine(one)}`);
    return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
  }
  return typeof value === 'string' ? word(value) : String(value);
}

const entriesOf = (mapping: Mapping): [string, unknown][] => Object.entries(mapping).filter(([, value]) => value !== undefined);

/** Words that some YAML parsers read as another type. */
const TAKEN = /^(true|false|null|yes|no|on|off)$/i;

/** Quotes where that is needed: JSON's strings are YAML's. */
const word = (text: string): string => (/^[A-Za-z][\w.@/-]*$/.test(text) && !TAKEN.test(text) ? text : JSON.stringify(text));
