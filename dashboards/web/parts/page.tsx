/** Shared by all pages: heads, sections, filters, and lists that are loaded page by page. */
import type { ComponentChildren } from 'preact';
import type { PagedList } from '../state/paged-list.ts';
import { Breadcrumbs } from './breadcrumbs.tsx';
import { formatCount, pluralise } from './format.ts';
import { PageTitle } from './frame.tsx';
import { Failed, Loading, shouldShowFailure } from './load-states.tsx';

interface PageHeadProps {
  readonly crumbs?: readonly (readonly [path: string, name: string])[];
  readonly title: ComponentChildren;
  /** Title of the window, if `title` is not plain text. */
  readonly window?: string;
  readonly actions?: ComponentChildren;
  /** Below the heading. */
  readonly children?: ComponentChildren;
}

export function PageHead({ crumbs, title, window, actions, children }: PageHeadProps) {
  return (
    <div class="page-head">
      <div>
        {crumbs && <Breadcrumbs of={crumbs} />}
        <PageTitle {...(window !== undefined && { window })}>{title}</PageTitle>
        {children}
      </div>
      {actions}
    </div>
  );
}

interface SectionProps {
  /** The id of the heading, which labels tables inside. */
  readonly id: string;
  readonly title: ComponentChildren;
  readonly isCard?: boolean;
  readonly children: ComponentChildren;
}

export function Section({ id, title, isCard = false, children }: SectionProps) {
  return (
    <section class={isCard ? 'card' : undefined}>
      <h2 id={id}>{title}</h2>
      {children}
    </section>
  );
}

interface ListedProps<T> {
  readonly list: PagedList<T>;
  /** Singular. */
  readonly noun: string;
  readonly height: string;
  readonly empty: ComponentChildren;
  readonly children: (items: readonly T[]) => ComponentChildren;
}

/** A paged list with its loading, failed and empty states. */
export function Listed<T>({ list, noun, height, empty, children }: ListedProps<T>) {
  const { items, failure, matched, total, hasMore, loading } = list;
  return (
    <>
      {shouldShowFailure(failure, items !== null) && <Failed failure={failure} retry={list.reload} />}
      {items === null && !failure && <Loading what={`${noun}s`} height={height} />}
      {items?.length === 0 && empty}
      {items !== null && items.length > 0 && (
        <>
          {children(items)}
          <div class="pager">
            <span role="status">
              {formatCount(items.length)} of {pluralise(matched, noun)}
              {matched < total && ` (${formatCount(total)} without the filter)`}
            </span>
            {hasMore && (
              <button type="button" disabled={loading} onClick={list.loadMore}>
                Show more
              </button>
            )}
          </div>
        </>
      )}
    </>
  );
}

interface SelectFieldProps {
  readonly id: string;
  readonly label: string;
  readonly value: string;
  readonly options: Iterable<string>;
  readonly onChange: (value: string) => void;
}

/** A labelled select; the empty value selects all options. */
export function SelectField({ id, label, value, options, onChange }: SelectFieldProps) {
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select id={id} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        <option value="">All</option>
        {[...options].map((one) => (
          <option key={one} value={one}>
            {one}
          </option>
        ))}
      </select>
    </div>
  );
}
