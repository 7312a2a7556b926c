/** The views of a sweep's trials, which share one selection. */
import type { ComponentChildren } from 'preact';
import { useMemo } from 'preact/hooks';
import type { Cell, Table } from '../../../../figures/model.ts';
import { METHODS } from '../../../../models/methods/catalogue.ts';
import { rowsOf } from '../../../../search/columns/column.ts';
import { findColumn, labelOf } from '../../../../search/columns/trial-columns.ts';
import { trialId } from '../../../../search/space.ts';
import type { SweepDetail } from '../../../contract/sweeps.ts';
import { countBins } from '../../charts/trials/bins.ts';
import { HISTOGRAM_BINS, Histogram } from '../../charts/trials/histogram.tsx';
import { MOST_LINES, Parallel } from '../../charts/trials/parallel.tsx';
import { Scatter } from '../../charts/trials/scatter.tsx';
import { Figure } from '../../parts/figure.tsx';
import { formatCount, pluralise } from '../../parts/format.ts';
import { MethodName } from '../../parts/labels.tsx';
import { optionsOf, SelectField } from '../../parts/page.tsx';
import { trialPath } from '../../parts/paths.ts';
import { useUrl } from '../../state/url.ts';
import { type Axis, createAxis } from '../../trials/axis.ts';
import { markLeftOut } from '../../trials/left-out.ts';
import type { Selection } from '../../trials/selection.ts';
import type { Field, TrialTable } from '../../trials/table.ts';
import { SelectionBar } from '../selection/selection-bar.tsx';
import { useSelection } from '../selection/use-selection.ts';
import { moveColumn, parseColumn, parseColumns } from '../table/column-lists.ts';
import { ColumnsChoice } from '../table/columns-choice.tsx';
import { MOST_PINS, type PinningProps, TrialsTable } from '../table/trials-table.tsx';
import { COLOURINGS, type Colouring, classifyTrials, listClassColours } from './colouring.ts';
import { Curves } from './curves.tsx';
import { describeTrial } from './descriptions.ts';
import { Switch } from './switch.tsx';

export interface ViewsProps {
  readonly sweep: SweepDetail;
  readonly table: TrialTable;
  readonly version: number;
  readonly residual: boolean;
  /** Views that the selection does not narrow. */
  readonly children: ComponentChildren;
}

/** Whether trials differ in a column: others are not worth drawing. */
const differs = ({ categories, lowest, highest, missing, values }: Field): boolean =>
  (categories ? categories.length > 1 : lowest < highest) || (missing > 0 && missing < values.length);

