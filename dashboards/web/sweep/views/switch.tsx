/** A segmented control: one of a few options. */
export interface SwitchProps<T extends string> {
  readonly label: string;
  readonly value: T;
  /** Labels by value. */
  readonly options: Readonly<Record<T, string>>;
  /** Why an option is not available now. */
  readonly off?: Partial<Readonly<Record<T, string>>>;
  readonly onChange: (value: T) => void;
}

export function Switch<T extends string>({ label, value, options, off = {}, onChange }: SwitchProps<T>) {
  return (
    <fieldset class="field">
      <legend>{label}</legend>
      <div class="segmented">
        {(Object.entries(options) as [T, string][]).map(([option, text]) => {
          const because = off[option];
          return (
            <button
              key={option}
              type="button"
              aria-pressed={option === value}
              aria-disabled={because === undefined ? undefined : 'true'}
              title={because}
              onClick={() => because === undefined && onChange(option)}
            >
              {text}
              {because !== undefined && <span class="unseen">: {because}</span>}
            </button>
          );
        })}
      </div>
    </fieldset>
  );
}
