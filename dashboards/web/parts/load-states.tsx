/** Placeholders for data that are loading, missing or failed to load. */
import type { ComponentChildren } from 'preact';
import type { Failure } from '../api/http.ts';
import { connection } from '../state/live.ts';
import type { Loaded } from '../state/load.ts';
import { signInPath } from './paths.ts';

/** `height`: CSS length that the data will need, which prevents layout shifts. */
export function Loading({ what, height }: { readonly what: string; readonly height?: string | undefined }) {
  return (
    <div class="state" role="status" style={height === undefined ? undefined : { minHeight: height }}>
      <p>Loading {what} …</p>
    </div>
  );
}

export function Empty({ title, children }: { readonly title?: string; readonly children: ComponentChildren }) {
  return (
    <div class="state">
      {title !== undefined && <h2>{title}</h2>}
      {children}
    </div>
  );
}

/** The problem as reported by the server, with its fix. */
export function Failed({ failure, retry }: { readonly failure: Failure; readonly retry?: () => void }) {
  const { problem, status } = failure;
  return (
    <div class="state failed" role="alert">
      <p>
        <strong>{status === 0 ? 'The server does not respond.' : `${problem?.title ?? 'Request failed'}:`}</strong>{' '}
        {status === 0 ? 'Retrying as soon as it is back.' : failure.message}
        {problem?.path !== undefined && <> ({problem.path})</>}
      </p>
      {problem?.fix !== undefined && <p>{problem.fix}</p>}
      {status === 401 && (
        <p>
          <a href={signInPath()}>Sign in</a>
        </p>
      )}
      {retry && (
        <button type="button" onClick={retry}>
          Try again
        </button>
      )}
    </div>
  );
}

/** Whether to show a failure: the frame reports a lost connection, above data that remain. */
export const shouldShowFailure = (failure: Failure | null, hasData: boolean): failure is Failure =>
  failure !== null && !(hasData && failure.status === 0 && connection.value !== 'live');

export interface ShowProps<T> {
  readonly of: Loaded<T>;
  readonly what: string;
  readonly height?: string;
  readonly children: (data: T) => ComponentChildren;
}

/** Renders data once they are loaded; a failure appears above the data that were loaded before. */
export function Show<T>({ of: { data, failure, reload }, what, height, children }: ShowProps<T>) {
  return (
    <>
      {shouldShowFailure(failure, data !== null) && <Failed failure={failure} retry={reload} />}
      {data !== null ? children(data) : !failure && <Loading what={what} height={height} />}
    </>
  );
}