export function Views({ sweep, table, version, residual, children }: ViewsProps) {
  const { parameters, change } = useUrl();
  const leftOut = useMemo(() => markLeftOut(table, sweep.limits), [table, JSON.stringify(sweep.limits)]);
  const page = useSelection(table, version, leftOut);
  const { selection, brushes, brush } = page;
  const known = [...table.fields.keys()];
  const planned = [...table.fields.values()].filter((field) => isPlanned(field) && differs(field)).map(({ name }) => name);
  const drawable = known.filter((name) => name !== 'index');

  const colouring: Colouring = COLOURINGS.find((one) => one === parameters.colour) ?? 'validation';
  const axesNames = parseColumns(parameters.axes, drawable, [
    ...planned.filter((name) => name !== 'seed' && name !== 'partition'),
    'validation',
  ]);
  const columns = parseColumns(parameters.columns, known, ['index', ...planned, 'outcome', 'validation', 'epochs', 'seconds']);
  const axis = (name: string): Axis => createAxis(table.fields.get(name) as Field, { residual });
  const axes = useMemo(() => axesNames.map(axis), [table, version, axesNames.join(), residual]);
  const first = planned.find((name) => name === 'learningRate') ?? planned.find((name) => name !== 'method') ?? 'k';
  const xName = parseColumn(parameters.x, known, first);
  const yName = parseColumn(parameters.y, known, 'validation');
  const otherName = parseColumn(parameters.histogram, drawable, 'seconds');
  const validation = axis('validation');
  const classOf = useMemo(() => classifyTrials(table, colouring, residual), [table, version, colouring, residual]);
  const shapeOf = useMemo(() => classifyTrials(table, 'method', residual), [table]);
  const colours = useMemo(() => () => listClassColours(colouring), [colouring]);

  const picked = rowOf(parameters.trial, table.rows);
  const pick = (row: number | null) => change({ trial: row });
  const pins = [...new Set((parameters.pins ?? '').split(','))]
    .flatMap((text) => rowOf(text, table.rows) ?? [])
    .slice(0, MOST_PINS);
  const pin = (row: number) => {
    if (pins.includes(row)) change({ pins: pins.filter((one) => one !== row).join(',') });
    else if (pins.length < MOST_PINS) change({ pins: [...pins, row].join(',') });
  };
  const choice = (id: string, label: string, value: string, names: readonly string[], set: (name: string) => void) => (
    <SelectField id={id} label={label} value={value} options={optionsOf(names, labelOf)} onChange={set} />
  );
  const colourSwitch = (
    <Switch
      label="Colour"
      value={colouring}
      options={{ validation: 'covered variance', method: 'method' }}
      onChange={(value) => change({ colour: value === 'validation' ? null : value })}
    />
  );
  const shown = `${formatCount(selection.count)} of ${pluralise(selection.outOf, 'trial')}`;
  const histogram = (name: string, label: string) => (
    <Histogram
      axis={axis(name)}
      selection={selection}
      brush={brushes.get(name)}
      onBrush={(next) => brush(name, next)}
      label={`Histogram of ${label} of ${shown}`}
    />
  );
  const isBundled = selection.count > MOST_LINES;
  return (
    <>
      <SelectionBar table={table} page={page} />
      {table.known === 0 && <p class="note">No trial has finished yet. The plan is shown; scores appear as trials finish.</p>}
      <Figure
        title="Parallel coordinates"
        caption={
          <>
            An axis for each column, a line for each trial;{' '}
            {isBundled ? 'thousands of lines are bundled, darker where more run' : 'each drawn separately'}. Drag on an axis to
            select a range; its edges move with the arrow keys.
          </>
        }
        name={`parallel-${sweep.name}`}
        table={() => rowsTable(table, selection, ['index', ...axesNames])}
      >
        <div class="toolbar">
          {colourSwitch}
          <ColumnsChoice
            summary="Axes"
            all={drawable}
            chosen={axesNames}
            least={2}
            onChange={(names) => change({ axes: names.join(',') })}
          />
        </div>
        <Legend colouring={colouring} validation={validation} table={table} />
        <Parallel
          table={table}
          axes={axes}
          selection={selection}
          brushes={brushes}
          onBrush={brush}
          picked={picked}
          onMove={(name, by) => change({ axes: moveColumn(axesNames, name, by).join(',') })}
          colours={colours}
          classOf={classOf}
          label={`Parallel coordinates of ${shown} over ${axesNames.map(labelOf).join(', ')}`}
        />
      </Figure>
      <div class="columns wide-columns">
        <div class="stack">
          <Figure
            title="Scatter plot"
            caption={
              <>
                Drag a box to select the trials in it; click a trial to identify it. Marks show the method:{' '}
                {METHODS.map((method) => (
                  <>
                    <MethodName method={method} />{' '}
                  </>
                ))}
              </>
            }
            name={`scatter-${sweep.name}`}
            table={() => rowsTable(table, selection, [...new Set(['index', 'method', xName, yName])])}
          >
            <div class="toolbar">
              {choice('scatter-x', 'Across', xName, known, (name) => change({ x: name }))}
              {choice('scatter-y', 'Up', yName, known, (name) => change({ y: name }))}
            </div>
            <Scatter
              table={table}
              x={axis(xName)}
              y={axis(yName)}
              selection={selection}
              brushes={brushes}
              onBrush={brush}
              onBrushes={page.brushAll}
              colours={colours}
              classOf={classOf}
              shapeOf={shapeOf}
              picked={picked}
              onPick={pick}
              describe={(row) => describeTrial(table, row)}
              label={`${labelOf(yName)} over ${labelOf(xName)} of ${shown}`}
            />
            <Picked sweepId={sweep.sweepId} table={table} row={picked} pins={pins} onPin={pin} onPick={pick} />
          </Figure>
          <Figure
            title={`Trials by ${labelOf(otherName)}`}
            name={`histogram-${otherName}-${sweep.name}`}
            table={() => binsTable(axis(otherName), selection)}
          >
            <div class="toolbar">
              {choice('histogram-of', 'Column', otherName, drawable, (name) => change({ histogram: name }))}
            </div>
            {histogram(otherName, labelOf(otherName))}
          </Figure>
        </div>
        <div class="stack">
          <Figure
            title="Distribution of covered variance"
            caption="Trials by covered variance on validation rows: grey all, blue selected. Drag to select a range."
            name={`histogram-validation-${sweep.name}`}
            table={() => binsTable(validation, selection)}
          >
            {histogram('validation', 'covered variance')}
          </Figure>
          {children}
        </div>
      </div>
      <Curves sweepId={sweep.sweepId} table={table} pins={pins} onPin={pin} residual={residual} />
      <Figure
        title="Trials"
        caption={
          <>
            {shown}, by {labelOf(parameters.sort ?? 'validation')}. Arrow keys move, Enter opens a trial, the space bar pins its
            learning curve (up to {MOST_PINS}).
          </>
        }
        name={`trials-${sweep.name}`}
        table={() => rowsTable(table, selection, columns)}
      >
        <div class="toolbar">
          <ColumnsChoice
            summary="Columns"
            all={known}
            chosen={columns}
            least={1}
            onChange={(names) => change({ columns: known.filter((name) => names.includes(name)).join(',') })}
          />
        </div>
        <TrialsTable
          sweepId={sweep.sweepId}
          table={table}
          selection={selection}
          columns={columns}
          sort={parseColumn(parameters.sort, known, 'validation')}
          order={parameters.order === 'asc' ? 'asc' : 'desc'}
          onSort={(sort, order) => change({ sort, order: order === 'desc' ? null : order })}
          pins={pins}
          onPin={pin}
          picked={picked}
          onPick={pick}
        />
      </Figure>
    </>
  );
}

