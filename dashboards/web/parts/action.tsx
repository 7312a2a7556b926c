/** Buttons and links of actions that not everybody may take. */
import type { ButtonHTMLAttributes, ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import type { Role } from '../../contract/system.ts';
import { denialReason, session } from '../state/session.ts';

interface ActionLinkProps {
  readonly href: string;
  readonly needs?: Role;
  readonly class?: string;
  readonly children: ComponentChildren;
}

/** A link to where something is done that not everybody may do; for those who may not, a button that says why. */
export function ActionLink({ href, needs = 'submit', class: name = '', children }: ActionLinkProps) {
  if (denialReason(session.value, needs) === null)
    return (
      <a class={`button ${name}`} href={href}>
        {children}
      </a>
    );
  return (
    <Action needs={needs} class={name} onClick={() => {}}>
      {children}
    </Action>
  );
}

type ActionProps = Omit<ButtonHTMLAttributes, 'type' | 'disabled' | 'onClick'> & {
  readonly needs?: Role;
  /** Why it cannot be done now, beside a role that is too small; null where it can. */
  readonly because?: string | null;
  readonly onClick: () => void;
};

/**
 * A button that says why it cannot be pressed. It stays in reach of the keyboard then (`aria-disabled`): a reason that nobody can get at is none.
 * `needs`: the smallest role that may; where the session's is smaller, the button is off.
 */
export function Action({ needs = 'submit', because = null, onClick, children, ...rest }: ActionProps) {
  const id = useId();
  const reason = denialReason(session.value, needs) ?? because;
  return (
    <>
      <button
        {...rest}
        type="button"
        aria-disabled={reason !== null ? 'true' : undefined}
        aria-describedby={reason !== null ? id : undefined}
        title={reason ?? undefined}
        onClick={() => reason === null && onClick()}
      >
        {children}
      </button>
      {reason !== null && (
        <span id={id} class="unseen">
          {reason}
        </span>
      )}
    </>
  );
}
