/** Words of closed sets that rows hold: apart from the tables, so that who needs a word does not load what describes tables. */

export const SWEEP_STATES = ['running', 'paused', 'completed', 'partial', 'failed', 'cancelled'] as const;
export type SweepState = (typeof SWEEP_STATES)[number];

/** 'rung' = alive, waiting between rungs; the others are endings. */
export const OUTCOMES = ['rung', 'completed', 'pruned', 'diverged', 'failed'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** What a token may do; each role may do what those before it may. */
export const ROLES = ['read', 'submit', 'admin'] as const;
export type Role = (typeof ROLES)[number];
