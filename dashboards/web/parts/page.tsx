/** Shared by all pages: heads, sections, fields, and lists that are loaded page by page. */
import type { ComponentChildren, InputHTMLAttributes } from 'preact';
import { useDebouncedText } from '../state/debounce.ts';
import type { PagedList } from '../state/paged-list.ts';
import { formatCount, pluralise } from './format.ts';
import { PageTitle } from './frame.tsx';
import { Failed, Loading, Show, type ShowProps, shouldShowFailure } from './load-states.tsx';

/** A page whose data are loaded: `title` is its heading until they arrive with their own. */
export function LoadedPage<T>({ title, ...show }: ShowProps<T> & { readonly title: string }) {
  return (
    <>
      {show.of.data === null && <PageTitle>{title}</PageTitle>}
      <Show {...show} />
    </>
  );
}

/** Names of the pages above one by their paths, outermost first. The page itself is its heading. */
type Crumbs = Readonly<Record<string, string>>;

export function Breadcrumbs({ of }: { readonly of: Crumbs }) {
  return (
    <nav class="crumbs" aria-label="Breadcrumb">
      <ol>
        {Object.entries(of).map(([path, name]) => (
          <li key={path}>
            <a href={path}>{name}</a>
          </li>
        ))}
      </ol>
    </nav>
  );
}

interface PageHeadProps {
  readonly crumbs?: Crumbs;
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

export interface Option {
  readonly value: string;
  readonly label: string;
}

/** The option of a filter that lets all pass. */
export const ALL: Option = { value: '', label: 'All' };

/** Returns an option for each name. */
export const optionsOf = (names: Iterable<string>, labelOf = (name: string) => name): Option[] =>
  Array.from(names, (value) => ({ value, label: labelOf(value) }));

interface SelectFieldProps {
  readonly id: string;
  readonly label: string;
  readonly value: string;
  readonly options: readonly Option[];
  readonly onChange: (value: string) => void;
}

export function SelectField({ id, label, value, options, onChange }: SelectFieldProps) {
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select id={id} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
    </div>
  );
}

type DebouncedInputProps = InputHTMLAttributes & {
  readonly value: string;
  readonly onText: (text: string) => void;
  readonly milliseconds: number;
};

/** An input that reports its text once typing has paused for so long. */
export function DebouncedInput({ value, onText, milliseconds, ...attributes }: DebouncedInputProps) {
  const [text, setText] = useDebouncedText(value, onText, milliseconds);
  return <input {...attributes} value={text} onInput={(event) => setText(event.currentTarget.value)} />;
}
