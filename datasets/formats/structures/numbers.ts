import { readNumber } from '../text-numbers.ts';

/** Returns the number, also with an exponent of Fortran; NaN for other text. */
export const readReal = (text: string): number => readNumber(text, '.') ?? Number.NaN;
