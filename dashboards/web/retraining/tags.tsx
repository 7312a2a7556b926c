/** Schedules, outcomes of runs, verdicts, shards and messages: a word and a sign. */
import type { RetrainEvent, RetrainRun, ScheduleStatus, Shard } from '../../contract/retraining.ts';
import { type ICONS, Tag, type Tone } from '../parts/labels.tsx';

type Look = readonly [Tone, keyof typeof ICONS, string];

const SCHEDULES: Readonly<Record<ScheduleStatus['state'], Look>> = {
  active: ['good', 'play', 'active'],
  paused: ['warn', 'bars', 'paused'],
  missing: ['bad', 'cross', 'no schedule'],
  removed: ['', 'dash', 'removed'],
  unknown: ['warn', 'dots', 'unknown just now'],
};

const OUTCOMES: Readonly<Record<RetrainRun['outcome'], Look>> = {
  running: ['busy', 'play', 'running'],
  'nothing-new': ['', 'dash', 'nothing new'],
  first: ['good', 'tick', 'first champions'],
  kept: ['', 'half', 'kept'],
  promoted: ['good', 'tick', 'promoted'],
  failed: ['bad', 'cross', 'failed'],
  'failed-source': ['warn', 'cross', 'source out of reach'],
};

const VERDICTS: Readonly<Record<NonNullable<RetrainRun['verdict']>, Look>> = {
  none: ['good', 'dash', 'no drift'],
  inputs: ['warn', 'wave', 'inputs drifted'],
  performance: ['bad', 'wave', 'performance drifted'],
};

const SHARDS: Readonly<Record<Shard['outcome'], Look>> = {
  taken: ['good', 'tick', 'taken in'],
  duplicate: ['', 'dash', 'known already'],
  rejected: ['bad', 'cross', 'not taken'],
};

const MESSAGES: Readonly<Record<RetrainEvent['messages'][number]['state'], Look>> = {
  pending: ['warn', 'dots', 'on its way'],
  delivered: ['good', 'tick', 'delivered'],
  failed: ['bad', 'cross', 'given up'],
};

const shown = ([tone, sign, word]: Look) => <Tag tone={tone} sign={sign} word={word} />;

export const ScheduleTag = ({ of }: { readonly of: ScheduleStatus }) => shown(SCHEDULES[of.state]);
export const RunTag = ({ outcome }: { readonly outcome: RetrainRun['outcome'] }) => shown(OUTCOMES[outcome]);
export const VerdictTag = ({ verdict }: { readonly verdict: RetrainRun['verdict'] }) =>
  verdict === null ? <>–</> : shown(VERDICTS[verdict]);
export const ShardTag = ({ outcome }: { readonly outcome: Shard['outcome'] }) => shown(SHARDS[outcome]);
export const MessageTag = ({ state }: { readonly state: RetrainEvent['messages'][number]['state'] }) => shown(MESSAGES[state]);
