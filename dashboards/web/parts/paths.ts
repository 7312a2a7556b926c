/** Paths of the pages; below /api, of the resources they show. */

/** By id, or by name of the newest. */
export const sweepPath = (sweep: string): string => `/sweeps/${encodeURIComponent(sweep)}`;
export const trialPath = (trialId: string): string => `/trials/${encodeURIComponent(trialId)}`;
export const versionPath = (dataset: string, version: string): string =>
  `/datasets/${encodeURIComponent(dataset)}/${encodeURIComponent(version)}`;
export const retrainingPath = (name: string): string => `/retrainings/${encodeURIComponent(name)}`;
export const runPath = (name: string, runId: string): string => `${retrainingPath(name)}/runs/${encodeURIComponent(runId)}`;
export const championPath = (championId: number | string): string => `/champions/${encodeURIComponent(championId)}`;

/** Path of the sign-in page, which leads back to the current page. */
export const signInPath = (): string => `/sign-in?back=${encodeURIComponent(location.pathname + location.search)}`;
