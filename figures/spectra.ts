/** Spectra of a structure: known and predicted with their residual, or decoded from latents. */
import type { Method } from '../models/methods/catalogue.ts';
import { METHOD_STYLES } from '../text/methods.ts';
import { formatScore } from '../text/names.ts';
import { coveredDomain } from './covered-variance-by-energy.ts';
import { curveMark, type Figure, lineSample, type Panel } from './model.ts';
import { domainOf, measured, withUnit } from './numbers.ts';
import { columnCells, columnHead, energyLabel, type TargetAnswer, targetOf, valueLabel } from './target.ts';

interface ShownSpectrum {
  readonly which: string;
  readonly row: number;
  readonly id: string | null;
  readonly known: readonly number[];
  readonly predicted: readonly number[];
  /** Root mean square of the residual. */
  readonly error: number;
}

export interface SpectraData extends TargetAnswer {
  readonly trialId: string;
  readonly k: number;
  readonly split: string;
  readonly rows: number;
  readonly coveredVariance: number;
  readonly coveredVarianceByEnergy: readonly (number | null)[];
  readonly shown: readonly ShownSpectrum[];
}

/** Height of the three panels, in pixels. */
export const SPECTRA_HEIGHT = 520;
const PREDICTED_DASH = '6 3';

const residualOf = ({ known, predicted }: ShownSpectrum): number[] =>
  known.map((value, i) => value - (predicted[i] ?? Number.NaN));

/** Overlay, residual and covered variance by energy; only the table where there are no energies. */
export function spectraFigure(spectra: SpectraData, shown: ShownSpectrum, method: Method): Figure {
  const { trialId, k, split, rows, unit, coveredVariance, coveredVarianceByEnergy } = spectra;
  const { which, row, id, error, known, predicted } = shown;
  const target = targetOf(spectra);
  return {
    id: `trial-${trialId}-k${k}-${which}`,
    title: 'Known and predicted',
    caption: `Of ${rows} ${split} structures the one with the ${which} residual: row ${row}${id === null ? '' : `, ${id}`}; root mean square ${measured(error, unit, 3)}. All ${rows} together: covered variance ${formatScore(coveredVariance)} at k = ${k}; below, the same energy by energy.`,
    panels: target.energies === null ? [] : spectraPanels(spectra, shown, target.energies, method),
    legend: [
      lineSample('known', 'ink'),
      lineSample(`predicted by ${METHOD_STYLES[method].label}`, method, PREDICTED_DASH),
      lineSample('known − predicted', 'bad'),
    ],
    panelWidth: 900,
    table: () => {
      const values = [known, predicted, residualOf(shown), coveredVarianceByEnergy];
      return {
        head: [
          ...columnHead(target),
          ...['known', 'predicted', 'residual'].map((name) => withUnit(name, unit)),
          'covered variance',
        ],
        rows: known.map((_, i) => [...columnCells(target, i), ...values.map((column) => column[i] ?? null)]),
      };
    },
  };
}

function spectraPanels(spectra: SpectraData, shown: ShownSpectrum, energies: readonly number[], method: Method): Panel[] {
  const energy = energyLabel(targetOf(spectra));
  const { coveredVarianceByEnergy } = spectra;
  const x = { label: '', domain: domainOf(energies, 0) };
  // Axes hold for all structures that one switches between.
  const values = spectra.shown.flatMap(({ known, predicted }) => [...known, ...predicted]);
  const rest = Math.max(...spectra.shown.flatMap((one) => residualOf(one).map(Math.abs)), Number.MIN_VALUE);
  return [
    {
      description: `Known and predicted spectrum against ${energy}`,
      height: 250,
      x,
      y: { label: valueLabel(targetOf(spectra)), domain: domainOf(values) },
      marks: [
        curveMark(energies, shown.known, { colour: 'ink', width: 1.5, label: 'known' }),
        curveMark(energies, shown.predicted, { colour: method, width: 2.25, dash: PREDICTED_DASH, label: 'predicted' }),
      ],
    },
    {
      description: `Residual against ${energy}`,
      height: 120,
      x,
      y: { label: 'residual', domain: [-1.1 * rest, 1.1 * rest], ticks: 3 },
      marks: [curveMark(energies, residualOf(shown), { colour: 'bad', width: 1.5, label: 'residual' })],
    },
    {
      description: `Covered variance against ${energy}`,
      height: 150,
      x: { ...x, label: energy },
      y: { label: 'covered', domain: coveredDomain([coveredVarianceByEnergy]), ticks: 3 },
      marks: [curveMark(energies, coveredVarianceByEnergy, { colour: method, label: 'covered variance' })],
    },
  ];
}

export interface DecodedData {
  readonly spectra: SpectraData;
  /** By column of the target. */
  readonly decoded: Float32Array;
  /** The spectrum it is compared with. */
  readonly reference: { readonly label: string; readonly values: readonly number[] | null };
  /** The latents, as text. */
  readonly at: string;
  readonly method: Method;
}

/** The spectrum that the decoder makes of a point in latent space. */
export function decodedFigure({ spectra, decoded, reference, at, method }: DecodedData): Figure {
  const target = targetOf(spectra);
  const { energies } = target;
  // One axis for all points: what moves is the spectrum.
  const all = spectra.shown.flatMap(({ known }) => known);
  const known = domainOf(all, 0.15);
  const [low, high] = domainOf([...decoded, ...(reference.values ?? [])], 0);
  return {
    id: `trial-${spectra.trialId}-decoded`,
    title: 'Decoded spectrum',
    caption: `The decoder's answer to the latents (${at.replaceAll(',', ', ')}), over the ${reference.label}.`,
    panels:
      energies === null
        ? []
        : [
            {
              description: 'Decoded spectrum against energy',
              height: 320,
              x: { label: energyLabel(target), domain: domainOf(energies, 0) },
              y: { label: valueLabel(target), domain: [Math.min(known[0], low), Math.max(known[1], high)] },
              marks: [
                curveMark(energies, reference.values ?? [], { colour: 'ink', width: 1.25, dash: '4 3', label: reference.label }),
                curveMark(energies, decoded, { colour: method, width: 2.25, label: 'decoded' }),
              ],
            },
          ],
    legend: [lineSample('decoded', method), lineSample(reference.label, 'ink', '4 3')],
    panelWidth: 900,
    table: () => ({
      head: [...columnHead(target), withUnit('decoded', spectra.unit), reference.label],
      rows: Array.from(decoded, (value, i) => [...columnCells(target, i), value, reference.values?.[i] ?? null]),
    }),
  };
}
