/** Folders of FEFF runs: a copper atom and four oxygens, and a spectrum that depends on them. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Returns the distance of the nearest oxygen in a run. */
export const feffDistance = (run: number): number => 1.8 + 0.05 * Math.sin(1.7 * run) + 0.002 * run;

export function feffInput(run: number): string {
  const r = feffDistance(run);
  const angle = 0.3 * Math.sin(0.9 * run);
  const oxygens = [
    [r, 0, 0],
    [-1.9 * Math.cos(angle), -1.9 * Math.sin(angle), 0],
    [0, 1.95, 0],
    [0, -2 - 0.1 * Math.cos(run), 0],
  ];
  const atoms = [[0, 0, 0, 0], ...oxygens.map((position) => [...position, 1])];
  return [
    ` TITLE run ${run}`,
    ' EDGE K',
    ' POTENTIALS',
    '  0  29  Cu',
    '  1  8   O',
    ' ATOMS',
    ...atoms.map(([x = 0, y = 0, z = 0, ipot]) => `  ${x.toFixed(5)} ${y.toFixed(5)} ${z.toFixed(5)}  ${ipot}`),
    ' END',
    '',
  ].join('\n');
}

/** Returns xmu.dat as FEFF writes it, on a grid that is shifted with the edge of the run. */
export function feffSpectrum(run: number, { shift = 0, points = 30 }: { shift?: number; points?: number } = {}): string {
  const r = feffDistance(run);
  const rows = Array.from({ length: points }, (_, i) => {
    const [e, omega] = [i - 10, 8979 + shift + (i - 10)];
    const mu0 = 1 / (1 + Math.exp(-(omega - 8979)));
    const mu = mu0 * (1 + 0.2 * Math.sin(0.4 * r * (omega - 8960)));
    const numbers = [
      omega.toFixed(3),
      e.toFixed(3),
      '0.100',
      mu.toExponential(5),
      mu0.toExponential(5),
      (mu - mu0).toExponential(5),
    ];
    return `  ${numbers.join('   ')}`;
  });
  return [
    '# run                                      FEFF 9.6',
    '#  omega    e    k    mu    mu0     chi     @#',
    ...rows,
    '',
  ].join('\n');
}

/** Writes runs/1 to runs/`count` into a folder. */
export function writeFeffRuns(folder: string, count: number, shiftOf: (run: number) => number = () => 0): void {
  for (let run = 1; run <= count; run++) {
    const directory = join(folder, 'runs', String(run));
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, 'feff.inp'), feffInput(run));
    writeFileSync(join(directory, 'xmu.dat'), feffSpectrum(run, { shift: shiftOf(run) }));
  }
}
