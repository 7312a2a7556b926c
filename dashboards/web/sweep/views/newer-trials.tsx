/** A button for figures that do not follow every trial. */
import type { Loaded } from '../../state/load.ts';

interface NewerTrialsProps {
  readonly of: Loaded<{ readonly revision: number }>;
  /** Revision of the sweep. */
  readonly revision: number;
  /** Label while it is pressed. */
  readonly busy?: string;
}

/** Loads a figure again once the sweep has a newer revision than it shows; nothing before. */
export function NewerTrials({ of: { data, loading, reload }, revision, busy = 'Loading …' }: NewerTrialsProps) {
  if (data === null || data.revision >= revision) return null;
  return (
    <button type="button" aria-disabled={loading ? 'true' : undefined} onClick={() => !loading && reload()}>
      {loading ? busy : 'Include newer trials'}
    </button>
  );
}
