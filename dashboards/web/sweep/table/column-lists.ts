/** Lists of columns in an address. */

/** Returns the known names of a list, each once, or the default where that leaves none. */
export function parseColumns(text: string | undefined, known: readonly string[], fallback: readonly string[]): readonly string[] {
  const names = [...new Set((text ?? '').split(','))].filter((name) => known.includes(name));
  return names.length > 0 ? names : fallback;
}

/** Returns the known name of an address, or the default. */
export const parseColumn = (text: string | undefined, known: readonly string[], fallback: string): string =>
  text !== undefined && known.includes(text) ? text : fallback;

/** Returns the names with one moved by one position. */
export function moveColumn(names: readonly string[], name: string, by: -1 | 1): readonly string[] {
  const from = names.indexOf(name);
  const other = names[from + by];
  if (from < 0 || other === undefined) return names;
  return names.with(from, other).with(from + by, name);
}