const isPlanned = ({ name }: Field): boolean => name !== 'index' && findColumn(name)?.source !== 'outcome';

function rowOf(text: string | undefined, rows: number): number | null {
  const row = Number(text ?? 'none');
  return text !== '' && Number.isInteger(row) && row >= 0 && row < rows ? row : null;
}

/** Returns these columns of the selected trials as a table of plain values. */
function rowsTable(table: TrialTable, selection: Selection, names: readonly string[]): Table {
  const fields = names.map((name) => table.fields.get(name) as Field);
  const cell = ({ type, categories, values }: Field, row: number): Cell => {
    const value = values[row] ?? Number.NaN;
    if (Number.isNaN(value)) return null;
    if (categories) return categories[value] ?? null;
    return type === 'time' ? new Date(value).toISOString() : value;
  };
  return { head: names, rows: Array.from(rowsOf(selection.mask), (row) => fields.map((field) => cell(field, row))) };
}

function binsTable(axis: Axis, { mask }: Selection): Table {
  const { bins, none } = countBins(axis, HISTOGRAM_BINS, mask);
  return {
    head: [axis.field.label, 'trials', 'selected'],
    rows: [...bins.map(({ text, all, selected }) => [text, all, selected]), ['none', none.all, none.selected]],
  };
}

function Legend({ colouring, validation, table }: Readonly<{ colouring: Colouring; validation: Axis; table: TrialTable }>) {
  if (colouring === 'method') {
    const methods = (table.fields.get('method') as Field).categories ?? [];
    return (
      <ul class="legend">
        {METHODS.filter((method) => methods.includes(method)).map((method) => (
          <li key={method}>
            <MethodName method={method} />
          </li>
        ))}
      </ul>
    );
  }
  return (
    <div class="ramp-legend small number">
      <span>{validation.format(validation.valueAt(0))}</span>
      <span class="ramp" aria-hidden="true" />
      <span>{validation.format(validation.valueAt(1))}</span>
      <span class="soft">covered variance (validation); grey: none</span>
    </div>
  );
}

type PickedProps = PinningProps & { readonly row: number | null; readonly onPick: (row: null) => void };

function Picked({ sweepId, table, row, pins, onPin, onPick }: PickedProps) {
  return (
    <p class="picked number" role="status">
      {row === null ? (
        <span class="soft">No trial selected.</span>
      ) : (
        <>
          <a href={trialPath(trialId(sweepId, row))}>{describeTrial(table, row)}</a>.{' '}
          <button
            type="button"
            class="plain"
            disabled={!pins.includes(row) && pins.length >= MOST_PINS}
            onClick={() => onPin(row)}
          >
            {pins.includes(row) ? 'Unpin curve' : 'Pin learning curve'}
          </button>{' '}
          <button type="button" class="plain" onClick={() => onPick(null)}>
            Deselect
          </button>
        </>
      )}
    </p>
  );
}
