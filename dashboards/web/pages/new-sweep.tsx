/** A sweep out of a spec that is written here, checked while it is written. */
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import type { DatasetVersion } from '../../contract/datasets.ts';
import type { Plan, Started, SweepDetail } from '../../contract/sweeps.ts';
import { Failure, getJson, newKey, send } from '../api/http.ts';
import { type Draft, type DraftStorage, readDraft, removeDraft, saveDraft } from '../new-sweep/draft.ts';
import { buildExampleSpec, datasetReference } from '../new-sweep/example.ts';
import { named, type SpecCheck, useSpecCheck } from '../new-sweep/plan.ts';
import { type SpecError, textOffset } from '../new-sweep/spec-errors.ts';
import { Action } from '../parts/action.tsx';
import { Breadcrumbs } from '../parts/breadcrumbs.tsx';
import { Command } from '../parts/command.tsx';
import { Confirm } from '../parts/confirm.tsx';
import { formatCount, formatDuration, pluralise, shortVersion } from '../parts/format.ts';
import { PageTitle } from '../parts/frame.tsx';
import { MethodName } from '../parts/labels.tsx';
import { Failed, Loading } from '../parts/load-states.tsx';
import { SpecEditor } from '../parts/spec-editor.tsx';
import { useLoad } from '../state/load.ts';
import { denialReason, session } from '../state/session.ts';
import './new-sweep.css';

export default function NewSweepPage() {
  const { query } = useLocation();
  const { from, dataset } = query;
  const origin = from !== undefined ? `sweep ${from}` : dataset !== undefined ? `dataset ${dataset}` : '';
  // What the page begins with decides what it is: another beginning is another page.
  return <Begun key={origin} origin={origin} from={from ?? null} dataset={dataset ?? null} />;
}

interface Beginning {
  readonly origin: string;
  /** A sweep whose spec is taken over. */
  readonly from: string | null;
  /** `name` or `name@version`. */
  readonly dataset: string | null;
}

function storage(): DraftStorage {
  try {
    return sessionStorage;
  } catch {
    return null;
  }
}

function Begun({ origin, from, dataset }: Beginning) {
  const { route } = useLocation();
  const [draft, setDraft] = useState<Draft | null>(() => readDraft(storage(), origin));
  const datasets = useLoad('datasets', (signal) => getJson<{ items: DatasetVersion[] }>('/datasets', {}, signal));
  const source = useLoad(from, (signal) => getJson<SweepDetail>(`/sweeps/${encodeURIComponent(from ?? '')}`, {}, signal));
  const versions = datasets.data?.items ?? null;
  const begin = useCallback((text: string) => setDraft({ text, name: '', key: newKey() }), []);
  const edit = useCallback(
    (change: Partial<Pick<Draft, 'text' | 'name'>>) =>
      setDraft((before) => {
        const next = { text: before?.text ?? '', name: before?.name ?? '', ...change, key: newKey() };
        saveDraft(storage(), origin, next);
        return next;
      }),
    [origin],
  );

  useEffect(() => {
    if (draft !== null) return;
    if (from !== null) {
      if (source.data) begin(source.data.yaml);
      return;
    }
    if (versions === null) return;
    const first = versionOf(versions, dataset) ?? versions.find(({ newest }) => newest);
    begin(first ? buildExampleSpec(first) : '');
  }, [draft, from, source.data, versions, dataset]);

  const refused = denialReason(session.value, 'submit');
  const checked = useSpecCheck(draft?.text ?? null, draft?.name ?? '');
  const [start, startFailure] = useStart(draft, (started) => {
    removeDraft(storage(), origin);
    const [only, second] = started.sweeps;
    route(only && !second ? `/sweeps/${encodeURIComponent(only.sweepId)}` : '/');
  });
  const field = useRef<HTMLTextAreaElement>(null);
  const goTo = ({ line, column }: SpecError) => {
    if (line === null || !field.current) return;
    const at = textOffset(field.current.value, line, column ?? 1);
    field.current.focus();
    field.current.setSelectionRange(at, at);
  };
  const failure = datasets.failure ?? source.failure;
  return (
    <>
      <Breadcrumbs of={[['/', 'Sweeps']]} />
      <div class="page-head">
        <div>
          <PageTitle>New sweep</PageTitle>
          {source.data && (
            <p class="soft">
              Begun from the spec of <a href={`/sweeps/${encodeURIComponent(source.data.sweepId)}`}>{source.data.name}</a>.
            </p>
          )}
        </div>
      </div>
      {failure && <Failed failure={failure} retry={datasets.failure ? datasets.reload : source.reload} />}
      {versions?.length === 0 && (
        <div class="note warn">
          <p>There is no dataset yet: a sweep needs one.</p>
          <Command>narrows data import my-project</Command>
        </div>
      )}
      {draft === null ? (
        !failure && <Loading what={from === null ? 'an example' : 'its spec'} height="34rem" />
      ) : (
        <div class="new-sweep">
          <div class="write">
            <div class="toolbar">
              {versions !== null && versions.length > 0 && (
                <Example versions={versions} text={draft.text} onTake={(text) => edit({ text })} />
              )}
              <div class="field wide">
                <label for="name">Name</label>
                <input
                  id="name"
                  type="text"
                  maxLength={80}
                  autocomplete="off"
                  placeholder="as the spec names it"
                  value={draft.name}
                  onInput={(event) => edit({ name: event.currentTarget.value })}
                />
              </div>
            </div>
            <div class="field">
              <label for="spec">Spec (YAML or JSON)</label>
              <SpecEditor
                id="spec"
                field={field}
                value={draft.text}
                onChange={(text) => edit({ text })}
                marked={new Set(checked?.faults.flatMap(({ line }) => (line === null ? [] : [line])) ?? [])}
                describedBy="verdict"
              />
            </div>
          </div>
          <Verdict refused={refused} draft={draft} checked={checked} goTo={goTo} start={start} startFailure={startFailure} />
        </div>
      )}
    </>
  );
}

