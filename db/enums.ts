/** Words of closed sets that rows hold: apart from the tables, so that who needs a word does not load what describes tables. */

/** What a token may do; each role may do what those before it may. */
export const ROLES = ['read', 'submit', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** How a run of retraining ended; 'first' = it trained the first champions, 'failed-source' = a source could not be reached and nothing else was new. */
export const RETRAIN_OUTCOMES = ['running', 'nothing-new', 'first', 'kept', 'promoted', 'failed', 'failed-source'] as const;
export type RetrainOutcome = (typeof RETRAIN_OUTCOMES)[number];

export const SHARD_OUTCOMES = ['taken', 'duplicate', 'rejected'] as const;
export type ShardOutcome = (typeof SHARD_OUTCOMES)[number];

/** How a champion came to be one. */
export const CHAMPION_ORIGINS = ['first', 'adopted', 'promotion', 'rollback'] as const;
export type ChampionOrigin = (typeof CHAMPION_ORIGINS)[number];

/** How a champion ceased to be one. */
export const CHAMPION_ENDS = ['promotion', 'rollback'] as const;
export type ChampionEnd = (typeof CHAMPION_ENDS)[number];

/** What people are told of. */
export const EVENT_KINDS = [
  'shard-rejected',
  'source-failed',
  'source-recovered',
  'first',
  'kept',
  'promoted',
  'failed',
  'rollback',
] as const;
export type EventKind = (typeof EVENT_KINDS)[number];

export const CHANNELS = ['webhook', 'mail'] as const;
export type Channel = (typeof CHANNELS)[number];

export const MESSAGE_STATES = ['pending', 'delivered', 'failed'] as const;
export type MessageState = (typeof MESSAGE_STATES)[number];
