/** A text field for specs with line numbers and marks at invalid lines. */
import type { Ref } from 'preact';
import { useState } from 'preact/hooks';
import './spec-editor.css';

export interface SpecEditorProps {
  readonly id: string;
  readonly value: string;
  readonly onChange: (text: string) => void;
  /** Invalid lines, from 1. */
  readonly marked: ReadonlySet<number>;
  /** Id of the element that lists the errors. */
  readonly describedBy: string;
  readonly field: Ref<HTMLTextAreaElement>;
}

const MIN_LINES = 18;
const MAX_LINES = 40;

export function SpecEditor({ id, value, onChange, marked, describedBy, field }: SpecEditorProps) {
  const lines = value.split('\n').length;
  const rows = Math.min(MAX_LINES, Math.max(MIN_LINES, lines + 1));
  const [top, setTop] = useState(0);
  return (
    <div class="spec-editor">
      <div class="gutter-box" aria-hidden="true">
        <div class="gutter" style={{ transform: `translateY(${-top}px)` }}>
          {Array.from({ length: lines }, (_, i) => (
            <div key={i} class={marked.has(i + 1) ? 'marked' : undefined}>
              {marked.has(i + 1) && <span class="mark">●</span>}
              {i + 1}
            </div>
          ))}
        </div>
      </div>
      <textarea
        id={id}
        ref={field}
        rows={rows}
        wrap="off"
        spellcheck={false}
        autocomplete="off"
        autocapitalize="off"
        value={value}
        aria-invalid={marked.size > 0 ? 'true' : undefined}
        aria-describedby={describedBy}
        onInput={(event) => onChange(event.currentTarget.value)}
        onScroll={(event) => setTop(event.currentTarget.scrollTop)}
      />
    </div>
  );
}
