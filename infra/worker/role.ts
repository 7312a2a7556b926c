export const WORKER_ROLES = ['orchestrator', 'trainer', 'all'] as const;

/** `orchestrator` runs workflows and activities on rows; `trainer` runs activities that compute. */
export type WorkerRole = (typeof WORKER_ROLES)[number];

export const WORKER_ENGINES = ['auto', 'kernel', 'tfjs', 'null'] as const;

/**
 * `auto` takes the faster of kernel and tfjs on the first pack where tfjs runs natively, else the
 * kernel. `null` trains nothing, which measures the orchestration alone.
 */
export type WorkerEngine = (typeof WORKER_ENGINES)[number];

export const VERSIONINGS = ['pinned', 'auto-upgrade'] as const;

/** Workflows move to a newer build at once, or `pinned` when they continue as new. */
export type Versioning = (typeof VERSIONINGS)[number];
