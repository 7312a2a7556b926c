/** Values of enumerated columns, apart from the tables so that importers do not load drizzle. */

/** Roles of tokens; each includes the permissions of those before it. */
export const ROLES = ['read', 'submit', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** 'first': trained the first champions; 'failed-source': a source failed, no other had news. */
export const RETRAIN_OUTCOMES = ['running', 'nothing-new', 'first', 'kept', 'promoted', 'failed', 'failed-source'] as const;
export type RetrainOutcome = (typeof RETRAIN_OUTCOMES)[number];

export const SHARD_OUTCOMES = ['taken', 'duplicate', 'rejected'] as const;

/** Origins of a champion. */
export const CHAMPION_ORIGINS = ['first', 'adopted', 'promotion', 'rollback'] as const;
export type ChampionOrigin = (typeof CHAMPION_ORIGINS)[number];

/** Reasons why a champion is no longer in use. */
export const CHAMPION_ENDS = ['promotion', 'rollback'] as const;

/** Kinds of events that are sent as notifications. */
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
