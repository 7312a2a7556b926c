/**
 * Returns p-values adjusted for their number (Holm 1979, Scand. J. Statist. 6, 65), in their order:
 * where those below a level are rejected, any false rejection has at most that probability.
 */
export function adjustHolm(pValues: readonly number[]): number[] {
  const order = [...pValues.keys()].sort((a, b) => (pValues[a] as number) - (pValues[b] as number));
  const adjusted = new Array<number>(pValues.length).fill(1);
  let largest = 0;
  for (const [rank, i] of order.entries()) {
    largest = Math.min(1, Math.max(largest, (pValues.length - rank) * (pValues[i] as number)));
    adjusted[i] = largest;
  }
  return adjusted;
}
