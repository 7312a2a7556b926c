/** Versions of datasets as links to their pages. */
import type { ComponentChildren } from 'preact';
import { shortVersion, versionPath } from './format.ts';

/** Reads as the version's first digits where no words are given. */
export function VersionLink({
  dataset,
  version,
  children = <code>{shortVersion(version)}</code>,
}: {
  readonly dataset: string;
  readonly version: string;
  readonly children?: ComponentChildren;
}) {
  return <a href={versionPath(dataset, version)}>{children}</a>;
}
