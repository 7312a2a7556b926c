/** Interpretations as sentences. */
import type { CellReading, Interpretation } from '../models/interpretation/interpretation.ts';
import { isOpen } from '../models/interpretation/thresholds.ts';
import { describeFarRows } from './far-rows.ts';
import { METHOD_STYLES } from './methods.ts';

/** Describes an interpretation in sentences. */
export function describeInterpretation({ cells, descriptors, series, quantities, far = [] }: Interpretation): string[] {
  const warnings = far.map((rows) => `${describeFarRows(rows, rows.split, rows.descriptor)}.`);
  const sentences = cells.flatMap((cell) => [
    cell.components ? componentsSentence(cell, descriptors) : latentsSentence(cell, descriptors),
    ...describeMissingLatents(cell),
    ...(cell.series && series
      ? [
          `${nameOf(cell)}: ${quantities
            .map(({ name, unit }, q) => {
              const [error, spread] = [cell.series?.errors[q] as number, cell.series?.spread[q] as number];
              return `${name} along the ${series.name} is reconstructed to ${two(error)} ${unit} (root mean square; ${two(spread)} without any component)`;
            })
            .join('; ')}.`,
        ]
      : []),
  ]);
  return [...warnings, ...sentences];
}

/** Said of as many components as descriptors, whose seeds cannot but agree. */
export const WHOLE_SPACE = 'as many components as descriptors span every structure, whatever they are';

/** Whether the components of a cell span the space of all structures. */
export const spansEverything = ({ components }: Pick<CellReading, 'components'>): boolean =>
  components !== null && components.length >= (components[0]?.coefficients.length ?? Number.POSITIVE_INFINITY);

function componentsSentence(cell: CellReading, descriptors: Interpretation['descriptors']): string {
  const decisive = (cell.expansion ?? []).flatMap(({ state }, d) =>
    state === 'decisive' ? [descriptors[d]?.name as string] : [],
  );
  const { agreement } = cell;
  const stability =
    agreement === null
      ? 'found with one seed'
      : agreement.kind === 'principal-angles' && agreement.stable
        ? `the same in every seed, to ${two(agreement.largest.high)} degrees`
        : `unstable: ${agreement.kind === 'principal-angles' ? `up to ${two(agreement.largest.high)} degrees apart between seeds` : ''}`;
  const strongest = [...(cell.components?.[0]?.coefficients ?? [])]
    .map((value, d) => ({ value, name: descriptors[d]?.name as string }))
    .sort((a, b) => Math.abs(b.value) - Math.abs(a.value))
    .slice(0, 3)
    .map(({ value, name }) => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(2)} ${name}`)
    .join(' ');
  const leading = `${singleComponents(cell)}the first component is led by ${strongest}`;
  if (spansEverything(cell)) return `${nameOf(cell)}: ${WHOLE_SPACE}; ${leading}.`;
  const back =
    decisive.length === 0
      ? 'no descriptor is decisive'
      : `decisive: ${decisive.slice(0, 6).join(', ')}${decisive.length > 6 ? ` and ${decisive.length - 6} more` : ''}`;
  return `${nameOf(cell)}: ${cell.k === 1 ? 'the component' : 'the subspace'} is ${stability}${overPartitions(cell)}; ${leading}; ${back}.`;
}

/** Describes components that seeds do not determine: 'only the subspace is determined: ...; '. */
function singleComponents(cell: CellReading): string {
  const { agreement, components } = cell;
  const numbered = (components ?? []).map((component, j) => ({ ...component, name: `component ${j + 1}` }));
  const unstable = numbered.filter(({ stable }) => stable === false);
  const sentences: string[] = [];
  if (agreement?.kind === 'principal-angles' && agreement.stable && unstable.length > 0 && !spansEverything(cell)) {
    const turns = unstable.map(({ name, angle }) => `${name} by up to ${two(angle?.high ?? 0)} degrees`);
    sentences.push(`only the subspace is determined, within which seeds turn ${turns.join(', ')}`);
  }
  const open = unstable.filter(isOpen).map(({ name, angle, shownTurn }) => {
    return `${name} open (${two(angle?.mean ?? 0)} degrees between seeds, of which the latent shows ${two(100 * (shownTurn ?? 0))} %)`;
  });
  if (open.length > 0) sentences.push(`collinear descriptors leave ${open.join(' and ')}`);
  return sentences.map((sentence) => `${sentence}; `).join('');
}

function latentsSentence(cell: CellReading, descriptors: Interpretation['descriptors']): string {
  const closest = cell.latents.map(({ correlations }, j) => {
    const strongest = correlations
      .map(({ spearman }, d) => ({ spearman, name: descriptors[d]?.name as string }))
      .reduce((best, one) => (Math.abs(one.spearman) > Math.abs(best.spearman) ? one : best));
    const latent = cell.k === 1 ? 'the latent' : `latent ${j + 1}`;
    return `${latent} goes most closely with ${strongest.name} (rank correlation ${strongest.spearman.toFixed(2).replace('-', '−')})`;
  });
  const { agreement } = cell;
  const stability =
    agreement?.kind !== 'latents'
      ? ''
      : `; between seeds one set of latents predicts ${(100 * agreement.r2.mean).toFixed(0)} % of another (${agreement.stable ? 'stable' : 'unstable'})`;
  return `${nameOf(cell)}: ${closest.join('; ')}${stability}${overPartitions(cell)}.`;
}

/** Says how far partitions of the rows agree; '' for one partition. */
function overPartitions({ overPartitions: found }: CellReading): string {
  if (found === undefined) return '';
  const verdict = found.stable ? 'stable' : 'unstable';
  return found.kind === 'principal-angles'
    ? `, and between partitions of the rows up to ${two(found.largest.high)} degrees apart (${verdict})`
    : `, between partitions of the rows ${(100 * found.r2.mean).toFixed(0)} % (${verdict})`;
}

/** Says how many seeds could not be compared; nothing where all were. */
function describeMissingLatents(cell: CellReading): string[] {
  const { trials, withoutLatents = 0 } = cell;
  if (withoutLatents === 0) return [];
  const seeds = `${withoutLatents} of ${trials.length + withoutLatents} seeds`;
  return [`${nameOf(cell)}: ${seeds} are not compared, as the sweep keeps no latents of them; train them with "latents: all".`];
}

const nameOf = ({ method, k }: CellReading): string => `${METHOD_STYLES[method].label} at k = ${k}`;
const two = (value: number): string => String(Number(value.toPrecision(2)));
