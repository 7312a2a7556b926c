/** The Matérn kernel of smoothness 5/2 (Rasmussen and Williams 2006, 4.17). */

const ROOT = Math.sqrt(5);

/** Returns the correlation of the values at two points, from the square of their distance. */
export function correlationAt(square: number): number {
  const d = ROOT * Math.sqrt(square);
  return (1 + d + (d * d) / 3) * Math.exp(-d);
}

/** Returns minus twice the derivative of the correlation by the square of the distance. */
export function fallAt(square: number): number {
  const d = ROOT * Math.sqrt(square);
  return (5 / 3) * (1 + d) * Math.exp(-d);
}
