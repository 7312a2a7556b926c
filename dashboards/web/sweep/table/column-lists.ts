/** Lists of columns as an address holds them. */

/** The names of a list in an address that the sweep has as columns, each once; what stands in for it where that leaves nothing. */
export function parseColumns(
  text: string | undefined,
  known: readonly string[],
  otherwise: readonly string[],
): readonly string[] {
  const names = [...new Set((text ?? '').split(','))].filter((name) => known.includes(name));
  return names.length > 0 ? names : otherwise;
}

/** With one of them moved by a place. */
export function moveColumn(names: readonly string[], name: string, by: -1 | 1): readonly string[] {
  const from = names.indexOf(name);
  const to = from + by;
  if (from < 0 || to < 0 || to >= names.length) return names;
  const next = [...names];
  [next[from], next[to]] = [next[to] as string, next[from] as string];
  return next;
}
