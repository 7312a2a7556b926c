/** Champions as a table. */
import { formatScore } from '../../../text/names.ts';
import type { Champion } from '../../contract/retraining.ts';
import { MethodName } from '../parts/labels.tsx';
import { TrialLink, VersionLink } from '../parts/links.tsx';
import { championPath, retrainingPath } from '../parts/paths.ts';
import { type Column, RecordTable } from '../parts/record-table.tsx';
import { Timestamp } from '../parts/time.tsx';
import { ORIGIN_LABELS } from './text.ts';

const ORIGIN_COLUMNS: readonly Column<Champion>[] = [
  { title: 'Data', class: 'nowrap', cell: ({ target, dataset }) => `${target} of ${dataset}` },
  { title: 'Retraining', cell: ({ retraining }) => <a href={retrainingPath(retraining)}>{retraining}</a> },
];

const COLUMNS: readonly Column<Champion>[] = [
  {
    title: 'Champion',
    header: true,
    class: 'nowrap',
    cell: ({ championId, method, k }) => (
      <>
        <MethodName method={method} />, <a href={championPath(championId)}>k = {k}</a>
      </>
    ),
  },
  { title: 'Validation', number: true, cell: ({ validation }) => formatScore(validation) },
  {
    title: 'Trained on',
    cell: ({ dataset, datasetVersion }) => <VersionLink dataset={dataset} version={datasetVersion} />,
  },
  { title: 'Trial', class: 'nowrap', cell: ({ trialId }) => <TrialLink id={trialId} /> },
  { title: 'Origin', cell: ({ origin }) => ORIGIN_LABELS[origin] },
  { title: 'Since', cell: ({ since }) => <Timestamp at={since} /> },
];

/** `isMixed`: the champions belong to several retrainings. */
export function ChampionsTable({ of, isMixed = false }: { readonly of: readonly Champion[]; readonly isMixed?: boolean }) {
  const columns = isMixed ? [...ORIGIN_COLUMNS, ...COLUMNS] : COLUMNS;
  return <RecordTable label="Current champions" rows={of} columns={columns} keyOf={({ championId }) => championId} />;
}
