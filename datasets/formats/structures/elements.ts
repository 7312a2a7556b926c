/** Symbols of the elements in the order of their atomic numbers. */
const SYMBOLS =
  'H He Li Be B C N O F Ne Na Mg Al Si P S Cl Ar K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga Ge As Se Br Kr Rb Sr Y Zr Nb Mo Tc Ru Rh Pd Ag Cd In Sn Sb Te I Xe ' +
  'Cs Ba La Ce Pr Nd Pm Sm Eu Gd Tb Dy Ho Er Tm Yb Lu Hf Ta W Re Os Ir Pt Au Hg Tl Pb Bi Po At Rn Fr Ra Ac Th Pa U Np Pu Am Cm Bk Cf Es Fm Md No Lr ' +
  'Rf Db Sg Bh Hs Mt Ds Rg Cn Nh Fl Mc Lv Ts Og';

const NUMBERS = new Map(SYMBOLS.split(' ').map((symbol, i) => [symbol, i + 1]));

/** Elements by each way of writing them: symbols, also of isotopes, and atomic numbers. */
const WRITTEN = new Map<string, string>([
  ...['D', 'T', 'd', 't'].map((isotope): [string, string] => [isotope, 'H']),
  ...[...NUMBERS].flatMap(([symbol, number]): [string, string][] =>
    [symbol, symbol.toUpperCase(), symbol.toLowerCase(), String(number)].map((text) => [text, symbol]),
  ),
]);

/** Returns the symbol of GE, ge, 32 or, for hydrogen, D; undefined for other text. */
export const readElement = (text: string): string | undefined => WRITTEN.get(text);

export const isElement = (symbol: string): boolean => NUMBERS.has(symbol);

/** Returns the atomic number of a known element. */
export function atomicNumber(symbol: string): number {
  const number = NUMBERS.get(symbol);
  if (number === undefined) throw new RangeError(`"${symbol}" is not a valid element symbol`);
  return number;
}
