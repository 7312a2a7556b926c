/** A sweep out of a spec that is written here, check while it is written. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { describeEstimate } from '../../../text/estimate.ts';
import { describeWaiting } from '../../../text/trainers.ts';
import type { DatasetVersion } from '../../contract/datasets.ts';
import type { Plan, Started, SweepDetail } from '../../contract/sweeps.ts';
import { Failure, newKey, send } from '../api/http.ts';
import { type Draft, readDraft, storeDraft } from '../new-sweep/draft.ts';
import { buildExampleSpec, datasetReference } from '../new-sweep/example.ts';
import { nameOption, type SpecCheck, useSpecCheck } from '../new-sweep/plan.ts';
import { Samplers } from '../new-sweep/samplers.tsx';
import { SpecEditor } from '../new-sweep/spec-editor.tsx';
import { type SpecError, textOffset } from '../new-sweep/spec-errors.ts';
import { Action } from '../parts/action.tsx';
import { Command } from '../parts/command.tsx';
import { Confirm } from '../parts/confirm.tsx';
import { formatCount, formatVersion, pluralise } from '../parts/format.ts';
import { MethodName } from '../parts/labels.tsx';
import { SweepLink } from '../parts/links.tsx';
import { Failed, Loading } from '../parts/load-states.tsx';
import { PageHead, SelectField } from '../parts/page.tsx';
import { sweepPath } from '../parts/paths.ts';
import { useJson } from '../state/load.ts';
import { denialReason, session } from '../state/session.ts';
import './new-sweep.css';

export default function NewSweepPage() {
  const { query } = useLocation();
  const { from, dataset } = query;
  const origin = from !== undefined ? `sweep ${from}` : dataset !== undefined ? `dataset ${dataset}` : '';
  // The key resets the state of the page for another origin.
  return <Editor key={origin} origin={origin} from={from ?? null} dataset={dataset ?? null} />;
}

interface Origin {
  readonly origin: string;
  /** A sweep whose spec is copied. */
  readonly from: string | null;
  /** `name` or `name@version`. */
  readonly dataset: string | null;
}

function Editor({ origin, from, dataset }: Origin) {
  const { route } = useLocation();
  const [draft, setDraft] = useState<Draft | null>(() => readDraft(origin));
  const datasets = useJson<{ items: DatasetVersion[] }>('/datasets');
  const source = useJson<SweepDetail>(from === null ? null : sweepPath(from));
  const versions = datasets.data?.items ?? null;
  const startDraft = (text: string) => setDraft({ text, name: '', key: newKey() });
  const edit = (change: Partial<Pick<Draft, 'text' | 'name'>>) =>
    setDraft((before) => {
      const next = { text: before?.text ?? '', name: before?.name ?? '', ...change, key: newKey() };
      storeDraft(origin, next);
      return next;
    });

  useEffect(() => {
    if (draft !== null) return;
    if (from !== null) {
      if (source.data) startDraft(source.data.yaml);
      return;
    }
    if (versions === null) return;
    const first = findVersion(versions, dataset) ?? versions.find(({ newest }) => newest);
    startDraft(first ? buildExampleSpec(first) : '');
  }, [draft, from, source.data, versions, dataset]);

  const denied = denialReason(session.value, 'submit');
  const check = useSpecCheck(draft?.text ?? null, draft?.name ?? '');
  const start = useStart(draft, (started) => {
    storeDraft(origin, null);
    const [only, second] = started.sweeps;
    route(only && !second ? sweepPath(only.sweepId) : '/');
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
      <PageHead crumbs={{ '/': 'Sweeps' }} title="New sweep">
        {source.data && (
          <p class="soft">
            Copied from the spec of <SweepLink id={source.data.sweepId} name={source.data.name} />.
          </p>
        )}
      </PageHead>
      {failure && <Failed failure={failure} retry={datasets.failure ? datasets.reload : source.reload} />}
      {versions?.length === 0 && (
        <div class="note warn">
          <p>No datasets yet. Import one first:</p>
          <Command>narrows data import my-project</Command>
        </div>
      )}
      {draft === null ? (
        !failure && <Loading what={from === null ? 'an example' : 'the spec'} height="34rem" />
      ) : (
        <div class="new-sweep">
          <div class="write">
            <div class="toolbar">
              {versions !== null && versions.length > 0 && (
                <Example versions={versions} text={draft.text} onSelect={(text) => edit({ text })} />
              )}
              <div class="field wide">
                <label for="name">Name</label>
                <input
                  id="name"
                  type="text"
                  maxLength={80}
                  autocomplete="off"
                  placeholder="as in the spec"
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
                marked={new Set(check?.errors.flatMap(({ line }) => (line === null ? [] : [line])) ?? [])}
                describedBy="verdict"
              />
            </div>
          </div>
          <Verdict denied={denied} draft={draft} check={check} goTo={goTo} edit={(text) => edit({ text })} start={start} />
        </div>
      )}
    </>
  );
}

/** Finds the version of a reference: `name` or `name@version`, possibly abbreviated. */
function findVersion(versions: readonly DatasetVersion[], reference: string | null): DatasetVersion | undefined {
  if (reference === null) return undefined;
  const [name, version] = reference.split('@');
  return versions.find((one) => one.name === name && (version === undefined ? one.newest : one.version.startsWith(version)));
}

/** Starts the sweeps of a draft; a repeated click or request starts no second sweep. */
function useStart(draft: Draft | null, onStarted: (started: Started) => void) {
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
      onStarted(await send<Started>('POST', '/sweeps', { spec: text, ...nameOption(name) }, { key }));
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      setFailed({ key, failure: error });
    } finally {
      sending.current = false;
      setBusy(false);
    }
  };
  // A failure belongs to the text that was sent, not to later edits.
  return { isBusy, run: () => void run(), failure: failed !== null && failed.key === draft?.key ? failed.failure : null };
}

