/** Fortran writes the exponents of double precision as 1.5D+02. */
const FORTRAN = /^[+-]?(?:\d+\.?\d*|\.\d+)d[+-]?\d+$/i;

/** Returns the number; NaN for other text. */
export function readReal(text: string): number {
  if (text === '') return Number.NaN;
  const value = Number(text);
  return Number.isNaN(value) && FORTRAN.test(text) ? Number(text.replace(/d/i, 'e')) : value;
}
