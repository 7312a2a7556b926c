/** States of a sweep. Browser, server, commands and database share them. */

export const SWEEP_STATES = ['running', 'paused', 'completed', 'partial', 'failed', 'cancelled'] as const;
export type SweepState = (typeof SWEEP_STATES)[number];

/** Whether a sweep in this state trains nothing more unless it is retried. */
export const isFinished = (state: SweepState): boolean => state !== 'running' && state !== 'paused';
