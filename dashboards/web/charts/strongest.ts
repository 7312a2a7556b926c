/** Which of many values are worth room on a chart. Pure. */

/** Places of the `most` values largest in size, largest first; where there are no more than that, all of them in their order. */
export function strongest(values: readonly number[], most: number): number[] {
  const places = values.map((_, i) => i);
  if (values.length <= most) return places;
  return places.sort((a, b) => Math.abs(values[b] as number) - Math.abs(values[a] as number)).slice(0, most);
}
