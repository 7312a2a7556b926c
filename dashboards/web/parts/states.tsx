/** What stands in place of data: while it comes, where there is none, and when it fails. */
import type { ComponentChildren } from 'preact';
import type { Failure } from '../api/http.ts';
import type { Loaded } from '../state/load.ts';

export function Loading({ what }: { readonly what: string }) {
  return (
    <p class="state" role="status">
      Loading {what} …
    </p>
  );
}

export function Empty({ children }: { readonly children: ComponentChildren }) {
  return <div class="state">{children}</div>;
}

export function Failed({ failure, retry }: { readonly failure: Failure; readonly retry?: () => void }) {
  const { problem, status } = failure;
  return (
    <div class="state failed" role="alert">
      <p>
        <strong>{status === 0 ? 'The server does not answer.' : (problem?.title ?? 'Something failed')}</strong>{' '}
        {status !== 0 && failure.message}
        {problem?.path !== undefined && <> ({problem.path})</>}
      </p>
      {problem?.fix !== undefined && <p>{problem.fix}</p>}
      {status === 401 && (
        <p>
          <a href={`/sign-in?back=${encodeURIComponent(location.pathname + location.search)}`}>Sign in</a>
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

/** Children once there are data; a failure is shown above what was there before. */
export function Show<T>({
  of,
  what,
  children,
}: {
  readonly of: Loaded<T>;
  readonly what: string;
  readonly children: (data: T) => ComponentChildren;
}) {
  const { data, failure, reload } = of;
  return (
    <>
      {failure && <Failed failure={failure} retry={reload} />}
      {data !== null ? children(data) : !failure && <Loading what={what} />}
    </>
  );
}