interface ExampleProps {
  readonly versions: readonly DatasetVersion[];
  readonly text: string;
  readonly onSelect: (text: string) => void;
}

/** Inserts the example of a dataset; asks before it replaces an edited text. */
function Example({ versions, text, onSelect }: ExampleProps) {
  const [replacement, setReplacement] = useState<DatasetVersion | null>(null);
  const shown = versions.find((one) => buildExampleSpec(one) === text);
  const isUnedited = shown !== undefined || text.trim() === '';
  const select = (reference: string) => {
    const version = versions.find((one) => datasetReference(one) === reference);
    if (!version) return;
    if (isUnedited) onSelect(buildExampleSpec(version));
    else setReplacement(version);
  };
  return (
    <>
      <SelectField
        id="example"
        label="Example for"
        value={shown ? datasetReference(shown) : ''}
        options={[
          ...(shown ? [] : [{ value: '', label: 'custom' }]),
          ...versions.map((one) => ({
            value: datasetReference(one),
            label: one.newest ? one.name : formatVersion(one.name, one.version),
          })),
        ]}
        onChange={select}
      />
      {replacement && (
        <Confirm
          title="Replace your text?"
          action="Replace"
          onConfirm={() => onSelect(buildExampleSpec(replacement))}
          onClose={() => setReplacement(null)}
        >
          <p>The example for {replacement.name} replaces your text.</p>
        </Confirm>
      )}
    </>
  );
}

interface VerdictProps {
  /** Why this session may not start sweeps; null if it may. */
  readonly denied: string | null;
  readonly draft: Draft;
  readonly check: SpecCheck | null;
  readonly goTo: (error: SpecError) => void;
  readonly edit: (text: string) => void;
  readonly start: ReturnType<typeof useStart>;
}

/** The result of the check, and the button that starts the sweeps. */
function Verdict({ denied, draft, check, goTo, edit, start }: VerdictProps) {
  const isCurrent = check !== null && check.text === draft.text && check.name === draft.name;
  const trials = check?.plan?.sweeps.reduce((sum, sweep) => sum + sweep.trials, 0) ?? 0;
  const because = !isCurrent
    ? 'The spec is being checked.'
    : check.errors.length > 0
      ? 'The spec has errors.'
      : check.plan === null
        ? 'The spec could not be checked.'
        : start.isBusy
          ? 'The sweep is being started.'
          : null;
  return (
    <section class="verdict card" aria-label="Check of the spec">
      <div id="verdict" role="status">
        <h2>{check === null ? 'Checking …' : headline(check)}</h2>
      </div>
      {check?.failure && <Failed failure={check.failure} />}
      {check !== null && check.errors.length > 0 && <SpecErrors of={check.errors} goTo={goTo} />}
      {check?.plan && <PlanTables plan={check.plan} />}
      {start.failure && <Failed failure={start.failure} />}
      <div class="actions">
        <Action class="primary" because={because} onClick={start.run}>
          {start.isBusy ? 'Starting …' : check?.plan ? `Start ${pluralise(trials, 'trial')}` : 'Start'}
        </Action>
        <span class="soft small">{isCurrent ? '' : 'Checking …'}</span>
      </div>
      {denied !== null && <p class="soft small">{denied}</p>}
      {check?.plan && <Samplers text={check.text} name={check.name} isCurrent={isCurrent} onUse={edit} />}
    </section>
  );
}

function headline({ failure, errors, plan }: SpecCheck): string {
  if (failure) return 'Not checked';
  if (errors.length > 0) return `${pluralise(errors.length, 'error')} in the spec`;
  return plan !== null && plan.sweeps.length > 1 ? `Valid: ${pluralise(plan.sweeps.length, 'sweep')}` : 'Valid';
}

function SpecErrors({ of, goTo }: { readonly of: readonly SpecError[]; readonly goTo: (error: SpecError) => void }) {
  return (
    <ul class="errors">
      {of.map((error) => (
        <li key={`${error.line} ${error.path} ${error.message}`}>
          {error.line !== null && (
            <button type="button" class="plain" onClick={() => goTo(error)}>
              Line {error.line}
            </button>
          )}
          <span>{error.message}</span>
          {error.fix !== null && <span class="soft">{error.fix}</span>}
        </li>
      ))}
    </ul>
  );
}

function PlanTables({ plan }: { readonly plan: Plan }) {
  return (
    <>
      {plan.sweeps.map(({ name, target, dataset, trials, packs, byMethod, estimate, budget, widths, warnings, waiting }) => (
        <div key={name} class="plan">
          <h3>{name}</h3>
          <p class="soft small anywhere">
            {target} of {formatVersion(dataset.name, dataset.version)}, {pluralise(dataset.rows, 'row')}
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
          </dl>
          <p class="small anywhere">Time: {describeEstimate(estimate)}.</p>
          {budget !== null && <p class="small anywhere">Budget: {budget.text}</p>}
          {widths !== null && <p class="small anywhere">Widths: {widths}.</p>}
          {warnings.map((warning) => (
            <p key={warning} class="small anywhere">
              Warning: {warning}
            </p>
          ))}
          {waiting.map((trials) => (
            <p key={trials.methods.join()} class="small anywhere">
              {describeWaiting(trials)}
            </p>
          ))}
          <table>
            <caption class="unseen">Trials by method</caption>
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
