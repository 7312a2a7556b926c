/** Covered variance of champions by data version: a panel per width, a line per method. */
import { line } from 'd3-shape';
import { METHOD_STYLES } from '../../../text/methods.ts';
import type { RetrainHistory } from '../../contract/retraining.ts';
import { Panel, type Scales } from '../charts/panel.tsx';
import { domainOf } from '../charts/scale.ts';
import { championPath, trialPath } from '../parts/paths.ts';
import { groupByWidth, pointSentence, stepLabels } from './text.ts';

type Cell = RetrainHistory['cells'][number];
type Point = Cell['points'][number];

const HEIGHT = 270;
const MAX_LABELS = 7;

export function HistoryChart({ history }: { readonly history: RetrainHistory }) {
  const { steps, cells } = history;
  const methods = [...new Set(cells.map(({ method }) => method))];
  return (
    <div class="retrain-history">
      <ul class="legend">
        {methods.map((method) => (
          <li key={method} class={method}>
            <svg class="icon sample" viewBox="0 -6 34 12" width="34" height="12" aria-hidden="true">
              <line x1="1" x2="33" y1="0" y2="0" stroke-dasharray={METHOD_STYLES[method].dash} />
              <path transform="translate(17 0)" d={METHOD_STYLES[method].mark} />
            </svg>
            {METHOD_STYLES[method].label}
          </li>
        ))}
        <KeyItem kind="first" name="first or adopted" />
        <KeyItem kind="kept" name="kept" />
        <KeyItem kind="promoted" name="promoted" />
        {steps.some(({ kind }) => kind === 'rollback') && <KeyItem kind="rollback" name="rolled back" />}
        <KeyItem kind="other" name="other candidate" />
        {steps.some(({ verdict }) => verdict === 'inputs') && <DriftItem kind="inputs" name="inputs drifted" />}
        {steps.some(({ verdict }) => verdict === 'performance') && <DriftItem kind="performance" name="performance drifted" />}
      </ul>
      <div class="plot-grid" style={{ '--panel': '21rem' }}>
        {groupByWidth(cells).map(({ k, cells: own }) => (
          <Panel
            key={k}
            hasLinks
            title={`k = ${k}`}
            label={`k = ${k}: covered variance of ${own.map(({ method }) => METHOD_STYLES[method].label).join(', ')} over ${steps.length} steps`}
            height={HEIGHT}
            x={{
              label: 'rows of the data version',
              domain: [-0.5, Math.max(1, steps.length) - 0.5],
              names: stepLabels(steps, MAX_LABELS),
            }}
            y={{
              label: 'covered variance',
              domain: domainOf(
                own.flatMap(({ points }) =>
                  points.flatMap((point) => [point.coveredVariance, point.other?.coveredVariance ?? null]),
                ),
                0.12,
              ),
            }}
          >
            {(scales) => (
              <>
                {steps.map(({ verdict }, i) =>
                  verdict === 'inputs' || verdict === 'performance' ? (
                    <path key={i} class={`drifted ${verdict}`} d={`M${scales.x(i)} ${scales.box.top}V${scales.box.bottom}`} />
                  ) : null,
                )}
                {own.map((cell, i) => (
                  <Series key={cell.method} cell={cell} offset={8 * (i - (own.length - 1) / 2)} steps={steps} scales={scales} />
                ))}
              </>
            )}
          </Panel>
        ))}
      </div>
    </div>
  );
}

function Series({
  cell,
  offset,
  steps,
  scales: { x, y },
}: {
  readonly cell: Cell;
  /** Horizontal shift in pixels, so that marks of methods do not overlap. */
  readonly offset: number;
  readonly steps: RetrainHistory['steps'];
  readonly scales: Scales;
}) {
  const measured = cell.points.filter((point): point is Point & { coveredVariance: number } => point.coveredVariance !== null);
  const xOf = (point: Point) => x(point.step) + offset;
  const mark = METHOD_STYLES[cell.method].mark;
  return (
    <g class={cell.method}>
      <path
        class="line"
        fill="none"
        stroke-dasharray={METHOD_STYLES[cell.method].dash}
        d={line<(typeof measured)[number]>(xOf, (point) => y(point.coveredVariance))(measured) ?? ''}
      />
      {measured.map((point) => {
        const other = point.other?.coveredVariance ?? null;
        if (other === null) return null;
        return (
          <g key={point.step} class="other">
            <path d={`M${xOf(point)} ${y(point.coveredVariance)}V${y(other)}`} />
            <path class="mark" transform={`translate(${xOf(point)} ${y(other)}) scale(0.8)`} d={mark} />
          </g>
        );
      })}
      {measured.map((point) => {
        const label = pointSentence(cell, point, steps[point.step] as RetrainHistory['steps'][number]);
        const at = `translate(${xOf(point)} ${y(point.coveredVariance)})`;
        return (
          <a
            key={point.step}
            class={`point ${point.kind}`}
            href={point.championId === null ? trialPath(point.trialId) : championPath(point.championId)}
            aria-label={label}
          >
            <title>{label}</title>
            <circle class="reach" transform={at} r={11} />
            {(point.kind === 'promoted' || point.kind === 'rollback') && <circle class="ring" transform={at} r={8} />}
            <path class="mark" transform={at} d={mark} />
          </a>
        );
      })}
    </g>
  );
}

function KeyItem({ kind, name }: { readonly kind: string; readonly name: string }) {
  return (
    <li class="key">
      <svg class="icon" viewBox="-10 -10 20 20" width="20" height="20" aria-hidden="true">
        <g class={kind === 'other' ? 'other' : `point ${kind}`}>
          {(kind === 'promoted' || kind === 'rollback') && <circle class="ring" r={8} />}
          <path class="mark" d={METHOD_STYLES.ednn.mark} />
        </g>
      </svg>
      {name}
    </li>
  );
}

function DriftItem({ kind, name }: { readonly kind: 'inputs' | 'performance'; readonly name: string }) {
  return (
    <li>
      <svg class="icon" viewBox="0 0 10 20" width="10" height="20" aria-hidden="true">
        <path class={`drifted ${kind}`} d="M5 0V20" />
      </svg>
      {name}
    </li>
  );
}
