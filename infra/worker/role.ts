export const WORKER_ROLES = ['orchestrator', 'trainer', 'all'] as const;

/** orchestrator: workflows and what reads and writes rows; trainer: what computes. */
export type WorkerRole = (typeof WORKER_ROLES)[number];

export const WORKER_ENGINES = ['auto', 'kernel', 'tfjs', 'null'] as const;

/**
 * auto: of kernel and tfjs the one that is faster on the first pack, where tfjs runs natively; else the kernel. null trains nothing: with it, what is
 * measured is the orchestration.
 */
export type WorkerEngine = (typeof WORKER_ENGINES)[number];