/** `name` or `name@version`, the version as far as it was written. */
function versionOf(versions: readonly DatasetVersion[], reference: string | null): DatasetVersion | undefined {
  if (reference === null) return undefined;
  const [name, version] = reference.split('@');
  return versions.find((one) => one.name === name && (version === undefined ? one.newest : one.version.startsWith(version)));
}

/** Sends the draft; a second click while it is on its way does nothing, and the same text sent again starts no second sweep. */
function useStart(
  draft: Draft | null,
  onStarted: (started: Started) => void,
): [start: { readonly isBusy: boolean; readonly run: () => void }, failure: Failure | null] {
  const [isBusy, setBusy] = useState(false);
  const [failed, setFailed] = useState<{ key: string; failure: Failure } | null>(null);
  const sending = useRef(false);
  const run = async () => {
    if (draft === null || sending.current) return;
    sending.current = true;
    setBusy(true);
    setFailed(null);
    const { text, name, key } = draft;
    try {
      onStarted(await send<Started>('POST', '/sweeps', { spec: text, ...named(name) }, { key }));
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      setFailed({ key, failure: error });
    } finally {
      sending.current = false;
      setBusy(false);
    }
  };
  // A failure is of the text that was sent, not of what it has become since.
  return [{ isBusy, run: () => void run() }, failed !== null && failed.key === draft?.key ? failed.failure : null];
}

/** Which dataset the text begins from; a text that somebody has worked on is not replaced without a question. */
function Example({
  versions,
  text,
  onTake,
}: {
  readonly versions: readonly DatasetVersion[];
  readonly text: string;
  readonly onTake: (text: string) => void;
}) {
  const [asked, setAsked] = useState<DatasetVersion | null>(null);
  const shown = versions.find((one) => buildExampleSpec(one) === text);
  const isOurs = shown !== undefined || text.trim() === '';
  const take = (reference: string) => {
    const version = versions.find((one) => datasetReference(one) === reference);
    if (!version) return;
    if (isOurs) onTake(buildExampleSpec(version));
    else setAsked(version);
  };
  return (
    <div class="field">
      <label for="example">Begin with an example for</label>
      <select id="example" value={shown ? datasetReference(shown) : ''} onChange={(event) => take(event.currentTarget.value)}>
        {!shown && <option value="">your own text</option>}
        {versions.map((one) => (
          <option key={one.version} value={datasetReference(one)}>
            {one.newest ? one.name : `${one.name}@${shortVersion(one.version)}`}
          </option>
        ))}
      </select>
      {asked && (
        <Confirm
          title={`Replace what you have written?`}
          action="Replace it"
          onConfirm={() => onTake(buildExampleSpec(asked))}
          onClose={() => setAsked(null)}
        >
          <p>The example for {asked.name} would take the place of your text.</p>
        </Confirm>
      )}
    </div>
  );
}

