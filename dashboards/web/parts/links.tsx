/** Links to the pages of sweeps, trials and dataset versions. */
import type { ComponentChildren } from 'preact';
import { formatVersion, shortVersion } from './format.ts';
import { sweepPath, trialPath, versionPath } from './paths.ts';

export const SweepLink = ({ id, name = id }: { readonly id: string; readonly name?: string | undefined }) => (
  <a href={sweepPath(id)}>{name}</a>
);

/** Its text is the id by default. */
export const TrialLink = ({ id, children = id }: { readonly id: string; readonly children?: ComponentChildren }) => (
  <a href={trialPath(id)}>{children}</a>
);

interface VersionLinkProps {
  readonly dataset: string;
  readonly version: string;
  /** Its text is NAME@VERSION, not the short version. */
  readonly isFull?: boolean;
}

export function VersionLink({ dataset, version, isFull = false }: VersionLinkProps) {
  const text = isFull ? formatVersion(dataset, version) : <code>{shortVersion(version)}</code>;
  return <a href={versionPath(dataset, version)}>{text}</a>;
}
