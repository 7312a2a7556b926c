/** Labels of schedules, runs, drift verdicts, shards and messages. */
import type { RetrainEvent, RetrainRun, ScheduleStatus, Shard } from '../../contract/retraining.ts';
import { styledTag, type TagStyle } from '../parts/labels.tsx';

type MessageState = RetrainEvent['messages'][number]['state'];

const SCHEDULES: Readonly<Record<ScheduleStatus['state'], TagStyle>> = {
  active: ['good', 'play', 'active'],
  paused: ['warn', 'bars', 'paused'],
  missing: ['bad', 'cross', 'no schedule'],
  removed: ['', 'dash', 'removed'],
  unknown: ['warn', 'dots', 'unknown'],
};

const OUTCOMES: Readonly<Record<RetrainRun['outcome'], TagStyle>> = {
  running: ['busy', 'play', 'running'],
  'nothing-new': ['', 'dash', 'nothing new'],
  first: ['good', 'tick', 'first champions'],
  kept: ['', 'half', 'kept'],
  promoted: ['good', 'tick', 'promoted'],
  failed: ['bad', 'cross', 'failed'],
  'failed-source': ['warn', 'cross', 'source unavailable'],
};

const VERDICTS: Readonly<Record<NonNullable<RetrainRun['verdict']>, TagStyle>> = {
  none: ['good', 'dash', 'no drift'],
  inputs: ['warn', 'wave', 'inputs drifted'],
  performance: ['bad', 'wave', 'performance drifted'],
  undecided: ['', 'dots', 'too few groups'],
};

const SHARDS: Readonly<Record<Shard['outcome'], TagStyle>> = {
  taken: ['good', 'tick', 'ingested'],
  duplicate: ['', 'dash', 'duplicate'],
  rejected: ['bad', 'cross', 'rejected'],
};

const MESSAGES: Readonly<Record<MessageState, TagStyle>> = {
  pending: ['warn', 'dots', 'pending'],
  delivered: ['good', 'tick', 'delivered'],
  failed: ['bad', 'cross', 'undeliverable'],
};

export const ScheduleTag = ({ of }: { readonly of: ScheduleStatus }) => styledTag(SCHEDULES[of.state]);
export const RunTag = ({ outcome }: { readonly outcome: RetrainRun['outcome'] }) => styledTag(OUTCOMES[outcome]);
export const VerdictTag = ({ verdict }: { readonly verdict: RetrainRun['verdict'] }) =>
  verdict === null ? <>–</> : styledTag(VERDICTS[verdict]);
export const ShardTag = ({ outcome }: { readonly outcome: Shard['outcome'] }) => styledTag(SHARDS[outcome]);
export const MessageTag = ({ state }: { readonly state: MessageState }) => styledTag(MESSAGES[state]);