interface VerdictProps {
  /** Why this session may not start sweeps; null where it may. */
  readonly refused: string | null;
  readonly draft: Draft;
  readonly checked: SpecCheck | null;
  readonly goTo: (fault: SpecError) => void;
  readonly start: { readonly isBusy: boolean; readonly run: () => void };
  readonly startFailure: Failure | null;
}

/** What the server says of the text, and the start. */
function Verdict({ refused, draft, checked, goTo, start, startFailure }: VerdictProps) {
  const isCurrent = checked !== null && checked.text === draft.text && checked.name === draft.name;
  const trials = checked?.plan?.sweeps.reduce((sum, sweep) => sum + sweep.trials, 0) ?? 0;
  const because = !isCurrent
    ? 'The spec is being checked.'
    : checked.faults.length > 0
      ? 'The spec has faults.'
      : checked.plan === null
        ? 'The spec could not be checked.'
        : start.isBusy
          ? 'It is being started.'
          : null;
  return (
    <section class="verdict card" aria-label="What it would do">
      <div id="verdict" role="status">
        <h2>{checked === null ? 'Checking …' : headline(checked)}</h2>
      </div>
      {checked?.failure && <Failed failure={checked.failure} />}
      {checked !== null && checked.faults.length > 0 && <Faults of={checked.faults} goTo={goTo} />}
      {checked?.plan && <PlanTables plan={checked.plan} />}
      {startFailure && <Failed failure={startFailure} />}
      <div class="actions">
        <Action class="primary" because={because} onClick={start.run}>
          {start.isBusy ? 'Starting …' : checked?.plan ? `Start ${pluralise(trials, 'trial')}` : 'Start'}
        </Action>
        <span class="soft small">{isCurrent ? '' : 'Checking …'}</span>
      </div>
      {refused !== null && <p class="soft small">Not for you to start. {refused}</p>}
    </section>
  );
}

function headline({ failure, faults, plan }: SpecCheck): string {
  if (failure) return 'Not checked';
  if (faults.length > 0) return `${pluralise(faults.length, 'fault')} in the spec`;
  return plan !== null && plan.sweeps.length > 1 ? `Valid: ${pluralise(plan.sweeps.length, 'sweep')}` : 'Valid';
}

function Faults({ of, goTo }: { readonly of: readonly SpecError[]; readonly goTo: (fault: SpecError) => void }) {
  return (
    <ul class="faults">
      {of.map((fault) => (
        <li key={`${fault.line} ${fault.path} ${fault.message}`}>
          {fault.line !== null && (
            <button type="button" class="plain" onClick={() => goTo(fault)}>
              Line {fault.line}
            </button>
          )}
          <span>{fault.message}</span>
          {fault.fix !== null && <span class="soft">{fault.fix}</span>}
        </li>
      ))}
    </ul>
  );
}

function PlanTables({ plan }: { readonly plan: Plan }) {
  return (
    <>
      {plan.sweeps.map(({ name, target, dataset, trials, packs, byMethod, secondsEstimate }) => (
        <div key={name} class="plan">
          <h3>{name}</h3>
          <p class="soft small anywhere">
            {target} of {dataset.name}@{shortVersion(dataset.version)}, {pluralise(dataset.rows, 'row')}
          </p>
          <dl class="keys">
            <div>
              <dt>trials</dt>
              <dd>{formatCount(trials)}</dd>
            </div>
            <div>
              <dt>packs</dt>
              <dd>{formatCount(packs)}</dd>
            </div>
            <div>
              <dt>estimated here</dt>
              <dd>{secondsEstimate === null ? 'unknown' : formatDuration(secondsEstimate)}</dd>
            </div>
          </dl>
          <table>
            <caption class="unseen">Trials of each method</caption>
            <tbody>
              {byMethod.map((one) => (
                <tr key={one.method}>
                  <th scope="row">
                    <MethodName method={one.method} />
                  </th>
                  <td class="number">{pluralise(one.trials, 'trial')}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ))}
    </>
  );
}
