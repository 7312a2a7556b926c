/** The comment line of a frame of extended xyz: key=value pairs. */

/** Keys that the format defines. */
export const FORMAT_KEYS: readonly string[] = ['Lattice', 'Properties', 'pbc'];

/** A key, and a value in quotes, braces or brackets (also nested ones, as in JSON), or a word. */
const PAIR = /(?:"([^"]*)"|([^\s="]+))\s*=\s*(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|\{([^}]*)\}|\[((?:[^[\]]|\[[^[\]]*\])*)\]|(\S+))/g;

/** Parses key=value pairs; ignores other words. */
export function readComment(text: string): Map<string, string> {
  const values = new Map<string, string>();
  for (const [, quotedKey, key, quoted, ...others] of text.matchAll(PAIR)) {
    const value = quoted?.replace(/\\(.)/g, '$1') ?? others.find((other) => other !== undefined);
    values.set((quotedKey ?? key) as string, value as string);
  }
  // Keys of the format are found in any case: a missed lattice would turn a crystal into a cluster.
  for (const [key, value] of values) {
    const known = FORMAT_KEYS.find((name) => name.toLowerCase() === key.toLowerCase());
    if (known !== undefined && known !== key) values.set(known, value);
  }
  return values;
}

/**
 * "cell: 10 10 10", "CELL(abcABC): 10 ...", "box_vectors=...", "CRYST1 10 ...", "Lattice 10 0 0",
 * "a=10 b=10 c=12".
 */
const CELL = new RegExp(
  [
    /(?:unit_?|super_?)?(?:cell|box|lattice)(?:_?(?:size|vectors?|lengths?|param\w*|matrix|dimensions?|constants?))?[\s:=("'[{,)abcABC]+[-+]?[\d.]/,
    /cryst1\s+\d/,
    /a\s*=\s*[\d.]+[\s,;]+b\s*=\s*[\d.]+[\s,;]+c\s*=/,
  ]
    .map(({ source }) => `(?<![\\w-])${source}.*`)
    .join('|'),
  'i',
);

/** Returns the part of a comment that seems to give a cell in the form of another program. */
export const findUnreadCell = (text: string): string | null => CELL.exec(text)?.[0].trim() ?? null;
