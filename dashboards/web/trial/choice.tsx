/** One of few, as radio buttons in a row; a select where they would be too many for one. */
import { useId } from 'preact/hooks';
import { type Option, SelectField } from '../parts/page.tsx';

export interface ChoiceProps {
  readonly name: string;
  readonly label: string;
  readonly value: string;
  readonly options: readonly Option[];
  readonly onChange: (value: string) => void;
  /** Always a select, for several choices in a row. */
  readonly compact?: boolean;
}

const MOST_BUTTONS = 6;

export function Choice({ name, label, value, options, onChange, compact = false }: ChoiceProps) {
  const id = useId();
  if (options.length < 2) return null;
  if (compact || options.length > MOST_BUTTONS) return <SelectField {...{ id, label, value, options, onChange }} />;
  return (
    <fieldset class="field">
      <legend>{label}</legend>
      <div class="segmented">
        {options.map((option) => (
          <label key={option.value}>
            <input
              type="radio"
              name={`${name}-${id}`}
              value={option.value}
              checked={option.value === value}
              onChange={() => onChange(option.value)}
            />
            {option.label}
          </label>
        ))}
      </div>
    </fieldset>
  );
}
