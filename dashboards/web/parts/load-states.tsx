/** What stands in place of data: while it comes, where there is none, and when it fails. */
import type { ComponentChildren } from 'preact';
import type { Failure } from '../api/http.ts';
import { connection } from '../state/live.ts';
import type { Loaded } from '../state/load.ts';

/** `height`: what the data will need, so that nothing moves when it comes; any CSS length. */
export function Loading({ what, height }: { readonly what: string; readonly height?: string | undefined }) {
  return (
    <div class="state" role="status" style={height === undefined ? undefined : { minHeight: height }}>
      <p>Loading {what} …</p>
    </div>
  );
}

export function Empty({ children }: { readonly children: ComponentChildren }) {
  return <div class="state">{children}</div>;
}

/** The problem as the server told it, with its fix; what can be done from here. */
export function Failed({ failure, retry }: { readonly failure: Failure; readonly retry?: () => void }) {
  const { problem, status } = failure;
  return (
    <div class="state failed" role="alert">
      <p>
        <strong>{status === 0 ? 'The server does not answer.' : `${problem?.title ?? 'Something failed'}:`}</strong>{' '}
        {status === 0 ? 'It is asked again as soon as it is back.' : failure.message}
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

/** Whether a failure is worth a place on the page: that the line is lost is said by the frame, over whatever is shown already. */
export const shouldShowFailure = (failure: Failure | null, hasData: boolean): failure is Failure =>
  failure !== null && !(hasData && failure.status === 0 && connection.value !== 'live');

/** Children once there are data; a failure is shown above what was there before. */
export function Show<T>({
  of,
  what,
  height,
  children,
}: {
  readonly of: Loaded<T>;
  readonly what: string;
  readonly height?: string;
  readonly children: (data: T) => ComponentChildren;
}) {
  const { data, failure, reload } = of;
  return (
    <>
      {shouldShowFailure(failure, data !== null) && <Failed failure={failure} retry={reload} />}
      {data !== null ? children(data) : !failure && <Loading what={what} height={height} />}
    </>
  );
}
